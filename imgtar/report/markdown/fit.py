"""A Markdown document of sections that share its size: a pull-request comment takes at most 65,536 characters."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence

import msgspec

LIMIT = 60_000  # bytes of a document
_SPARE = 1000  # bytes of it that the estimate of `fit` may miss by
_REST = 200  # bytes that a section reserves for the line about its left-out rows


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """A heading's lines, then one table or code block, then the lines after it.

    `head` opens the table or block and `end` closes it, where it has a row. `rest` words the line for the number of
    `rows` that were left out; `kept` are the numbers of rows that never are.
    """

    before: Sequence[str]
    head: Sequence[str] = ()
    rows: Sequence[str] = ()
    end: Sequence[str] = ()
    kept: Collection[int] = ()
    after: Sequence[str] = ()
    rest: Callable[[int], str] = "… {:,} more".format


def encoded(sections: Sequence[Section]) -> Iterator[bytes]:
    """The document of these sections, at most 60 kB of UTF-8 unless the rows that are kept need more."""
    lines = fit(sections, LIMIT - _SPARE)
    yield ("\n".join(lines).rstrip("\n") + "\n").encode("utf-8", "backslashreplace")


def fit(sections: Sequence[Section], limit: int) -> list[str]:
    """The lines of all sections in about `limit` bytes of UTF-8, line breaks included.

    Only rows are cut, from the end, but not those that are kept; a section that needs less than its share leaves it
    to the others.
    """
    room = limit - sum(_fixed(section) for section in sections)
    needs = [
        sum(_size(row) for number, row in enumerate(section.rows) if number not in section.kept) for section in sections
    ]
    shares = dict.fromkeys(range(len(sections)), 0)
    for rank, index in enumerate(sorted(shares, key=needs.__getitem__)):
        shares[index] = min(needs[index], max(0, room // (len(sections) - rank)))
        room -= shares[index]
    return [line for index, section in enumerate(sections) for line in _lines(section, shares[index])]


def _size(line: str) -> int:
    return len(line.encode("utf-8", "replace")) + 1


def _fixed(section: Section) -> int:
    kept = (section.rows[number] for number in section.kept)
    return _REST + sum(map(_size, (*section.before, *section.head, *section.end, *section.after, *kept)))


def _lines(section: Section, share: int) -> list[str]:
    fitting = []
    for number, row in enumerate(section.rows):
        if number in section.kept:
            fitting.append(row)
            continue
        share -= _size(row)
        if share >= 0:
            fitting.append(row)
    lines = [*section.before, ""]
    if fitting:
        lines += [*section.head, *fitting, *section.end, ""]
    if len(fitting) < len(section.rows):
        lines += [section.rest(len(section.rows) - len(fitting)), ""]
    return [*lines, *section.after, ""] if section.after else lines


def table_head(*titles: str) -> list[str]:
    """The two lines that open a table; the title of a column of numbers begins with `>`."""
    names = [title.removeprefix(">") for title in titles]
    rules = ["--:" if title.startswith(">") else "---" for title in titles]
    return [table_row(names), table_row(rules)]


def table_row(cells: Sequence[str]) -> str:
    """One row; the cells are Markdown already."""
    return f"| {' | '.join(cells)} |"
