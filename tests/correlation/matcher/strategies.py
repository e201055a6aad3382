"""Random rules and random events over one small vocabulary, so that they meet often."""

from typing import Any

from hypothesis import strategies as st

FIELDS = ("A", "B", "c d", "e.f", "e.g.h", "e")
WORDS = (
    "",
    "a",
    "A",
    "ab",
    "aB",
    "cmd.exe",
    "CMD",
    "\\",
    "\\cmd.exe",
    "x*y",
    "a?b",
    "46",
    "4688",
    "1",
    "1.0",
    "true",
    "null",
    "é",
    "É",
    "ǅ",
    "İ",
    "ı",
    "K",
    "ſ",
    "ß",
    "ẞ",
    "中文",
    "a\nb",
    "\n",
    " ",
    "-a",
    "/a",
    "–a",
    "10.1.2.3",
    "10.0.0.0",
    "fe80::1",
    "::ffff:10.9.9.9",
    "2025-12-01T09:30:00Z",
    "1764590400",
    "\0",
    "🙂",
    "σς",
)
PATTERNS = (
    "*",
    "?",
    "??",
    "a*",
    "*a",
    "*b*",
    "a?b",
    "*a*b*",
    "\\*",
    "a\\*b",
    "\\\\*",
    "\\\\?",
    "*.exe",
    "c?d.*",
    "4?88",
    "*\n*",
    "**",
    "?*",
    "k*",
    "*É*",
    "*ss*",
    "i?",
    "i*",
)
REGEXES = (
    "a",
    "^a",
    "a$",
    "a.b",
    "[^a]",
    "^46",
    "\\d+",
    "\\w",
    "\\W",
    "k",
    "[i-k]",
    "(?i)k",
    "a|b",
    "(a|b)\\1",
    "(?=a)a",
    "(?!a)b",
    "\\bcmd",
    "x*y",
    "é",
    "[é-ü]",
    "^$",
    "\\s",
    "..",
    "(?:ab){1,2}",
    "a{,2}b",
    "[^\\x00-\\x7f]",
    ".{3,40}",
    "s",
    "(?s:a.b)",
    "\\.exe$",
    "(?>a+)b",
    "(a)?(?(1)b|c)",
    "[^k]",
    "\\u212a",
)
scalars = st.one_of(
    st.sampled_from(WORDS),
    st.none(),
    st.booleans(),
    st.integers(-2, 5000),
    st.sampled_from([1.0, 1.5, 46.0, 1e20]),
    st.text(alphabet="aAbB\\*?é \n4", max_size=6),
)
values = st.recursive(
    scalars,
    lambda below: st.one_of(
        st.lists(below, max_size=3),
        st.dictionaries(st.sampled_from(["f", "g", "h", "g.h"]), below, max_size=2),
    ),
    max_leaves=4,
)
events: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    st.sampled_from((*FIELDS, "other", "e.g")),
    values,
    min_size=1,
    max_size=5,
)

texts = st.one_of(st.sampled_from(WORDS), st.sampled_from(PATTERNS))
plain = st.one_of(texts, st.integers(-2, 5000), st.booleans(), st.just(1.5))


def _listed(one: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(one, st.lists(one, min_size=1, max_size=3))


_items = st.one_of(
    st.tuples(st.sampled_from(["", "|neq"]), _listed(st.one_of(plain, st.none()))),
    st.tuples(
        st.sampled_from(
            [
                "|contains",
                "|startswith",
                "|endswith",
                "|contains|all",
                "|contains|cased",
                "|cased",
                "|startswith|cased",
                "|endswith|cased",
                "|contains|windash",
            ]
        ),
        _listed(texts),
    ),
    st.tuples(st.sampled_from(["|re", "|re|i", "|re|m", "|re|s", "|re|i|s"]), _listed(st.sampled_from(REGEXES))),
    st.tuples(
        st.just("|cidr"),
        _listed(st.sampled_from(["10.0.0.0/8", "10.1.0.0/16", "fe80::/10", "::/0", "0.0.0.0/0"])),
    ),
    st.tuples(st.sampled_from(["|gt", "|gte", "|lt", "|lte"]), st.sampled_from([0, 1, 46, 4688, 1.5])),
    st.tuples(
        st.sampled_from(["|hour", "|month", "|minute", "|year", "|day", "|week"]),
        st.sampled_from([9, 12, 30, 2025, 1, 49]),
    ),
    st.tuples(st.just("|exists"), st.booleans()),
    st.tuples(
        st.sampled_from(["|fieldref", "|fieldref|startswith", "|fieldref|endswith", "|fieldref|contains"]),
        st.sampled_from(FIELDS),
    ),
)
_maps = st.dictionaries(st.sampled_from(FIELDS), _items, min_size=1, max_size=3).map(
    lambda chosen: {name + item[0]: item[1] for name, item in chosen.items()},
)
_keywords = st.one_of(
    st.lists(st.one_of(texts, st.integers(0, 50)), min_size=1, max_size=3),
    st.lists(texts, min_size=1, max_size=3).map(lambda words: {"|all": words}),
    st.sampled_from(REGEXES).map(lambda pattern: {"|re": pattern}),
)
selections = st.one_of(_maps, st.lists(_maps, min_size=1, max_size=2), _keywords)
conditions = st.sampled_from(
    [
        "one",
        "not one",
        "one and two",
        "one or two",
        "one and not two",
        "not (one or two)",
        "1 of them",
        "all of them",
        "not one or not two",
        "one or (two and not one)",
    ]
)
detections = st.tuples(selections, selections, conditions).map(
    lambda parts: {"one": parts[0], "two": parts[1], "condition": parts[2]},
)
