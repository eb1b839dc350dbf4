"""The configuration file: which one is read, and its tables, whatever they are for.

One file counts: the named one, or the first of `imgtar.toml`, `[tool.imgtar]` of pyproject.toml and `.dive-ci` in the
current directory.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from imgtar.errors import UsageError
from imgtar.files import read_whole

DIVE_CI = ".dive-ci"
PYPROJECT = "pyproject.toml"
FILES = ("imgtar.toml", PYPROJECT, DIVE_CI)
LARGEST = 256 << 10  # bytes of a configuration file
_REMEDY = "docs/check.md lists the keys and their values"


class NotToml(UsageError):
    """The file is of another kind, or broken."""


def find_file(named: str | None, files: Sequence[str] = FILES, word: bytes = b"") -> tuple[str, bytes] | None:
    """The name and the content of the file in use, `named` or the first of `files`; None without one.

    A file without `word` is as good as none, also if it is not valid. Raises UsageError for a file that cannot be read,
    and for a pyproject.toml that is not valid.
    """
    if named is not None:
        raw = read_file(named)
        return (named, raw) if word in raw else None
    for name in files:
        if os.path.lexists(name):
            if not os.path.isfile(name):
                raise wrong(name, "not a regular file")
            raw = read_file(name)
            if word not in raw:
                return None
            if name != PYPROJECT or "imgtar" in table_of(name, tables(name, raw), "tool"):
                return name, raw
    return None


def read_file(name: str) -> bytes:
    """The content of a configuration file. Raises UsageError."""
    return read_whole(name, LARGEST, _error)


def tables(name: str, raw: bytes) -> dict[str, Any]:
    """The tables of the file; of a pyproject.toml those of other tools are left out. Raises NotToml."""
    from imgtar.policy.toml import read_toml

    try:
        return read_toml(raw, ("tool", "imgtar") if os.path.basename(name) == PYPROJECT else None)
    except ValueError as problem:
        raise NotToml("usage.policy", f"{name}: not valid TOML: {problem}", _REMEDY) from None


def our_table(name: str, table: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """What stands before our keys in the file (`tool.imgtar.`), and these keys. Raises UsageError without them."""
    if "tool" not in table:
        return "", table
    table = table_of(name, table, "tool")
    if "imgtar" not in table:
        raise wrong(name, "the table [tool.imgtar] is missing")
    return "tool.imgtar.", table_of(name, table, "imgtar", "tool.")


def table_of(name: str, table: Mapping[str, object], key: str, prefix: str = "") -> dict[str, Any]:
    """The table with this key, empty if there is none. Raises UsageError for another value."""
    found = table.get(key, {})
    if not isinstance(found, dict):
        raise wrong(name, f"{prefix}{key} is not a table")
    return found


def wrong(place: str, reason: str) -> UsageError:
    """The error about a place of the file."""
    return _error(f"{place}: {reason}")


def _error(sentence: str) -> UsageError:
    return UsageError("usage.policy", sentence, _REMEDY)
