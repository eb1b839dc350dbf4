"""The text of `ls`: one path on a line and nothing else, for pipes; `--long` adds columns before the path."""

from __future__ import annotations

from collections.abc import Iterator

from imgtar.contract.content import TextSettings
from imgtar.contract.file_content import LsContent
from imgtar.contract.files import Entry, Event
from imgtar.report.table.drawing import Style, encoded, marks, paint
from imgtar.text import escape_stored, human_size

_TYPES = {"file": "-", "dir": "d", "symlink": "l", "hardlink": "h", "char": "c", "block": "b", "fifo": "p"}
# ASCII, so that `grep '^-'` finds the paths that a layer removes.
_CHANGES: dict[str, tuple[str, Style]] = {
    "added": ("+", "green"),
    "modified": ("~", "yellow"),
    "deleted": ("-", "red"),
    "unchanged": (".", "dim"),
}


def ls(content: LsContent, settings: TextSettings) -> Iterator[bytes]:
    """The paths, never cut, directories with a slash; of layers each line begins with the sign of the change.

    With `--all-layers` the number of the layer stands before the sign.
    """
    return encoded((_line(entry, content, settings) for entry in content.entries()), settings)


def _line(entry: Entry, content: LsContent, settings: TextSettings) -> str:
    long = content.long
    name = escape_stored(entry.path, entry.path_b64, ascii_only=not settings.unicode)
    if entry.type == "dir":
        name += "/"
    parts: list[str] = []
    if content.all_layers and not long:
        parts.append(f"{entry.layer:>3}")
    if entry.change is not None:
        sign, style = _CHANGES[entry.change]
        parts.append(paint(sign, style, settings))
    if not long:
        return " ".join([*parts, name])
    if entry.link is not None:
        name += f" {marks(settings).arrow} {escape_stored(entry.link, entry.link_b64, ascii_only=not settings.unicode)}"
    owner = f"{entry.uid}:{entry.gid}"
    size = ",".join(map(str, entry.device)) if entry.device else human_size(entry.size)
    parts += [mode_words(entry), f"{owner:<9}", f"{size:>7}", time_words(entry.mtime), f"{entry.layer:>3}", name]
    return "  ".join([" ".join(parts[:-5]), *parts[-5:]])


def mode_words(entry: Entry | Event) -> str:
    """`-rwsr-xr-x`, as `ls -l` shows type and permissions."""
    return mode_letters(entry.type, int(entry.mode, 8))


def mode_letters(kind: str, mode: int) -> str:
    """The same for a type of the contract and its permissions."""
    letters = ["rwx"[place % 3] if mode & (1 << (8 - place)) else "-" for place in range(9)]
    for bit, place, letter in ((0o4000, 2, "s"), (0o2000, 5, "s"), (0o1000, 8, "t")):
        if mode & bit:
            letters[place] = letter if letters[place] == "x" else letter.upper()
    return _TYPES.get(kind, "?") + "".join(letters)


def time_words(seconds: int | None) -> str:
    """A time in UTC to the minute; outside the calendar's years the seconds as a number."""
    from datetime import UTC, datetime, timedelta

    if seconds is None:
        return " " * 16
    try:
        return f"{datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds):%Y-%m-%d %H:%M}"
    except (OverflowError, ValueError):
        return f"@{seconds:<15}"
