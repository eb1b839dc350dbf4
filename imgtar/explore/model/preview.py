"""The first bytes of a file as lines: text, or hexadecimal where it is none."""

from __future__ import annotations

from collections.abc import Iterator

from imgtar.answers.cat import Contents
from imgtar.explore.model.explored import Explored
from imgtar.explore.model.lines import Line
from imgtar.filesystem.tree import FileEntry
from imgtar.report.table.drawing import Cell
from imgtar.report.words.image import counted
from imgtar.text import escape_content, human_size, width

LONGEST = 64 << 10  # bytes that are read of a file
_TAB = 8
_ROW = 16  # bytes of a line in hexadecimal


def first_bytes(explored: Explored, entry: FileEntry) -> tuple[bytes, int]:
    """The first bytes of a regular file, and how many problems its content had. Raises ImgtarError."""
    contents = Contents(explored.session, (entry,), LONGEST)
    return b"".join(contents.chunks()), len(contents.findings)


def content_lines(explored: Explored, content: bytes, size: int, problems: int, columns: int) -> list[Line]:
    """The lines of the first bytes of a file of `size` bytes; none is wider than `columns`."""
    lines = list(_hex_lines(content) if is_binary(content) else _text_lines(explored, content, columns))
    if problems:
        lines.insert(0, [Cell(f"damaged: {counted(problems, 'problem')}", "alarm")])
    if size > len(content):
        lines.append([Cell(f"{human_size(size - len(content))} more", "dim")])
    if not size:
        lines.append([Cell("empty", "dim")])
    return lines


def is_binary(content: bytes) -> bool:
    """Has the content a NUL, or bytes that are not UTF-8? Its end may be in the middle of a character."""
    if b"\0" in content:
        return True
    try:
        content.decode()
    except UnicodeDecodeError as problem:
        return problem.start < len(content) - 3
    return False


def _text_lines(explored: Explored, content: bytes, columns: int) -> Iterator[Line]:
    text = "".join(escape_content((content,), ascii_only=not explored.unicode))
    for line in text.removesuffix("\n").replace("\r", "\\x0d").split("\n"):
        yield from ([Cell(piece)] for piece in _folded(line.expandtabs(_TAB), columns))


def _folded(line: str, columns: int) -> Iterator[str]:
    """The line in pieces of at most so many columns."""
    room = max(columns, 2)
    piece, used = "", 0
    for character in line:
        taken = width(character)
        if used + taken > room:
            yield piece
            piece, used = "", 0
        piece += character
        used += taken
    yield piece


def _hex_lines(content: bytes) -> Iterator[Line]:
    for start in range(0, len(content), _ROW):
        row = content[start : start + _ROW]
        text = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in row)
        yield [Cell(f"{start:06x}  ", "dim"), Cell(f"{row.hex(' '):<{_ROW * 3}} {text}")]
