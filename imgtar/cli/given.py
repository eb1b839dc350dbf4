"""The options that shape a report, for the line of a page that says what made the page."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click
import msgspec

from imgtar.archive.input.remote_name import public_name
from imgtar.cli.defaults import Stated, options_of
from imgtar.text import escape

_KEY = f"{__name__}.given"  # of a context
# Where a report goes, how a terminal shows it, and who does the work: the same page comes without these.
_ELSEWHERE = frozenset(
    {
        *("format_name", "outputs", "color", "no_color", "quiet", "debug", "jobs", "cache"),
        *("out", "summaries", "parts", "shard", "resume", "engine", "workers", "memory", "cache_size"),
        *("fail_fast", "keep_going"),
    }
)


class Given(msgspec.Struct, frozen=True):
    """What a command line has: `values` by parameter, their `order`, and the defaults that are `stated` elsewhere."""

    values: Mapping[str, Any]
    order: Sequence[click.Parameter]
    stated: Stated


def keep(ctx: click.Context, given: Given) -> None:
    """Keeps what was given for `shaping_options`."""
    ctx.meta[_KEY] = given


def shaping_options(*, redacts: bool) -> str:
    """The options that shape the report, in the order in which they were given, quoted for a shell and escaped.

    Then follow those that a variable or the configuration file states. Logins and parameters of a URL are left out.
    With `redacts` so are secrets. Empty where no command runs.
    """
    ctx = click.get_current_context(silent=True)
    if ctx is None or _KEY not in ctx.meta:
        return ""
    words = shlex.join(public_name(word) for word in _words(ctx, ctx.meta[_KEY]))
    if redacts and words:
        from imgtar.audit.secrets.redaction import redact_text

        words = redact_text(words)
    return escape(words)


def _words(ctx: click.Context, given: Given) -> Iterator[str]:
    seen: dict[str, int] = {}
    for parameter in given.order:
        name = parameter.name or ""
        if not isinstance(parameter, click.Option) or name in _ELSEWHERE:
            continue
        number = seen.setdefault(name, 0)
        seen[name] += 1
        values = given.values[name]
        if parameter.multiple:
            yield from _option(parameter, values[number])
        elif not number:
            yield from _option(parameter, values)
    options = options_of(ctx.command)  # type: ignore[arg-type]  # a command keeps what was given
    for key in given.stated:
        option = options[key]
        if option.name not in _ELSEWHERE:
            value = ctx.params.get(option.name or "")
            for one in value if option.multiple and value else [value]:
                yield from _option(option, one)


def _option(option: click.Option, value: object) -> Iterator[str]:
    """The words of an option; none of a flag that is off."""
    if value is False or value is None:
        return
    yield max(option.opts, key=len)
    if not option.is_flag:
        yield str(value)
