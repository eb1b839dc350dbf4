"""The options that commands share, each declared once; their values arrive in a `Request`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import click
from click.core import ParameterSource

from imgtar.cli.command import OptionalValue, ReportType
from imgtar.severity import Severity

_MOST_JOBS = 64
_JOBS_DEFAULT = "the number of cores, at most 4"
Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


class _Seconds(click.FloatRange):
    """A number of seconds. The bounds of click let "nan" pass; this type refuses it."""

    name = "seconds"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            seconds = super().convert(value, param, ctx)
        except click.BadParameter:
            seconds = None
        if seconds is None or seconds != seconds:
            self.fail(f"{value!r} is not a number of seconds, such as 30 or 0.5", param, ctx)
        return seconds


class WholeNumber(click.IntRange):
    """A whole number; `meaning` says of what, for the error about another value."""

    def __init__(self, meaning: str, *, least: int, most: int | None = None) -> None:
        super().__init__(min=least, max=most)
        self._meaning = meaning

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            span = f"from {self.min}" if self.max is None else f"from {self.min} to {self.max}"
            self.fail(f"{value!r} is not {self._meaning}, a whole number {span}", param, ctx)


def image_argument(function: Callable[..., Any]) -> Callable[..., Any]:
    """IMAGE, as every command about one archive takes it."""
    return click.argument("image", metavar="IMAGE", type=click.UNPROCESSED)(function)


def images_argument(function: Callable[..., Any]) -> Callable[..., Any]:
    """IMAGE…, as commands about several archives take it; `imgtar.cli.operands` says which archives are meant."""
    return click.argument("images", metavar="IMAGE...", nargs=-1, required=True, type=click.UNPROCESSED)(function)


def format_options(report_type: ReportType) -> Decorator:
    """`-f`, `--format` and `-o` with the formats of `report_type`."""
    formats = ", ".join(report_type.renderers)

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        output = click.option(
            "-o",
            "outputs",
            metavar="F[=FILE]",
            multiple=True,
            help="Write a report in format F to FILE, or to standard output without =FILE; FILE alone names its format "
            "by its ending (report.html). Repeatable.",
        )
        chosen = click.option(
            "-f",
            "--format",
            "format_name",
            metavar="F",
            help=f"Format of standard output: {formats}.  [default: {report_type.default_format}]",
        )
        return chosen(output(function))

    return decorate


def choice_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--image` and `--platform`."""
    image = click.option("--image", "reference", metavar="REF", help="Choose an image: name, ID prefix, or @N from 0.")
    platform = click.option(
        "--platform", metavar="[OS/]ARCH[/VARIANT]", help="Choose a platform of a multi-platform image."
    )
    return image(platform(function))


class _ViewOption(click.Option):
    """An option that chooses files of an image. At most one of them may be given."""

    def handle_parse_result(
        self, ctx: click.Context, opts: Mapping[str, Any], args: list[str]
    ) -> tuple[Any, list[str]]:
        value, args = super().handle_parse_result(ctx, opts, args)
        if ctx.get_parameter_source(self.name or "") is ParameterSource.COMMANDLINE:
            first = ctx.meta.setdefault(f"{__name__}.view", self.opts[0])
            if first != self.opts[0]:
                raise click.UsageError(f"{first} and {self.opts[0]} cannot be used together; give one", ctx)
        return value, args


def view_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--layer` and `--upto`, which exclude each other; `imgtar.answers.view.View` is their value."""
    number = WholeNumber("the number of a layer counted from the base", least=0)
    layer = view_option("--layer", metavar="N", type=number, help="Only what layer N (from 0) itself stores.")
    upto = view_option("--upto", metavar="N", type=number, help="The filesystem after layer N: layers 0 to N stacked.")
    return layer(upto(function))


def view_option(name: str, **settings: Any) -> Decorator:
    """An option that excludes `--layer`, `--upto` and the others that are made with this function."""
    return click.option(name, cls=_ViewOption, **settings)


def reading_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--cache`, and those of `uncached_options`."""
    cache = click.option(
        "--cache",
        cls=OptionalValue,
        metavar="[=DIR]",
        help="Keep what is read of compressed layers for later runs, in DIR or in the user's cache folder.",
    )
    return cache(uncached_options(function))


def uncached_options(function: Callable[..., Any], jobs_default: str = _JOBS_DEFAULT) -> Callable[..., Any]:
    """`--allow-missing`, `--limit`, `--timeout` and `--jobs`, whose default is said to be `jobs_default`."""
    missing = click.option(
        "--allow-missing",
        is_flag=True,
        help="Do not fail on blobs this format may leave out (foreign layers, other platforms).",
    )
    timeout = click.option(
        "--timeout",
        metavar="SECONDS",
        type=_Seconds(min=0, min_open=True),
        help="Stop reading after this time.",
    )
    jobs = click.option(
        "--jobs",
        metavar="N",
        type=WholeNumber("a number of layers", least=1, most=_MOST_JOBS),
        help=f"How many layers to read at once.  [default: {jobs_default}]",
    )
    return missing(limit_option(timeout(jobs(function))))


def limit_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--limit`."""
    return click.option(
        "--limit",
        "limits",
        metavar="NAME=VALUE",
        multiple=True,
        help="Set a limit on the input, such as layer-bytes=64GiB. Repeatable.",
    )(function)


