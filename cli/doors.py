"""Commands that are known by name and words, and loaded when they are called.

Listing, completing and helping to choose need no more than the catalogue; what a command is made of (the stores, the
matcher, the API) takes a second to load, and only the one that is called should.
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from importlib import import_module
from typing import Any, Final

import typer
from typer.core import TyperCommand, TyperGroup

from api.messages import catalogue
from cli.output import language, tell
from cli.stdout import ReaderGoneError

_MARKUP: Final = "markdown"
_HEADINGS: Final = "cli.headings"
"""What pages of help need beyond the rest: loaded when one is printed."""


def _words(code: str) -> dict[str, Any]:
    known = catalogue(language)
    epilog = tell(f"{code}.epilog") if f"{code}.epilog" in known else None
    if f"{code}.examples" in known:
        # Each on a line of its own, to be copied whole.
        listed = "\n".join(f"- {example}" for example in tell(f"{code}.examples").split(" · "))
        epilog = f"{tell('cli.heading.examples')}\n\n{listed}"
    return {"help": tell(f"{code}.help"), "epilog": epilog}


class _Spoken:
    """What every command has in common: its page of help is in the language of this run."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        import_module(_HEADINGS).translate()
        super().format_help(ctx, formatter)  # type: ignore[misc]  # of the command that this is mixed into

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        pieces = self.collect_usage_pieces(ctx)  # type: ignore[attr-defined]  # likewise
        formatter.write_usage(ctx.command_path, " ".join(pieces), prefix=tell("cli.usage"))

    def get_params(self, ctx: Any) -> list[Any]:
        params: list[Any] = super().get_params(ctx)  # type: ignore[misc]  # likewise
        for param in params:
            code = f"cli.option.{param.name}"
            if param.name in _TYPERS_OWN:
                param.help = tell(code)
            if getattr(param, "is_flag", False) and param.metavar is None:
                # A flag takes no value: none is shown.
                param.metavar = ""
            if param.param_type_name == "argument":
                # Its name and its words say what it is; the type that Python has for it tells a reader nothing.
                vars(param)["display_type_rich"] = _untyped
        return params


_TYPERS_OWN: Final = frozenset({"help", "install_completion", "show_completion"})
"""Options that typer adds, with English words."""


def _untyped(ctx: Any) -> None:
    del ctx


class Command(_Spoken, TyperCommand):
    """A command whose help speaks the language of this run."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """The options, then the arguments as manuals write them: `NAME`, `[NAME]`, and `…` where several may stand."""
        pieces = [self.options_metavar] if self.options_metavar else []
        for param in self.get_params(ctx):
            if param.param_type_name == "argument":
                name = param.metavar or param.name
                pieces.append((name if param.required else f"[{name}]") + ("…" if param.nargs != 1 else ""))
        return pieces


class Group(_Spoken, TyperGroup):
    """A group of commands whose help speaks the language of this run.

    `usual` is the command that is meant where none is named.
    """

    usual: str = ""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """The arguments, with the usual command before them where they begin with none."""
        if self.usual and (not args or (args[0] not in self.commands and args[0] not in ctx.help_option_names)):
            args = [self.usual, *args]
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was called.

        Raises:
            ReaderGoneError: who read our output has gone; typer would call that a failure of ours.
        """
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise ReaderGoneError from None


class Door(Command):
    """A command of its own module; `target` is `module:function`, as in the entry points of a package.

    `code` is the beginning of its messages: `code.help` and, where there are some, `code.examples`.
    """

    def __init__(self, name: str, code: str, target: str) -> None:
        super().__init__(name, **_words(code), rich_markup_mode=_MARKUP)
        self._target = target

    @cached_property
    def command(self) -> TyperCommand:
        """The command itself, loaded."""
        module, _, function = self._target.partition(":")
        return _command(self.name or "", getattr(import_module(module), function), self.help, self.epilog)

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """The context of the command itself: from here on this door is not needed."""
        return self.command.make_context(info_name, args, parent, **extra)


def _command(name: str, function: Callable[..., object], text: str | None, epilog: str | None) -> TyperCommand:
    app = typer.Typer(add_completion=False, rich_markup_mode=_MARKUP)
    app.command(name, cls=Command, help=text, epilog=epilog, options_metavar=tell("cli.metavar.options"))(function)
    made = typer.main.get_command(app)
    assert isinstance(made, TyperCommand)
    return made


def group(
    name: str, code: str, doors: Sequence[TyperCommand | TyperGroup], *, usual: str = "", **more: Any
) -> Group:
    """A group of these commands, in this order; its messages begin with `code`, `usual` is meant without any."""
    made = Group(
        name=name,
        commands=list(doors),
        no_args_is_help=not usual,
        rich_markup_mode=_MARKUP,
        options_metavar=tell("cli.metavar.options"),
        subcommand_metavar=tell("cli.metavar.command"),
        **_words(code),
        **more,
    )
    made.usual = usual
    return made


def entrance(
    name: str, code: str, options: Callable[..., None], doors: Sequence[TyperCommand | TyperGroup]
) -> TyperGroup:
    """The program itself: its own options, then its commands."""
    app = typer.Typer(name=name, rich_markup_mode=_MARKUP)
    app.callback(
        cls=Group,
        no_args_is_help=True,
        options_metavar=tell("cli.metavar.options"),
        subcommand_metavar=tell("cli.metavar.command"),
        context_settings={"help_option_names": ["-h", "--help"]},
        **_words(code),
    )(options)
    made = typer.main.get_command(app)
    assert isinstance(made, TyperGroup)
    for door in doors:
        made.add_command(door)
    return made
