"""The report of a command, as the library returns it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, Generic, TypeVar

import msgspec

from imgtar.answers.session import Session
from imgtar.api.rows import rows_of, table
from imgtar.api.shapes import INSPECT, Shape
from imgtar.contract.content import InspectContent, TextSettings
from imgtar.contract.files import Entry
from imgtar.contract.inspect import Change, InspectReport
from imgtar.report.words.image import counted
from imgtar.text import escape

Document = TypeVar("Document", bound=msgspec.Struct)

_SHOWN = 10  # rows in a notebook
_SETTINGS = TextSettings()


class Report(Generic[Document]):
    """What a command says: typed in `document`, and as JSON, dictionaries and rows.

    `document` has the fields of the command's JSON (docs/contract.md). `session` answers further questions about the
    archive; it is None where the report is about several. A report never changes.
    """

    def __init__(self, shape: Shape, document: Document, content: object, session: Session | None) -> None:
        self._shape = shape
        self._content = content
        self.document = document
        self.session = session

    def to_json(self) -> str:
        """The JSON of the command: its UTF-8 has the bytes that `imgtar COMMAND --format json` prints."""
        return b"".join(self._shape.json(self._content, _SETTINGS)).decode()

    def to_dict(self) -> dict[str, Any]:
        """The JSON as dictionaries and lists, made anew with each call."""
        found: dict[str, Any] = msgspec.json.decode(self.to_json())
        return found

    def rows(self, name: str = "") -> list[dict[str, object]]:
        """A list of the document as rows with the same keys, for pandas and polars; by default the main list.

        `name` is the key of the list. Where it is a list of each image or layer, the rows of all of them are there,
        with the columns `image` and `layer`. An object in a row becomes columns such as `added.count`; a list of
        objects in it has rows of its own. Raises ValueError where the document has no list of that name.
        """
        return table(rows_of(self.document, name or self._shape.rows))

    def __repr__(self) -> str:
        return f"<imgtar {self._shape.command}: {', '.join([*self._names(), *self._facts()])}>"

    def _repr_html_(self) -> str:
        """A small table for notebooks: escaped, without a script, the first rows of the main list."""
        from imgtar.report.html.notebook import notebook

        pairs = rows_of(self.document, self._shape.rows)
        shown = table(itertools.islice(pairs, _SHOWN))
        more = sum(1 for _ in pairs)
        columns = [column for column in self._shape.columns if any(column in row for row in shown)]
        cells = [[row[column] for column in columns] for row in shown]
        title = f"imgtar {self._shape.command}"
        return notebook(title, ", ".join(self._names()), ", ".join(self._facts()), columns, cells, more)

    def _names(self) -> list[str]:
        """The archives, escaped."""
        document: Any = self.document
        if hasattr(document, "source"):
            return [escape(document.source.path)]
        if hasattr(document, "sources"):
            return [escape(source.path) for source in document.sources]
        first = document.reports[0] if hasattr(document, "reports") else document
        return [escape(first.a.source.path), escape(first.b.source.path)]

    def _facts(self) -> Iterator[str]:
        """Whether the archive is whole and sound, and the size of the main list."""
        document: Any = self.document
        for name, words in (("complete", ("incomplete", "complete")), ("passed", ("failed", "passed"))):
            value = getattr(document, name, None)
            if value is not None:
                yield words[bool(value)]
        if getattr(document, "integrity", "not-checked") != "not-checked":
            yield "verified" if document.integrity == "verified" else "inconsistent"
        for name, noun in {self._shape.rows: self._shape.noun, "findings": "finding"}.items():
            yield counted(sum(1 for _ in rows_of(self.document, name)), noun)


class InspectedReport(Report[InspectReport]):
    """The report of `inspect`. Its longest lists are made row by row, so they need not fit in memory."""

    def __init__(self, content: InspectContent, session: Session) -> None:
        super().__init__(INSPECT, content.document, content, session)
        self.session: Session = session
        self._inspected = content

    def changes(self, image: int, layer: int) -> Iterator[Change]:
        """What a layer added, modified and deleted, sorted by path: the list `changes` of the JSON."""
        return self.session.changes(image, layer)

    def files(self, image: int) -> Iterator[Entry]:
        """The final filesystem, sorted by path; the root is not listed."""
        return self.session.files(image)

    def layer_files(self, image: int, layer: int) -> Iterator[Entry]:
        """What a layer holds and removes, sorted by path."""
        return self.session.layer_files(image, layer)

    def rows(self, name: str = "") -> list[dict[str, object]]:
        """The rows of `Report.rows`; `changes` are those of all layers."""
        if name != "changes":
            return super().rows(name)
        return table(
            ({"image": number, "layer": layer.index}, change)
            for number, image in enumerate(self.document.images)
            for layer in image.layers
            if self._inspected.lists_changes(number, layer.index)
            for change in self.session.changes(number, layer.index)
        )
