"""What a package states of its license: an expression of SPDX where that is certain, else a mere name.

SPDX 2.3, annex D. Identifiers are compared without case, operators are upper case. The list of identifiers is that of
the SPDX License List; nothing is translated ("GPLv2+", "MIT License"), because nobody can be sure of it.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

import msgspec

LIST_VERSION = "3.28"
_WORDS = re.compile(r"[()]|[^\s()]+")


class License(msgspec.Struct, frozen=True):
    """A license as it is stated, the expression that it is (None where it is not one), and whether that is one id."""

    stated: str
    expression: str | None = None
    is_id: bool = False


class _Ids(msgspec.Struct, frozen=True):
    """The identifiers as they are written, by themselves in lower case."""

    licenses: dict[str, str]
    exceptions: dict[str, str]


def license_of(stated: str) -> License:
    """Reads what a package states."""
    ids = _ids()
    known = ids.licenses.get(stated.lower())
    if known is not None:
        return License(stated, known, is_id=True)
    return License(stated, _expression(_WORDS.findall(stated), ids))


@cache
def _ids() -> _Ids:
    """The list: licenses, an empty line, exceptions."""
    text = files("imgtar.report").joinpath("assets", "spdx_licenses.txt").read_text(encoding="ascii")
    licenses, exceptions = ({name.lower(): name for name in part.split()} for part in text.split("\n\n"))
    return _Ids(licenses, exceptions)


def _expression(stated: list[str], ids: _Ids) -> str | None:
    """The expression with the usual blanks; None where it is not one.

    What may come next is a license (or an opening bracket) or an operator (or a closing bracket).
    """
    words: list[str] = []
    depth, wants_license = 0, True
    left = list(reversed(stated))
    while left:
        word: str | None = left.pop()
        if wants_license and word != "(":
            word = _license(word or "", left, ids)
            wants_license = False
        elif wants_license:
            depth += 1
        elif word == ")":
            depth -= 1
        elif word in ("AND", "OR"):
            wants_license = True
        else:
            return None
        if word is None or depth < 0:
            return None
        words.append(word)
    if depth or wants_license:
        return None
    return " ".join(words).replace("( ", "(").replace(" )", ")")


def _license(word: str, behind: list[str], ids: _Ids) -> str | None:
    """An identifier with a `+` and an exception, if they are there; the words of the exception are taken."""
    known = ids.licenses.get(word.lower())
    if known is None and word.endswith("+"):
        plain = ids.licenses.get(word[:-1].lower())
        known = None if plain is None else f"{plain}+"
    if known is None or not behind or behind[-1] != "WITH":
        return known
    exception = ids.exceptions.get(behind[-2].lower()) if len(behind) > 1 else None
    if exception is None:
        return None
    del behind[-2:]
    return f"{known} WITH {exception}"
