from inventory.vulnerabilities.identifying import MOST_VENDORS, Installation, identified
from inventory.vulnerabilities.products import products


def test_an_own_name_of_cpe_counts_first_and_brings_its_other_names() -> None:
    known = identified(Installation("a", "Tomcat", "1", cpe="cpe:/a:mysql:mysql:8.0.30"), products(), {})
    assert known.products[0] == ("a", "mysql", "mysql")
    assert ("a", "oracle", "mysql") in known.products
    assert (known.version, known.doubts, known.cpe is not None) == ("8.0.30", (), True)


def test_the_version_is_the_inventorys_where_the_name_of_cpe_has_none() -> None:
    assert identified(Installation("a", "x", "7", cpe="cpe:/a:x:y"), products(), {}).version == "7"
    assert identified(Installation("a", "x", "7", cpe="cpe:2.3:a:x:y:-:*:*:*:*:*:*:*"), products(), {}).version == "7"


def test_guesses_are_marked_and_bounded() -> None:
    vendors = {"portal": frozenset(f"v{n:03}" for n in range(100)) | {"city"}}
    guessed = identified(Installation("a", "Portal", "1", "City"), products(), vendors)
    assert (guessed.products, guessed.doubts) == ((("*", "city", "portal"),), ("product-guessed",))
    of_many = identified(Installation("a", "Portal 2.5.1"), products(), vendors)
    assert (len(of_many.products), of_many.version, of_many.doubts) == (MOST_VENDORS, "2.5.1", ("vendor-unknown",))
    assert identified(Installation("a", "nobody's"), products(), vendors).products == ()