def config_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--config`."""
    return click.option(
        "-c", "--config", metavar="FILE", help="Read this configuration file, not the one in the current directory."
    )(function)


def ignore_file_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--ignore-file`."""
    return click.option(
        "--ignore-file",
        metavar="FILE",
        help="Accepted risks with reasons and expiry dates.  [default: .imgtarignore.toml, if it exists]",
    )(function)


def base_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """`base_image_options`, and `--own`."""
    own = click.option("--own", is_flag=True, help="Leave out what lies in the base image.")
    return base_image_options(own(function))


def base_image_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--base` and `--base-image`, at most one of which may be given."""
    count = click.option(
        "--base",
        metavar="N",
        help="The lowest N layers belong to the base image; auto finds them, none says that there is no base image.",
    )
    images = click.option(
        "--base-image",
        metavar="FILE|DIR",
        multiple=True,
        help="An archive of the base image, or a folder of such archives. Repeatable.",
    )
    return count(images(function))


def secret_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--all-places`, `--packaged` and `--rules`."""
    places = click.option(
        "--all-places", is_flag=True, help="Keep the severity of secrets in tests, examples and documentation."
    )
    packaged = click.option("--packaged", is_flag=True, help="List what looks like a secret in the files of packages.")
    rules = click.option(
        "--rules",
        metavar="NAME",
        help="Search for secrets with the rules of 'kingfisher' too (the extra imgtar[kingfisher]).  [default: imgtar]",
    )
    return places(packaged(rules(function)))


def verify_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--verify`."""
    return click.option("--verify", is_flag=True, help="Recompute every digest while reading.")(function)


def finding_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Which findings are shown, and which fail the run."""
    severities = [severity.value for severity in Severity]
    severity = click.Choice(severities, case_sensitive=False)
    least = click.option("--min-severity", metavar="L", type=severity, help="Show findings of this severity or worse.")
    fail = click.option(
        "--fail-on",
        metavar="L",
        type=severity,
        help=f"Exit 1 if a finding is of this severity or worse: {', '.join(severities)}.",
    )
    code = click.option("--ignore", metavar="CODE", multiple=True, help="Leave out findings of this code. Repeatable.")
    path = click.option(
        "--ignore-path",
        metavar="GLOB",
        multiple=True,
        help="Leave out findings on matching paths (.gitignore syntax). Repeatable.",
    )
    return least(fail(code(path(function))))


def text_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--top` and `--no-trunc`."""
    return top_option(10, "Rows of each top list in a text report; 0 for all.")(whole_option(function))


def whole_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--no-trunc`."""
    return click.option("--no-trunc", is_flag=True, help="Shorten nothing in a text report.")(function)


def top_option(default: int, help_text: str) -> Decorator:
    """`--top`."""
    return click.option(
        "--top",
        metavar="N",
        type=WholeNumber("a number of rows", least=0),
        default=default,
        show_default=True,
        help=help_text,
    )


def common_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--color`, `--no-color`, and those of `quiet_options`."""
    colour = click.option(
        "--color",
        metavar="WHEN",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        show_default=True,
        help="Use colour: auto (on a terminal; NO_COLOR and FORCE_COLOR decide otherwise), always or never.",
    )
    plain = click.option("--no-color", is_flag=True, help="The same as --color never.")
    return colour(plain(quiet_options(function)))


def quiet_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--quiet` and `--debug`."""
    quiet = click.option("-q", "--quiet", is_flag=True, help="Show no progress, no warnings and no written files.")
    debug = click.option("--debug", is_flag=True, help="Show the traceback of a bug.")
    return quiet(debug(function))
