"""The word that a misspelt one is likely to be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import click

_LIKENESS = 0.7  # of 1, from which a word is taken for a misspelt one


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean inspect?`, for the end of an error; empty where no known word is near."""
    from difflib import get_close_matches

    near = get_close_matches(word.lower(), list(known), 1, _LIKENESS)
    return f"; did you mean {near[0]}?" if near else ""


def long_options(flag: str, parameters: Iterable[click.Parameter]) -> str:
    """The same about an unknown option of one letter: the long ones that begin with it."""
    long = [name for parameter in parameters for name in parameter.opts if name.startswith(f"-{flag}")]
    return f"; did you mean {' or '.join(long)}?" if len(flag) == 2 and long else ""


def nearest_choice(parameter: click.Parameter | None, given: Mapping[str, object]) -> str:
    """The same about the value of a parameter that has choices; `given` has what the command line states."""
    if parameter is None or not isinstance(parameter.type, click.Choice):
        return ""
    value = given.get(parameter.name or "")
    return did_you_mean(value, map(str, parameter.type.choices)) if isinstance(value, str) else ""
