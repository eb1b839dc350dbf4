"""A part of a text that is searched at once."""

from __future__ import annotations

import re

import msgspec


class Window(msgspec.Struct, frozen=True):
    """A part of a text, which starts on `line`. A match at its edge may be cut, unless the edge is that of the text."""

    text: bytes
    line: int = 1
    is_first: bool = True
    is_last: bool = True

    def is_whole(self, match: re.Match[bytes]) -> bool:
        """Is the match whole? Else the next window has it whole."""
        return (self.is_first or match.start() > 0) and (self.is_last or match.end() < len(self.text))

    def line_of(self, position: int) -> int:
        """The number of the line that holds a position of the window."""
        return self.line + self.text.count(b"\n", 0, position)
