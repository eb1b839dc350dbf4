"""The options that commands share, each declared once; their values arrive in a `Request`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import click

from imgtar.report.formats import RENDERERS, default_format

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

_SEVERITIES = ("info", "low", "medium", "high", "critical")
_SIZE = re.compile(r"(\d{1,15})\s*(?:([kmgt])(i?)b?|b)?", re.IGNORECASE | re.ASCII)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}


class _Seconds(click.FloatRange):
    """A time; not a number is none, although no bound excludes it."""

    name = "seconds"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        seconds = super().convert(value, param, ctx)
        if seconds != seconds:
            self.fail(f"{value!r} is no number of seconds", param, ctx)
        return seconds


def image_argument(function: Callable[..., Any]) -> Callable[..., Any]:
    """The IMAGE that every command but `schema` takes."""
    return click.argument("image", metavar="IMAGE", type=click.UNPROCESSED)(function)


def format_options(command: str) -> Decorator:
    """`--format` and `-o` with the formats that `command` has."""
    formats = ", ".join(RENDERERS[command])

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        output = click.option(
            "-o",
            "outputs",
            metavar="F[=FILE]",
            multiple=True,
            help="Write a report in format F to FILE (standard output without =FILE). Repeatable.",
        )
        chosen = click.option(
            "--format",
            "format_name",
            metavar="F",
            help=f"What goes to standard output: {formats}.  [default: {default_format(command)}]",
        )
        return chosen(output(function))

    return decorate


def choice_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--image` and `--platform`."""
    image = click.option("--image", "reference", metavar="REF", help="One image: name, ID prefix, or @N from 0.")
    platform = click.option("--platform", metavar="OS/ARCH[/VARIANT]", help="One platform of an index.")
    return image(platform(function))


def reading_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--allow-missing`, `--limit` and `--timeout`."""
    missing = click.option(
        "--allow-missing", is_flag=True, help="Blobs that the form allows to be absent are no damage."
    )
    limit = click.option(
        "--limit",
        "limits",
        metavar="NAME=VALUE",
        multiple=True,
        help="Set a limit on the input, such as layer-bytes=64GiB. Repeatable.",
    )
    timeout = click.option(
        "--timeout", metavar="SECONDS", type=_Seconds(min=0, min_open=True), help="Stop reading after that."
    )
    return missing(limit(timeout(function)))


def config_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--config`."""
    return click.option(
        "--config", metavar="FILE", help="The configuration file, instead of the one in the current directory."
    )(function)


def ignore_file_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--ignore-file`."""
    return click.option(
        "--ignore-file",
        metavar="FILE",
        help="Accepted risks with reasons and expiry dates.  [default: .imgtarignore.toml, where it is]",
    )(function)


def verify_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--verify`."""
    return click.option("--verify", is_flag=True, help="Recompute every digest while reading.")(function)


def finding_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """What is shown of the findings, and when they fail the run."""
    severity = click.Choice(_SEVERITIES, case_sensitive=False)
    least = click.option("--min-severity", metavar="L", type=severity, help="Show findings from this severity on.")
    fail = click.option(
        "--fail-on", metavar="L", type=severity, help=f"Exit 1 from this severity on: {', '.join(_SEVERITIES)}."
    )
    code = click.option("--ignore", metavar="CODE", multiple=True, help="Leave out findings of this code. Repeatable.")
    path = click.option(
        "--ignore-path",
        metavar="GLOB",
        multiple=True,
        help="Leave out findings on these paths (as in .gitignore). Repeatable.",
    )
    return least(fail(code(path(function))))


def text_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """How much the text shows."""
    top = click.option(
        "--top",
        metavar="N",
        type=click.IntRange(min=0),
        default=10,
        show_default=True,
        help="Rows of the top lists in text; 0 for all.",
    )
    whole = click.option("--no-trunc", is_flag=True, help="Cut nothing in text.")
    return top(whole(function))


def common_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """What every command takes."""
    colour = click.option("--no-color", is_flag=True, help="No colour (also: the variable NO_COLOR).")
    quiet = click.option("--quiet", is_flag=True, help="No progress and no warnings.")
    debug = click.option("--debug", is_flag=True, help="Show the traceback of a bug.")
    return colour(quiet(debug(function)))


def amount(text: str) -> int:
    """`2000000`, `64MiB`, `1.5` is none: a whole number, or one with an SI or IEC unit. Raises ValueError."""
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise ValueError(text)
    number, unit, binary = found.groups()
    base: int = 1024 if binary else 1000
    size: int = int(number) * base ** _POWERS[(unit or "").lower()]
    return size
