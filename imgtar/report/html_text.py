"""Text of the image on its way into a page: escaped exactly once, whatever the template does with it."""

from __future__ import annotations

from imgtar.text import cut, escape, escape_lines, neutralise


class Escaped(str):
    """Text that is escaped already; the template only adds the escapes of HTML."""

    __slots__ = ()


def finalize(value: object) -> object:
    """What the template puts into the page for a value: strings of the image go through the one escape."""
    if value is None:
        return ""
    if isinstance(value, Escaped) or hasattr(value, "__html__"):
        return value
    return Escaped(escape(value)) if isinstance(value, str) else value


def line(text: str, columns: int) -> Escaped:
    """A stored text of one or more lines on one line, at most `columns` wide."""
    return Escaped(cut(escape_lines(text), columns))


def lines(text: str, most: int) -> list[Escaped]:
    """A stored text of several lines, line by line, at most `most` characters of it."""
    shown = text[:most]
    rest = [Escaped(f"… {len(text) - most:,} more characters")] if len(text) > most else []
    return [*(Escaped(escape(part)) for part in shown.split("\n")), *rest]


def sentence(message: str) -> Escaped:
    """A finding's sentence, whose parts are escaped already."""
    return Escaped(neutralise(message))
