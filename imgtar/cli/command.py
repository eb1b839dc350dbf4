"""One value per command: the help, the formats, the schemas and docs/cli.md are views of it.

Content, renderers and types are named as `module:name` and imported where they are used, so that `imgtar --help`
loads none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import click

from imgtar.cli.errors import CommandFailed, print_message

if TYPE_CHECKING:
    import msgspec

    from imgtar.contract.content import Renderer

_DEFAULTS = f"{__name__}.defaults"  # the key of a context
TERMINAL = "table"  # the one format that depends on the terminal
_SHORT = {"md": "markdown"}  # other names of formats
Reads = Literal["layers", "catalog", "nothing"]


def format_named(name: str) -> str:
    """The format of this name: `md` is `markdown`. Another name stays as it is."""
    return _SHORT.get(name, name)


class Example(NamedTuple):
    """A command line, and in one sentence what it does."""

    line: str
    purpose: str


class ReportType(NamedTuple):
    """What a command prints: `content` makes it, `renderers` write it by format (the default first).

    `schema` is the type of its JSON; None where the JSON has no schema. `reads` says how far the archive is read:
    with its layers, its manifests and configurations alone, or not at all. `spools`: it reads file contents behind the
    layers, so an archive that passes once goes to a temporary file. `redacts`: nothing that is printed, warnings
    and errors included, has a secret of the image. `root_filesystem`: the archive may be one instead. `line`
    says in one line what was found, where the command takes several archives, and `note` what their text says once for
    all of them at its end. `layer_packages`: the packages of each
    layer are shown. `one_image`: of an archive with several no layer is read before one is chosen.
    """

    name: str
    content: str
    renderers: Mapping[str, str]
    schema: str | None = None
    reads: Reads = "layers"
    spools: bool = False
    redacts: bool = False
    root_filesystem: bool = False
    line: str | None = None
    note: str | None = None
    layer_packages: bool = False
    one_image: bool = False

    @property
    def default_format(self) -> str:
        """The format of standard output where none is chosen."""
        return next(iter(self.renderers))

    def content_function(self) -> Callable[..., object]:
        """Makes the content; a function of `imgtar.answers`."""
        function: Callable[..., object] = _load(self.content)
        return function

    def renderer(self, format_name: str) -> Renderer:
        """Writes the content in a format of `renderers`."""
        function: Renderer = _load(self.renderers[format_name])
        return function

    def line_function(self) -> Callable[[Any], str]:
        """Says in one line what a content has found."""
        assert self.line is not None
        function: Callable[[Any], str] = _load(self.line)
        return function

    def note_of(self, content: object) -> str:
        """What the text about several archives says once at its end; empty where there is nothing."""
        return "" if self.note is None else str(_load(self.note)(content))

    def schema_type(self) -> type[msgspec.Struct] | None:
        """The type of the JSON document."""
        return None if self.schema is None else document_type(self.schema)


def document_type(reference: str) -> type[msgspec.Struct]:
    """The type of a JSON document, which is named as `module:name`."""
    found: type[msgspec.Struct] = _load(reference)
    return found


class Command(NamedTuple):
    """A command. `summary` is its line in `imgtar --help`; `report_types` has what it prints, the usual one first.

    `lines` are the types of lines of JSON that it writes to files, under the names by which `imgtar schema` knows them.
    """

    name: str
    summary: str
    examples: tuple[Example, ...]
    report_types: tuple[ReportType, ...] = ()
    lines: Mapping[str, str] = MappingProxyType({})


class OptionalValue(click.Option):
    """An option whose value stands behind a `=`; without one it is empty."""


class CommandLine(click.Command):
    """The options of a command; its help ends with the examples."""

    def __init__(self, *arguments: Any, value: Command, **settings: Any) -> None:
        settings["short_help"] = value.summary
        super().__init__(*arguments, **settings)
        if any(parameter.name == "images" for parameter in self.params):
            self.help = f"{self.help}\n\nA folder stands for the archives that lie in it, one level deep."
        self.value = value

    def get_help_option_names(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's)
        """`-h` and `--help` in every context: click keeps the help option that the first one makes."""
        return ["-h", "--help"]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parses as click does, with defaults for the options that are not given.

        An `OptionalValue` alone takes no value, so an archive may follow it.
        """
        from imgtar.cli import defaults
        from imgtar.cli.given import Given, keep

        alone = {name for option in self.params if isinstance(option, OptionalValue) for name in option.opts}
        end = args.index("--") if "--" in args else len(args)
        args = [*(f"{argument}=" if argument in alone else argument for argument in args[:end]), *args[end:]]
        try:
            given, _, order = self.make_parser(ctx).parse_args(args=list(args))
        except click.NoSuchOption as problem:
            from imgtar.cli.near import long_options

            near = long_options(problem.option_name, self.params)
            if not near:
                raise
            raise click.UsageError(f"{problem.message.removesuffix('.')}{near}", ctx) from None
        helping = self.get_help_option(ctx)
        wants_help = helping is not None and helping.name in given
        stated = {} if wants_help else defaults.stated_for(self, given)
        ctx.meta[_DEFAULTS] = stated
        keep(ctx, Given(given, order, stated))
        ctx.default_map = defaults.default_map(self, stated)
        try:
            rest = super().parse_args(ctx, args)
        except click.BadParameter as problem:
            from imgtar.cli.near import nearest_choice

            near = nearest_choice(problem.param, given)
            message = problem.format_message()
            if isinstance(problem, click.MissingParameter):
                message = " ".join(message.split())  # click lists what may be chosen on lines of their own
            message = f"{message.removesuffix('.')}{near}" if near else message
            raise click.UsageError(message + defaults.sources(stated, message), ctx) from None
        if defaults.FORMAT in stated:
            ctx.params["format_default"] = format_named(str(stated[defaults.FORMAT].value))
        return rest

    def invoke(self, ctx: click.Context) -> object:
        from imgtar.cli import defaults

        stated: defaults.Stated = ctx.meta[_DEFAULTS]
        if ctx.params["debug"]:
            for line in defaults.told(stated):
                print_message(line)
        try:
            return super().invoke(ctx)
        except click.UsageError as problem:
            message = problem.format_message()
            raise click.UsageError(message + defaults.sources(stated, message), ctx) from None
        except CommandFailed as problem:
            problem.note = defaults.sources(stated, str(problem.cause))
            raise

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 (click's)
        write_examples(formatter, self.value.examples)


def declared(value: Command) -> Callable[[Callable[..., int]], CommandLine]:
    """Makes the command line of `value` from a function with options; its docstring describes the command."""
    return click.command(value.name, cls=CommandLine, value=value)


def write_examples(formatter: click.HelpFormatter, examples: tuple[Example, ...]) -> None:
    """Writes the examples as lines that can be pasted into a shell; none of them is wrapped."""
    with formatter.section("Examples"):
        for number, example in enumerate(examples):
            formatter.write("\n" if number else "")
            formatter.write(f"{'':>{formatter.current_indent}}# {example.purpose}\n")
            formatter.write(f"{'':>{formatter.current_indent}}{example.line}\n")


def _load(reference: str) -> Any:
    module, _, name = reference.partition(":")
    return getattr(import_module(module), name)
