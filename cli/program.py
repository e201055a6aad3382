"""The `hanwatch` command: global options, the list of commands, and how an error ends a run."""

import sys
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Final

import typer

from cli.doors import Door, entrance, group
from cli.misuse import explain_misuse
from cli.options import Invocation
from cli.output import FAILED, WRONG_USE, complain, err, stdout, tell
from cli.stdout import ReaderGoneError
from sensors.errors import Problem

READER_GONE: Final = 141
"""As shells count an end by SIGPIPE."""

WRONG_USE_CODES: Final = frozenset(
    {
        "audit-baseline",
        "audit-output",
        "audit-scope",
        "audit-scope-unknown",
        "bench-unknown",
        "capture-filter-unusable",
        "capture-nothing",
        "context-none",
        "context-space-not-known",
        "data-missing",
        "day-unusable",
        "evaluation-weights-unusable",
        "feed-nothing",
        "feeds-never",
        "foreign-format-unknown",
        "foreign-token",
        "format-not-named",
        "incident-change",
        "incident-policy",
        "indicator-option",
        "indicator-unknown",
        "ipv6-authorities-unusable",
        "ipv6-no-resolver",
        "ipv6-no-sites",
        "ipv6-profile-unknown",
        "ipv6-resolver-unusable",
        "ipv6-site-unusable",
        "listener-certificate",
        "listener-tokens",
        "listener-twice",
        "moment-unusable",
        "no-day",
        "notify-authorities",
        "notify-channel-unknown",
        "notify-nothing",
        "notify-secret",
        "notify-template",
        "packets-hosts-unusable",
        "plan-unknown",
        "plan-unusable",
        "posture-policy",
        "posture-scope",
        "record-not-then",
        "record-not-unique",
        "record-unknown",
        "register-field-unknown",
        "registers-not-empty",
        "register-unknown",
        "register-value",
        "query-field-not-sortable",
        "query-syntax",
        "query-too-long",
        "query-unsupported",
        "query-value",
        "query-wildcard",
        "rule-not-found",
        "rule-not-plain",
        "rule-not-unique",
        "rules-elsewhere",
        "rules-none",
        "run-as-user",
        "samples-none",
        "setting-unknown",
        "settings-unusable",
        "sort-unusable",
        "vulnerability-format-unknown",
        "vulnerability-not-unique",
        "vulnerability-unknown",
        "watch-nothing",
    }
)
"""Problems with what was said, not with what was done: to run the same again is useless."""


def _version(wanted: bool) -> None:
    if wanted:
        # Loaded here alone, as commands are: reading the metadata of packages takes a while.
        stdout.write(f"hanwatch {import_module('cli.version').version()}\n")
        raise typer.Exit


def options(
    context: typer.Context,
    data: Annotated[
        Path | None, typer.Option("--data", metavar="DIR", envvar="HANWATCH_DATA", help=tell("cli.option.data"))
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option("--config", metavar="FILE", envvar="HANWATCH_CONFIG", help=tell("cli.option.config")),
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help=tell("cli.option.verbose"))] = False,
    under: Annotated[int | None, typer.Option("--under", metavar="PID", hidden=True)] = None,
    _: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_version, help=tell("cli.option.version"))
    ] = False,
) -> None:
    """Options that every command takes; `--data` may also stand after the command."""
    if under is not None:
        # A role of `hanwatch run`; nothing else needs this.
        import_module("cli.parent").end_with(under)
    context.obj = Invocation(data=data, config=config, verbose=verbose)


