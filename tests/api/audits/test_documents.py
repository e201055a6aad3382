from collections.abc import Callable
from pathlib import Path
from string import Formatter

import pytest

from api.audits.documents import basis_text, documents, finding_text, rule_document
from api.messages import LANGUAGES, Language, catalogue
from inventory.audits.baseline import Compared
from inventory.audits.registry import COMPUTED
from inventory.audits.rules import rules
from inventory.audits.service import Audited

INTRODUCTION = (
    "Made from `inventory/audits/rules`; a test holds both together. *To be verified* is what nobody has compared with"
    " the text yet, *product's proposal* what no text asks for. [audits.md](audits.md) says how to audit."
)
DOCS = Path(__file__).parents[3] / "docs"
ALL = [rule for some in rules().values() for rule in some]


def test_every_rule_has_words_for_what_its_findings_show() -> None:
    for rule in ALL:
        message = catalogue("en").get(f"audit.{rule.id}")
        if message is None:
            # Then its title says it all.
            assert not rule.show, rule.id
            continue
        said = {name for _, name, _, _ in Formatter().parse(message) if name}
        if rule.declared:
            made = {"value", "number", "others"} if rule.same else {*rule.show, *({"other"} if rule.each else ())}
            assert said <= made, rule.id


def test_every_word_for_a_rule_is_of_one_that_there_is() -> None:
    known = {f"audit.{rule.id}" for rule in ALL}
    audits = tuple(f"audit.{name}." for name in rules())
    assert {code for code in catalogue("en") if code.startswith(audits)} <= known


def test_what_no_text_asks_for_says_so_and_what_nobody_compared_as_well() -> None:
    for language in LANGUAGES:
        for rule in ALL:
            told = basis_text(rule, language)
            if rule.origin == "proposal":
                assert told == catalogue(language)["audit.origin.proposal"]
            else:
                assert told.endswith(f"[{catalogue(language)['audit.unverified']}]") != rule.verified, rule.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_finding_shows_a_code_a_name_in_braces_or_nothing(language: Language, found: Audited) -> None:
    by_rule = {outcome.rule.id: outcome.rule for outcome in found.outcomes}
    for finding in found.findings:
        text = finding_text(finding, by_rule[finding.basis], language)
        assert text
        assert "<" not in text.replace("<script>", "")
        assert "None" not in text
        assert "own_room" not in text


def test_choices_and_fields_are_said_in_the_language(found: Audited) -> None:
    texts = {
        (one["code"], language): one["text"]
        for language in LANGUAGES
        for one in documents(found, None, language)
        if one["kind"] == "finding" and one["key"] in {"S1", ""}
    }
    assert texts["audit.cloud.off-cloud", "zh"] == "部署方式：自建机房；上云阶段：已迁移"
    assert texts["audit.cloud.off-cloud", "en"] == "hosting: own machine room; stage: migrated"
    assert texts["audit.cloud.plan-capacity", "en"] == "storage: 0 registered, planned 1000"
    assert texts["audit.cloud.stage-gate", "zh"] == "阶段“已迁移”缺：云租户"


def test_an_audit_as_documents_tells_rules_figures_findings_and_what_is_gone(found: Audited) -> None:
    first = found.findings[0]
    compared = Compared(
        frozenset(), frozenset({first.id}), [{"kind": "finding", "id": "x", "basis": "mlps.ungraded", "key": "S0"}]
    )
    told = list(documents(found, compared, "en"))
    assert [one["kind"] for one in told] == sorted(
        (one["kind"] for one in told), key=["audit", "rule", "figure", "finding", "gone"].index
    )
    head = told[0]
    assert (head["day"], head["scope"], head["findings"]) == ("2026-09-30", "city", len(found.findings))
    assert head["compared"] == {"new": 0, "still": 1, "gone": 1}
    finding = next(one for one in told if one["kind"] == "finding")
    assert (finding["id"], finding["change"]) == (first.id, "still")
    assert finding["article"].startswith("Cybersecurity Law")
    assert told[-1]["key"] == "S0"


def test_figures_write_the_denominator(found: Audited) -> None:
    (rate,) = [one["text"] for one in documents(found, None, "en") if one.get("code") == "audit.figure.rate"]
    assert rate.startswith("0.0 % on a cloud: 0 of 2, target 90 %. Denominator: running systems")


def test_the_page_of_rules_is_as_the_rules(golden: Callable[[Path, str], None]) -> None:
    lines = ["# The rules of the audits", "", INTRODUCTION]
    for audit, some in rules().items():
        english, chinese = (catalogue(language)[f"audit.name.{audit}"] for language in ("en", "zh"))
        lines += ["", f"## {audit}: {english} ({chinese})"]
        for rule in some:
            told = rule_document(rule, "en")
            kind = "computed" if rule.id in COMPUTED else "declared"
            numbers = f" Parameters: `{told['parameters']}`." if told["parameters"] else ""
            lines += [
                "", f"### {rule.id}", "",
                f"{rule.title.en} · {rule.title.zh} · {rule.severity} · {kind} · from {rule.valid_from}", "",
                f"{told['origin_text']}: {rule.source.en}, {rule.article.en} · {rule.source.zh}，{rule.article.zh}"
                + ("" if rule.verified else " · *to be verified*"), "",
                f"{rule.remedy.en} · {rule.remedy.zh}.{numbers}",
            ]  # fmt: skip
    golden(DOCS / "audit-rules.md", "\n".join(lines) + "\n")
