"""The search that the options of `find` state, checked."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import click

from imgtar.analysis.search.query import (
    Criteria,
    Query,
    Standing,
    parse_mode,
    parse_owner,
    parse_patterns,
    parse_size,
    parse_text,
    parse_types,
)
from imgtar.answers.view import View
from imgtar.errors import UsageError
from imgtar.files import read_whole

Value = TypeVar("Value")
_LARGEST_LIST = 16 << 20


OPTIONS = ("patterns", "deleted", "present", "types", "size", "mode", "owner", "grep", "digests", "all_events")


def query_of(view: View, given: Mapping[str, Any]) -> Query:
    """The search that the options of the names OPTIONS state.

    Raises click.UsageError and UsageError for what is not a valid search, or for a list that cannot be read.
    """
    patterns: Sequence[str] = given["patterns"]
    deleted, present = given["deleted"], given["present"]
    if deleted and present:
        raise click.UsageError("--deleted and --present cannot be used together; give one")
    standing: Standing | None = "deleted" if deleted else "present" if present else None
    criteria = Criteria(
        types=_parsed("--type", given["types"], parse_types) or frozenset(),
        size=_parsed("--size", given["size"], parse_size),
        mode=_parsed("--mode", given["mode"], parse_mode),
        owner=_parsed("--owner", given["owner"], parse_owner),
    )
    text = _parsed("--grep", given["grep"], parse_text)
    if not patterns and standing is None and criteria.ask_nothing and text is None:
        raise click.UsageError("give a pattern, such as /etc/passwd, '*.pem' or '/**', or an option that filters")
    return Query(
        patterns=parse_patterns(_with_lists(patterns)),
        criteria=criteria,
        standing=standing,
        layer=view.layer,
        upto=view.upto,
        digests=given["digests"],
        all_events=given["all_events"],
        text=text,
    )


def _parsed(option: str, text: str | None, parse: Callable[[str], Value]) -> Value | None:
    if text is None:
        return None
    try:
        return parse(text)
    except ValueError as problem:
        raise click.UsageError(f"{option} {text}: {problem}") from None


def _with_lists(patterns: Sequence[str]) -> Iterator[str]:
    """The patterns, and in the place of `@FILE` the lines of the file but empty ones and comments."""
    for pattern in patterns:
        if not pattern.startswith("@"):
            yield pattern
            continue
        empty = True
        content = read_whole(pattern[1:], _LARGEST_LIST, _list_error)
        for line in os.fsdecode(content).split("\n"):
            if line.strip() and not line.startswith("#"):
                empty = False
                yield line.removesuffix("\r")
        if empty:
            raise _list_error(f"{pattern[1:]} has no pattern")


def _list_error(sentence: str) -> UsageError:
    return UsageError("usage.patterns", sentence, "give a file with a pattern on each line; ./@NAME is a path")
