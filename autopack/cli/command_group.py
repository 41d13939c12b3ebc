"""Makes Typer's tree of commands: lists them from the table, loads one at a time."""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Literal

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from autopack.cli.command_table import COMMANDS, GROUPS
from autopack.cli.examples import EXAMPLES

if TYPE_CHECKING:
    from collections.abc import Sequence

BROKEN_PIPE: Final = 141
"""The exit code of a process that ended because nobody reads its output any more."""

ROOM: Final = 75
"""Characters of an example and of what it does that fit beside each other on 80 columns."""

HELP: Final = "A plan and a git repository go in; a branch of checked, audited commits comes out."
EPILOG: Final = "Every command: --repo DIR, and --json where it prints data. Begin with `autopack demo`, then `autopack init`."


class Exemplified(TyperCommand):
    """A command whose help ends with its examples, as they are typed."""

    examples: "Sequence[str]" = ()

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401 - Typer's own types have moved
        super().format_help(ctx, formatter)
        said = "\n".join(("Examples:", *(f"  {line}" for line in self.examples)))
        if self.rich_markup_mode is None:
            formatter.write(f"\n{said}\n")
        else:  # rich has printed what there is
            typer.echo(f"{said}\n")


class CommandGroup(TyperGroup):
    """Lists commands without importing them. ``prefix`` is the first word of its commands, empty for all."""

    prefix = ""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:  # noqa: ANN401 - Typer's own types have moved
        name, command, rest = super().resolve_command(ctx, args)
        if name is None:
            return name, command, rest
        full = f"{self.prefix} {name}".strip()
        below = [key for key in COMMANDS if key.startswith(f"{full} ")]
        if below and (full not in COMMANDS or (rest and f"{full} {rest[0]}" in COMMANDS)):
            return name, group_of(full, is_rich=self.rich_markup_mode is not None), rest
        return name, _loaded(full, is_rich=self.rich_markup_mode is not None), rest

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - as above
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise typer.Exit(BROKEN_PIPE) from error

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401, ARG002 - as above; Typer gives both
        """The commands by panel, in plain help too."""
        for panel in dict.fromkeys(getattr(command, "rich_help_panel", None) for command in self.commands.values()):
            rows = [(name, command) for name, command in self.commands.items() if getattr(command, "rich_help_panel", None) == panel]
            with formatter.section(panel or "Commands"):
                formatter.write_dl([(name, command.help or "") for name, command in rows])


def root(*, is_rich: bool) -> CommandGroup:
    """The whole command line."""
    mode: Literal["rich"] | None = "rich" if is_rich else None
    app = typer.Typer(rich_markup_mode=mode, pretty_exceptions_enable=False, context_settings={"help_option_names": ["-h", "--help"]})
    app.callback(cls=CommandGroup, help=HELP, epilog=EPILOG, no_args_is_help=True)(_options)
    group = get_command(app)
    if not isinstance(group, CommandGroup):
        raise TypeError(f"Typer made a {type(group).__name__} of the command group.")
    group.commands.update(_stubs(list(COMMANDS), "", is_rich=is_rich))
    return group


def group_of(prefix: str, *, is_rich: bool) -> CommandGroup:
    group = CommandGroup(name=prefix, help=GROUPS[prefix], no_args_is_help=True, rich_markup_mode="rich" if is_rich else None)
    group.prefix = prefix
    group.commands.update(_stubs([name for name in COMMANDS if name.startswith(f"{prefix} ")], f"{prefix} ", is_rich=is_rich))
    return group


def _stubs(names: "Sequence[str]", prefix: str, *, is_rich: bool) -> dict[str, Any]:
    """What ``--help`` lists: a line for each command, and one for each group."""
    stubs: dict[str, Any] = {}
    for full in names:
        name = full.removeprefix(prefix).split(" ")[0]
        whole = f"{prefix}{name}"
        summary = COMMANDS[whole].summary if whole in COMMANDS else GROUPS[whole]
        panel = None if prefix else COMMANDS[full].panel
        stubs.setdefault(name, TyperCommand(name, help=summary, rich_help_panel=panel, rich_markup_mode="rich" if is_rich else None))
    return stubs


def _loaded(full: str, *, is_rich: bool) -> Any:  # noqa: ANN401 - as above
    module, _, function = COMMANDS[full].target.partition(":")
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode="rich" if is_rich else None)
    below = [f"`autopack {name}`" for name in COMMANDS if name.startswith(f"{full} ")]
    epilog = f"See also {', '.join(below)}." if below else None
    loaded = import_module(f"autopack.cli.commands.{module}")
    app.command(full.rpartition(" ")[2], cls=Exemplified, epilog=epilog)(getattr(loaded, function))
    command = get_command(app)
    if isinstance(command, Exemplified):
        command.examples = _typed(full)
    return command


def _typed(full: str) -> list[str]:
    """The examples of a command, what each does beside it, or above it where that would be too wide."""
    width = max(len(typed) for typed, _ in EXAMPLES[full])
    if width + max(len(does) for _, does in EXAMPLES[full]) > ROOM:
        return [line for typed, does in EXAMPLES[full] for line in (f"# {does}", typed)]
    return [f"{typed:<{width}}   {does}" for typed, does in EXAMPLES[full]]


def _print_version(is_asked: bool) -> None:
    if is_asked:
        from autopack import __version__

        typer.echo(f"autopack {__version__}")
        raise typer.Exit


def _options(
    version: bool = typer.Option(False, "--version", callback=_print_version, is_eager=True, help="Print the version."),
) -> None:
    """Options of the program itself."""
