"""The one place where a string of an image becomes text that a person or a document sees.

What an image holds is hostile: file names can move the cursor, reverse the reading direction, hide characters or
forge a line of a report. `escape` turns any text or bytes into one printable line, reversibly:

- `\\xNN`: a control character below U+0080, or a byte that is not UTF-8 (NN from 80 on);
- `\\uNNNN`, `\\UNNNNNNNN`: any other character that is invisible, unassigned or changes how its neighbours are shown;
- `\\\\`: a backslash that would otherwise read as the start of one of these.

`disarm` writes one character of what a CI runner would take for a command as its code too; `unescape` takes all back.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from base64 import b64decode, b64encode
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterable, Iterator
from itertools import chain

NEWLINE_MARK = "⏎"  # a line break within an instruction; the character itself is always escaped

# Printable by their category, yet drawn as nothing (Unicode: Default_Ignorable_Code_Point, and the Braille blank).
_INVISIBLE = "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef"
_HIDDEN = re.compile(f"[{_INVISIBLE}{NEWLINE_MARK}]")
_AMBIGUOUS = re.compile(r"\\(?=\\|x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8}|[^ -~])")
_CUT_ESCAPE = re.compile(r"\\(?:x[0-9a-f]?|u[0-9a-f]{0,3}|U[0-9a-f]{0,7})?\Z")
_BACKTICKS = re.compile(r"`+")
_BACKSLASHED_PIPE = re.compile(r"\\\|")
_FORMULA = ("=", "+", "-", "@")
_LAYOUT = re.compile(r"([\n\t])")
_LAYOUT_CHARACTERS = ("", "\n", "\t")
_ESCAPE = re.compile(r"\\(\\|x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8})")

# Commands in the log of a CI job: `##` with letters and `[` anywhere in a line (GitHub, Azure, TeamCity), and `::`
# behind blanks with another `::` in the same line (GitHub). GitHub and Azure compare text by .NET's rules of culture,
# which skip some characters beyond ASCII, so all of those count as skipped; colours may be removed before.
_SKIPPED = r"(?:\x1b\[[0-9;]*m|[^\n\x1b -~])*"
_HASHES = re.compile(rf"(#{_SKIPPED})#(?=(?:{_SKIPPED}[A-Za-z])*{_SKIPPED}\[)")
_COLONS = re.compile(rf":{_SKIPPED}:")
_JSON_HASHES = re.compile(rb"(#[\x80-\xff]*)#(?=[\x80-\xffA-Za-z]*\[)")
_LINE_OF_COLONS = re.compile(rf"^((?:{_SKIPPED} )*{_SKIPPED}:{_SKIPPED}):(?=.*:{_SKIPPED}:)", re.MULTILINE)


def _code(point: int) -> str:
    if point < 0x80:
        return f"\\x{point:02x}"
    if 0xDC80 <= point <= 0xDCFF:  # a byte that is not UTF-8, as Python's surrogateescape keeps it
        return f"\\x{point - 0xDC00:02x}"
    return f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"


class _Codes(dict[int, str]):
    """The escape of each character, computed when it first occurs."""

    def __init__(self, *, ascii_only: bool) -> None:
        super().__init__()
        self._ascii_only = ascii_only

    def __missing__(self, point: int) -> str:
        char = chr(point)
        safe = char.isprintable() and not _HIDDEN.match(char) and not (self._ascii_only and point > 0x7E)
        self[point] = shown = char if safe else _code(point)
        return shown


_CODES, _ASCII_CODES = _Codes(ascii_only=False), _Codes(ascii_only=True)


def neutralise(text: str, *, ascii_only: bool = False) -> str:
    """`text` on one printable line, for text whose parts are escaped already: backslashes stay as they are."""
    if text.isascii():
        return disarm(text if text.isprintable() else text.translate(_CODES))
    if text.isprintable() and not ascii_only and not _HIDDEN.search(text):
        shown = text
    else:
        shown = text.translate(_ASCII_CODES if ascii_only else _CODES)
    # A leading combining mark would be drawn on the character before the text.
    return disarm(_code(ord(shown[0])) + shown[1:] if unicodedata.category(shown[0])[0] == "M" else shown)


def disarm(text: str) -> str:
    """Escaped `text` of any number of lines, none of which a CI runner takes for a command.

    The second `#` is written as `\\x23`, the second `:` as `\\x3a`; a renderer applies this to its finished lines.
    """
    if "#" in text:
        text = _HASHES.sub(r"\1\\x23", text)
    if ":" in text and _COLONS.search(text):
        text = _LINE_OF_COLONS.sub(r"\1\\x3a", text)
    return text


def escape(text: str | bytes, *, ascii_only: bool = False) -> str:
    """`text` on one printable line, reversibly (the module's docstring has the rules)."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "surrogateescape")
    if "\\" in text:
        text = _AMBIGUOUS.sub(r"\\\\", text)
    return neutralise(text, ascii_only=ascii_only)


def unescape(shown: str, quote: Callable[[str], str] = str) -> str:
    """The text that `escape` was given, with bytes that are not UTF-8 as surrogates (os.fsencode gives the bytes).

    `quote` is applied to each character that a code stands for.
    """
    return _ESCAPE.sub(lambda code: _original(code, quote), shown)


def _original(code: re.Match[str], quote: Callable[[str], str]) -> str:
    if code[1] == "\\":
        return quote("\\")
    point = int(code[1][1:], 16)
    if point > sys.maxunicode:  # `escape` writes no such code
        return code[0]
    return quote(chr(0xDC00 + point) if code[1][0] == "x" and point >= 0x80 else chr(point))


def escape_stored(text: str, b64: str | None = None, *, ascii_only: bool = False) -> str:
    """`escape` for a text of the report and its `_b64` sibling, which has the bytes where the text is not UTF-8."""
    return escape(text if b64 is None else b64decode(b64), ascii_only=ascii_only)


def escape_content(chunks: Iterable[bytes], *, ascii_only: bool = False) -> Iterator[str]:
    """The content of a file for a terminal: lines and tabs as they are, all else that `escape` escapes as its code."""
    decoder = getincrementaldecoder("utf-8")("surrogateescape")
    for chunk in chain(chunks, (b"",)):
        text = decoder.decode(chunk, final=not chunk)
        parts = _LAYOUT.split(text)
        yield "".join(part if part in _LAYOUT_CHARACTERS else neutralise(part, ascii_only=ascii_only) for part in parts)


def escape_lines(text: str, *, ascii_only: bool = False) -> str:
    """`escape` for an instruction of several lines: a line break is shown as `⏎`, still on one line."""
    if ascii_only or "\n" not in text:
        return escape(text, ascii_only=ascii_only)
    return NEWLINE_MARK.join(escape(line) for line in text.split("\n"))


# --- width ----------------------------------------------------------------------------------------------------------


class _Widths(dict[str, int]):
    """Terminal columns of each character, computed when it first occurs."""

    def __missing__(self, char: str) -> int:
        # Medial and final Hangul letters are drawn into the syllable before them.
        joined = "\u1160" <= char <= "\u11ff" or "\ud7b0" <= char <= "\ud7ff"
        if joined or unicodedata.category(char) in ("Mn", "Me", "Cf"):
            columns = 0
        else:
            columns = 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1
        self[char] = columns
        return columns


_WIDTHS = _Widths()


def width(text: str) -> int:
    """The terminal columns that escaped `text` takes."""
    return len(text) if text.isascii() else sum(map(_WIDTHS.__getitem__, text))


def _fitting(text: str, columns: int) -> str:
    """The longest start of `text` that takes at most `columns`."""
    if text.isascii():
        return text[:columns]
    used = 0
    for place, char in enumerate(text):
        used += _WIDTHS[char]
        if used > columns:
            return text[:place]
    return text


def split(text: str, columns: int) -> Iterator[str]:
    """Escaped `text` in pieces of at most `columns`; an escape is cut in two only where no piece holds it whole."""
    while width(text) > columns:
        piece = _fitting(text, columns)
        piece = _CUT_ESCAPE.sub("", piece) or piece or text[0]
        yield piece
        text = text[len(piece) :]
    yield text


def cut(text: str, columns: int, ellipsis: str = "…") -> str:
    """Escaped `text` in at most `columns`; `ellipsis` replaces the rest, and no escape is cut in two."""
    if width(text) <= columns:
        return text
    start = _fitting(text, columns - len(ellipsis)) if columns > len(ellipsis) else ""
    return _CUT_ESCAPE.sub("", start) + ellipsis[: max(columns, 0)]


def cut_middle(text: str, columns: int, ellipsis: str = "…") -> str:
    """Like `cut`, but the last part of a path stays: the name of the file."""
    if width(text) <= columns:
        return text
    tail = text[text.rfind("/", 0, len(text) - 1) :]
    room = columns - len(ellipsis) - width(tail)
    if len(tail) == len(text) or room < columns // 4:
        return cut(text, columns, ellipsis)
    return _CUT_ESCAPE.sub("", _fitting(text, room)) + ellipsis + tail


# --- numbers --------------------------------------------------------------------------------------------------------

_UNITS = ("B", "kB", "MB", "GB", "TB", "PB", "EB")


def human_size(size: int) -> str:
    """`size` bytes as docker prints them: SI units and three significant digits, `1.54 MB`."""
    value, unit = float(size), 0
    while value >= 999.5 and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    return f"{value:.3g} {_UNITS[unit]}"


# --- documents ------------------------------------------------------------------------------------------------------


def json_text(raw: bytes) -> tuple[str, str | None]:
    """The text of a report for bytes of an image, and the value of its `…_b64` sibling.

    UTF-8 stays as it is and has no sibling; in other bytes each bad byte is `\\xNN` in the text.
    """
    try:
        return raw.decode(), None
    except UnicodeDecodeError:
        return raw.decode("utf-8", "backslashreplace"), b64encode(raw).decode("ascii")


def json_string(text: str) -> str:
    """`text` of a JSON document with its lone surrogates, which no UTF-8 can hold, written as `\\udNNN`."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def disarm_json(encoded: bytes) -> bytes:
    """The same JSON, of which a CI runner takes nothing for a command: the second `#` is written as `\\u0023`."""
    return _JSON_HASHES.sub(rb"\1\\u0023", encoded) if b"#" in encoded else encoded


def markdown_code(text: str, *, escaped: bool = False) -> str:
    """`text` as a code span, also for a table's cell; nothing in it becomes a link or a mention."""
    # Parsers disagree on whether a pipe after a backslash ends a cell, so that pipe is written as its code.
    shown = _BACKSLASHED_PIPE.sub(r"\\\\\\x7c", text if escaped else escape(text)).replace("|", "\\|")
    if not shown.strip():
        return f"`{shown or ' '}`"
    fence = "`" * (1 + max((len(run) for run in _BACKTICKS.findall(shown)), default=0))
    pad = " " if shown[0] in "` " or shown[-1] in "` " else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def csv_cell(text: str, *, escaped: bool = False) -> str:
    """`text` for a CSV cell: no spreadsheet takes it for a formula."""
    shown = text if escaped else escape(text)
    return f"'{shown}" if shown.lstrip().startswith(_FORMULA) else shown
