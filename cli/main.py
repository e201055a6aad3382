"""The `hanwatch` command: global options, the list of commands, and how an error ends a run."""

import sys
from pathlib import Path
from typing import Annotated

import structlog
import typer

from cli.commands import (
    alerts,
    bench,
    correlate,
    doctor,
    ingest,
    ledger,
    quarantine,
    rules,
    run,
    search,
    sensor,
    serve,
)
from cli.options import Invocation
from cli.output import FAILED, complain, err, fail, tell
from cli.settings import SettingsUnusable
from sensors.errors import Problem

app = typer.Typer(
    name="hanwatch",
    help=tell("cli.help"),
    epilog=tell("cli.epilog"),
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

# In the order in which a newcomer needs them; the help page keeps it.
app.command("run", help=tell("cli.run.help"), epilog=tell("cli.run.examples"))(run.run)
app.command("ingest", help=tell("cli.ingest.help"), epilog=tell("cli.ingest.examples"))(ingest.ingest)
app.command("search", help=tell("cli.search.help"), epilog=tell("cli.search.examples"))(search.search)
app.add_typer(alerts.app, name="alerts")
app.add_typer(rules.app, name="rules")
app.command("ledger", help=tell("cli.ledger.help"), epilog=tell("cli.ledger.examples"))(ledger.ledger)
app.add_typer(quarantine.app, name="quarantine")
app.command("doctor", help=tell("cli.doctor.help"), epilog=tell("cli.doctor.examples"))(doctor.doctor)
app.command("bench", help=tell("cli.bench.help"), epilog=tell("cli.bench.examples"))(bench.bench)
app.command("sensor", help=tell("cli.sensor.help"), epilog=tell("cli.sensor.examples"))(sensor.sensor)
app.command("correlate", help=tell("cli.correlate.help"), epilog=tell("cli.correlate.examples"))(correlate.correlate)
app.command("serve", help=tell("cli.serve.help"), epilog=tell("cli.serve.examples"))(serve.serve)


@app.callback()
def options(
    context: typer.Context,
    data: Annotated[Path | None, typer.Option("--data", metavar="DIR", help=tell("cli.option.data"))] = None,
    config: Annotated[
        Path | None,
        typer.Option("--config", metavar="FILE", envvar="HANWATCH_CONFIG", help=tell("cli.option.config")),
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help=tell("cli.option.verbose"))] = False,
) -> None:
    """Options that every command takes; `--data` may also stand after the command."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", key="@timestamp"),
            structlog.dev.ConsoleRenderer(colors=err.is_terminal),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(10 if verbose else 30),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    context.obj = Invocation(data=data, config=config)


def main() -> None:
    """Run the command; a `Problem` becomes a sentence and an exit code, an interruption an exit of 130."""
    try:
        app()
    except SettingsUnusable as problem:
        sys.exit(fail(problem, 2).exit_code)
    except Problem as problem:
        complain(problem)
        sys.exit(FAILED)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # The reader of our output has gone (`| head`): nothing is wrong, and nothing more can be said.
        sys.stderr.close()
        sys.exit(141)
