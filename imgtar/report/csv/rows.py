"""Rows as CSV: UTF-8, `\n` at the end of a line, and no cell that a spreadsheet takes for a formula."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from io import StringIO

from imgtar.contract.inspect import Image
from imgtar.report.batches import batches
from imgtar.report.words.image import image_name
from imgtar.text import csv_cell, disarm, escape_stored

Value = str | int | float | None


def encoded_rows(rows: Iterable[Sequence[Value]]) -> Iterator[bytes]:
    """The rows as lines of CSV, in batches."""
    import csv

    buffer = StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    for batch in batches(rows):
        writer.writerows(batch)
        yield _drained(buffer)


def _drained(buffer: StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return disarm(text).encode("utf-8", "backslashreplace")


def cell(text: str | None) -> Value:
    """A stored text; None where there is none."""
    return None if text is None else csv_cell(text)


def stored_cell(text: str | None, raw_b64: str | None) -> Value:
    """A path or a link as it is stored, escaped; None where there is none."""
    return None if text is None else csv_cell(escape_stored(text, raw_b64), escaped=True)


def image_cell(image: Image) -> Value:
    """How a row names an image."""
    return cell(image_name(image))
