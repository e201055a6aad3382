import pytest

from inventory.vulnerabilities.cpe import Cpe, parse
from inventory.vulnerabilities.errors import VulnerabilityTableUnusable
from inventory.vulnerabilities.products import apart, guessed, products, products_of, spelled


@pytest.mark.parametrize(
    ("name", "product"),
    [
        ("Apache HTTP Server", "http_server"), ("httpd", "http_server"), ("APACHE2", "http_server"),
        ("Apache HTTP Server (x64)", "http_server"), ("ｎｇｉｎｘ", "nginx"), ("mysql-community-server", "mysql"),
        ("MySQL 数据库", "mysql"), ("Microsoft Windows Server 2019 Datacenter", "windows_server_2019"),
        ("Windows Server 2012 R2 标准版", "windows_server_2012"), ("华为 S5700", "s5700_firmware"),
        ("用友 KSOA", "ksoa"), ("致远A6", "a6"), ("泛微OA", "e-cology"), ("泛微 e-cology", "e-cology"),
    ],
)  # fmt: skip
def test_names_of_inventories_mean_products(name: str, product: str) -> None:
    assert products().meant(name)[0][2] == product


def test_a_vendor_may_stand_before_and_unknown_names_mean_nothing() -> None:
    assert products().meant("Tomcat", "Apache")[0][2] == "tomcat"
    assert products().meant("Tomcat", "Apache Software Foundation")[0][2] == "tomcat"
    assert products().meant("no such thing") == ()
    assert products().meant("") == ()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("nginx/1.18.0", ("nginx", "1.18.0")), ("Apache HTTP Server 2.4.57 (Unix)", ("Apache HTTP Server", "2.4.57")),
        ("Huawei S5700 V200R019C10SPC500", ("Huawei S5700", "V200R019C10SPC500")),
        ("Windows Server 2019", ("Windows Server 2019", "")), ("a " * 9_000, (("a " * 9_000).strip(), "")),
    ],
)  # fmt: skip
def test_a_version_may_stand_at_the_end_of_a_name(name: str, expected: tuple[str, str]) -> None:
    assert apart(name) == expected


def test_every_name_of_the_table_leads_to_one_product_and_each_product_can_be_spelled() -> None:
    seen: dict[str, object] = {}
    for name, meant in products().by_name.items():
        assert name == spelled(name)
        assert seen.setdefault(name, meant) == meant
        for part, vendor, product in meant:
            assert parse(str(Cpe(part, vendor, product))).product == product


def test_a_sites_table_counts_before_ours_and_a_wrong_one_is_told() -> None:
    mine = {"products": [{"cpe": [["a", "city", "portal"]], "names": ["nginx"]}]}
    ours = {"products": [{"cpe": [["a", "f5", "nginx"]], "names": ["nginx"]}]}
    assert products_of([mine, ours], "x").meant("NGINX") == (("a", "city", "portal"),)
    for wrong in ({"products": [{"cpe": [["a"]], "names": ["x"]}]}, {"products": [7]}, [], None):
        with pytest.raises(VulnerabilityTableUnusable):
            products_of([wrong], "x")


def test_a_guess_is_spelled_as_the_dictionary_would() -> None:
    assert guessed("E-Mobile 7", "Weaver Inc.") == ("weaver_inc.", "e-mobile_7")
