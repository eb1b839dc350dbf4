"""The rows of one image as the page's script reads them: columns of numbers that point into one tree of names.

`final`: the files of the final filesystem; `changes`: the changes of each layer; `waste`: the wasted files. Each list
has rows, and `rests` has the sums of the rows that are too small to be listed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from imgtar.contract.content import InspectContent
from imgtar.contract.files import Entry
from imgtar.contract.inspect import Change, WasteRow
from imgtar.report.html.survey import Row, Scale, Survey, row_link, row_path, row_size, size_class
from imgtar.report.html.tree import Codes, Facts, Rests, Tree

NONE = -1  # no such layer, no attributes


class ImageRows:
    """Collects the rows of one image.

    `allowance` is the number of bytes of the page that are left for rows of the survey's least class; after `collect`
    the rest of it is for the next image.
    """

    def __init__(self, survey: Survey, allowance: float) -> None:
        self.allowance = allowance
        self._survey = survey
        self._tree = Tree()
        self._links: dict[str, str] = {}
        self._attributes, self._kinds = Codes(), Codes()
        self._lists: dict[str, _List] = {}

    def collect(self, content: InspectContent, image: int) -> None:
        """Takes every row of the image."""
        document = content.document.images[image]
        self._take("final", content.files(image), self._entry, lambda facts: (facts[0], NONE))
        for layer in document.layers:
            self._take("changes", content.changes(image, layer.index), self._changes_of(layer.index), self._summed)
        self._take("waste", document.waste_rows, self._waste, lambda facts: facts)

    def _entry(self, row: Row) -> Facts:
        """Layer, attributes."""
        assert isinstance(row, Entry)
        return (row.layer, self._attributes.of(row.type, row.mode, f"{row.uid}:{row.gid}"))

    def _changes_of(self, layer: int) -> Callable[[Row], Facts]:
        """Layer, attributes, kind, the earlier layer."""

        def facts(row: Row) -> Facts:
            assert isinstance(row, Change)
            attributes = self._attributes.of(row.type, row.mode, f"{row.uid}:{row.gid}")
            # An empty list means: rewritten, nothing differs.
            kind = self._kinds.of(row.kind, "" if row.why is None else ", ".join(row.why) or "nothing")
            return (layer, attributes, kind, NONE if row.previous_layer is None else row.previous_layer)

        return facts

    def _summed(self, facts: Facts) -> Facts:
        """Layer and kind of changes that are summed, without the reasons."""
        return (facts[0], NONE, self._kinds.of(self._kinds.values[facts[2]][0], ""), NONE)

    def _waste(self, row: Row) -> Facts:
        """The layer that added the file, no attributes, kind, the layer that removed the file."""
        assert isinstance(row, WasteRow)
        return (row.added_in, NONE, self._kinds.of(row.kind, ""), row.removed_in)

    def _take(
        self, name: str, rows: Iterable[Row], facts: Callable[[Row], Facts], summed: Callable[[Facts], Facts]
    ) -> None:
        taken = self._lists.setdefault(name, _List(Rests(self._survey.smallest)))
        scale = Scale()
        for row in rows:
            path, size = row_path(row), row_size(row)
            if not self._keeps(row, size, path, scale):
                # As in the map: only a regular file has bytes of its own.
                counts = isinstance(row, WasteRow) or row.type == "file"
                taken.rests.add(path, summed(facts(row)), size if counts else 0)
                continue
            place = self._tree.place(path)
            link = row_link(row)
            if link is not None:
                self._links[str(place)] = link
            taken.add((place, size, *facts(row)))

    def _keeps(self, row: Row, size: int, path: str, scale: Scale) -> bool:
        kind = size_class(size)
        if kind != self._survey.least:
            return kind > self._survey.least
        self.allowance -= scale.weigh(path, row_link(row))
        return self.allowance > 0

    def encoded(self) -> dict[str, object]:
        """The image's part of the page's JSON."""
        rests = {name: taken.rests.settle(self._tree) for name, taken in self._lists.items()}
        return {
            "names": self._tree.names,
            "parents": [index - parent for index, parent in enumerate(self._tree.parents)],
            "links": self._links,
            "attributes": self._attributes.values,
            "kinds": self._kinds.values,
            "rows": {name: taken.encoded() for name, taken in self._lists.items()},
            "rests": rests,
        }


class _List:
    """Rows as columns: place, size, facts. A tuple for each of a million rows would take three times as much memory."""

    def __init__(self, rests: Rests) -> None:
        self.rests = rests
        self._columns: list[list[int]] = []

    def add(self, row: Facts) -> None:
        self._columns = self._columns or [[] for _ in row]
        for column, value in zip(self._columns, row, strict=True):
            column.append(value)

    def encoded(self) -> list[list[int]]:
        """The columns; the places, which mostly grow by one, as differences."""
        if not self._columns:
            return []
        places, *others = self._columns
        return [list(_differences(places)), *others]


def _differences(numbers: Iterable[int]) -> Iterator[int]:
    before = 0
    for number in numbers:
        yield number - before
        before = number
