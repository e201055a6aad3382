"""`hanwatch audit rules`: every rule of the audits with the text that asks for it."""

from api.audits.documents import basis_text, rule_document, word
from cli.options import JsonOption
from cli.output import json_line, language, table, tell
from inventory.audits.rules import rules


def list_rules(as_json: JsonOption = False) -> None:
    """List all rules with their articles."""
    all_rules = [rule for some in rules().values() for rule in some]
    if as_json:
        for rule in all_rules:
            json_line(rule_document(rule, language))
        return
    table(
        tuple(tell(f"audit.column.{name}") for name in ("check", "severity", "title", "article", "verified")),
        (
            (
                rule.id,
                tell(f"audit.severity.{rule.severity}"),
                word(rule.title, language),
                basis_text(rule, language),
                tell("audit.verified" if rule.verified else "audit.unverified"),
            )
            for rule in all_rules
        ),
        fold=(2, 3),
    )