app = entrance(
    "hanwatch",
    "cli",
    options,
    # In the order in which a newcomer needs them; the page of help keeps it.
    (
        Door("run", "cli.run", "cli.commands.run:run"),
        Door("ingest", "cli.ingest", "cli.commands.ingest:ingest"),
        Door("capture", "cli.capture", "cli.commands.capture:capture"),
        Door("search", "cli.search", "cli.commands.search:search"),
        Door("hunt", "cli.hunt", "cli.commands.hunt:hunt"),
        group(
            "alerts",
            "cli.alerts",
            (
                Door("list", "cli.alerts.list", "cli.commands.alerts:list_alerts"),
                Door("show", "cli.alerts.show", "cli.commands.alerts_show:show"),
            ),
        ),
        group(
            "incidents",
            "cli.incidents",
            (
                Door("list", "cli.incidents.list", "cli.commands.incidents:list_incidents"),
                Door("show", "cli.incidents.show", "cli.commands.incidents_show:show"),
                Door("assign", "cli.incidents.assign", "cli.commands.incidents_change:assign"),
                Door("state", "cli.incidents.state", "cli.commands.incidents_change:state"),
                Door("note", "cli.incidents.note", "cli.commands.incidents_change:write_note"),
                Door("undo", "cli.incidents.undo", "cli.commands.incidents_change:undo"),
                Door("grade", "cli.incidents.grade", "cli.commands.incidents_grade:grade"),
                group(
                    "windows",
                    "cli.incidents.windows",
                    (
                        Door("list", "cli.incidents.windows.list", "cli.commands.incidents_windows:list_windows"),
                        Door("add", "cli.incidents.windows.add", "cli.commands.incidents_windows:add"),
                        Door("end", "cli.incidents.windows.end", "cli.commands.incidents_windows:end"),
                    ),
                ),
            ),
        ),
        group(
            "posture",
            "cli.posture",
            (
                Door("show", "cli.posture.show", "cli.commands.posture:show"),
                Door("explain", "cli.posture.explain", "cli.commands.posture:explain"),
                Door("record", "cli.posture.record", "cli.commands.posture_record:record"),
                Door("history", "cli.posture.history", "cli.commands.posture_record:history"),
                Door("verify", "cli.posture.verify", "cli.commands.posture_record:verify"),
            ),
            usual="show",
        ),
        group(
            "inventory",
            "cli.inventory",
            (
                Door("registers", "cli.inventory.registers", "cli.commands.inventory:registers_"),
                Door("import", "cli.inventory.import", "cli.commands.inventory_import:import_table"),
                Door("foreign", "cli.inventory.foreign", "cli.commands.inventory_foreign:foreign"),
                Door("template", "cli.inventory.template", "cli.commands.inventory_export:template"),
                Door("export", "cli.inventory.export", "cli.commands.inventory_export:export"),
                Door("list", "cli.inventory.list", "cli.commands.inventory:list_records"),
                Door("show", "cli.inventory.show", "cli.commands.inventory:show"),
                Door("history", "cli.inventory.history", "cli.commands.inventory:history"),
                Door("set", "cli.inventory.set", "cli.commands.inventory_change:set_values"),
                Door("lock", "cli.inventory.lock", "cli.commands.inventory_change:lock"),
                Door("unlock", "cli.inventory.unlock", "cli.commands.inventory_change:unlock"),
                Door("end", "cli.inventory.end", "cli.commands.inventory_change:end"),
                Door("observed", "cli.inventory.observed", "cli.commands.inventory_observed:observed"),
                Door("watch", "cli.inventory.watch", "cli.commands.inventory_watch:watch"),
                Door("sample", "cli.inventory.sample", "cli.commands.inventory_sample:sample"),
            ),
            usual="registers",
        ),
        group(
            "vulnerabilities",
            "cli.vulnerabilities",
            (
                Door("import", "cli.vulnerabilities.import", "cli.commands.vulnerabilities_import:import_files"),
                Door("list", "cli.vulnerabilities.list", "cli.commands.vulnerabilities:list_standings"),
                Door("show", "cli.vulnerabilities.show", "cli.commands.vulnerabilities_show:show"),
                Door("assign", "cli.vulnerabilities.assign", "cli.commands.vulnerabilities_show:assign"),
                Door("exposure", "cli.vulnerabilities.exposure", "cli.commands.vulnerabilities:exposure"),
            ),
            usual="list",
        ),
        group(
            "indicators",
            "cli.indicators",
            (
                Door("show", "cli.indicators.show", "cli.commands.indicators:show"),
                Door("evaluate", "cli.indicators.evaluate", "cli.commands.indicators_evaluate:evaluate_year"),
                Door("pack", "cli.indicators.pack", "cli.commands.indicators_evidence:write_pack"),
                Door("verify", "cli.indicators.verify", "cli.commands.indicators_evidence:verify_pack"),
            ),
            usual="show",
        ),
        group(
            "audit",
            "cli.audit",
            (
                Door("all", "cli.audit.all", "cli.commands.audit:all_audits"),
                Door("mlps", "cli.audit.mlps", "cli.commands.audit:mlps"),
                Door("crypto", "cli.audit.crypto", "cli.commands.audit:crypto"),
                Door("cii", "cli.audit.cii", "cli.commands.audit:cii"),
                Door("data", "cli.audit.data", "cli.commands.audit:data"),
                Door("cloud", "cli.audit.cloud", "cli.commands.audit:cloud"),
                Door("networks", "cli.audit.networks", "cli.commands.audit:networks"),
                Door("iot", "cli.audit.iot", "cli.commands.audit:iot"),
                Door("exposure", "cli.audit.exposure", "cli.commands.audit:exposure"),
                Door("contradictions", "cli.audit.contradictions", "cli.commands.audit:contradictions"),
                Door("ipv6", "cli.audit.ipv6", "cli.commands.audit_ipv6:audit_ipv6"),
                Door("rules", "cli.audit.rules", "cli.commands.audit_rules:list_rules"),
            ),
        ),
        group(
            "parsers",
            "cli.parsers",
            (
                Door("test", "cli.parsers.test", "cli.commands.parsers_try:try_samples"),
                Door("list", "cli.parsers.list", "cli.commands.parsers:list_parsers"),
                Door("show", "cli.parsers.show", "cli.commands.parsers:show"),
            ),
        ),
        group(
            "rules",
            "cli.rules",
            (
                Door("check", "cli.rules.check", "cli.commands.rules:check"),
                Door("list", "cli.rules.list", "cli.commands.rules:list_rules"),
                Door("show", "cli.rules.show", "cli.commands.rules_show:show"),
                Door("test", "cli.rules.test", "cli.commands.rules_try:try_rules"),
                Door("match", "cli.rules.match", "cli.commands.rules_match:match"),
                Door("explain", "cli.rules.explain", "cli.commands.rules_explain:explain_rule"),
                Door("bench", "cli.rules.bench", "cli.commands.rules_bench:bench_rules"),
                Door("reload", "cli.rules.reload", "cli.commands.rules_reload:reload"),
                Door("coverage", "cli.rules.coverage", "cli.commands.rules_coverage:coverage"),
                Door("import", "cli.rules.import", "cli.commands.rules_import:import_rules"),
                group(
                    "exceptions",
                    "cli.rules.exceptions",
                    (
                        Door("list", "cli.rules.exceptions.list", "cli.commands.rules_exceptions:list_exceptions"),
                        Door("check", "cli.rules.exceptions.check", "cli.commands.rules_exceptions:check"),
                    ),
                ),
            ),
        ),
        group(
            "context",
            "cli.context",
            (
                Door("check", "cli.context.check", "cli.commands.context:check"),
                Door("show", "cli.context.show", "cli.commands.context:show"),
            ),
        ),
        group(
            "intelligence",
            "cli.intelligence",
            (
                Door("import", "cli.intelligence.import", "cli.commands.intelligence_import:import_feeds"),
                Door("run", "cli.intelligence.run", "cli.commands.intelligence_run:run"),
                Door("feeds", "cli.intelligence.feeds", "cli.commands.intelligence_feeds:feeds"),
                Door("list", "cli.intelligence.list", "cli.commands.intelligence:list_indicators"),
                Door("check", "cli.intelligence.check", "cli.commands.intelligence:check_value"),
                Door("expire", "cli.intelligence.expire", "cli.commands.intelligence:expire"),
            ),
        ),
        Door("detectors", "cli.detectors", "cli.commands.detectors:list_detectors"),
        group(
            "notify",
            "cli.notify",
            (
                Door("check", "cli.notify.check", "cli.commands.notify_check:check_settings"),
                Door("test", "cli.notify.test", "cli.commands.notify_check:try_channel"),
                Door("list", "cli.notify.list", "cli.commands.notify:list_messages"),
                Door("retry", "cli.notify.retry", "cli.commands.notify:retry"),
                Door("run", "cli.notify.run", "cli.commands.notify_run:run"),
            ),
        ),
        Door("sources", "cli.sources", "cli.commands.sources:sources"),
        group(
            "packets",
            "cli.packets",
            (
                Door("list", "cli.packets.list", "cli.commands.packets:list_segments"),
                Door("export", "cli.packets.export", "cli.commands.packets:export"),
                Door("dissect", "cli.packets.dissect", "cli.commands.packets:dissect"),
            ),
        ),
        Door("ledger", "cli.ledger", "cli.commands.ledger:ledger"),
        group(
            "quarantine",
            "cli.quarantine",
            (
                Door("list", "cli.quarantine.list", "cli.commands.quarantine:list_entries"),
                Door("show", "cli.quarantine.show", "cli.commands.quarantine:show"),
                Door("replay", "cli.quarantine.replay", "cli.commands.quarantine_replay:replay"),
            ),
        ),
        Door("doctor", "cli.doctor", "cli.commands.doctor:doctor"),
        Door("bench", "cli.bench", "cli.commands.bench:bench"),
        Door("sensor", "cli.sensor", "cli.commands.sensor:sensor"),
        Door("correlate", "cli.correlate", "cli.commands.correlate:correlate"),
        Door("serve", "cli.serve", "cli.commands.serve:serve"),
    ),
)


def run() -> int:
    """Run the command; a `Problem` becomes a sentence and an exit code."""
    if isinstance(sys.stdout, TextIOWrapper):
        # A character that the terminal's encoding does not have is shown escaped, whatever it is.
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        status = app.main(prog_name="hanwatch", standalone_mode=False)
        stdout.flush()
    except typer.TyperException as misuse:
        if said := explain_misuse(misuse):
            err.print(said, markup=False)
        return WRONG_USE
    except Problem as problem:
        complain(problem)
        return WRONG_USE if problem.code in WRONG_USE_CODES else FAILED
    except ReaderGoneError:
        return READER_GONE
    return status if isinstance(status, int) else 0
