"""The packages as `imgtar packages` prints them, in each of its forms."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from imgtar.analysis.inventory.inventory import Inventory
from imgtar.analysis.inventory.lives import FileList, Life
from imgtar.answers.filters import Filter
from imgtar.answers.packages import Asked, inventory_work, packages_content
from imgtar.answers.session import Session
from imgtar.contract.packages import Grouping, PackageRow, PackagesContent, UnownedRow
from imgtar.explore.model.explored import Explored
from imgtar.explore.model.lines import FixedLines, Lines, painted, report_lines
from imgtar.explore.model.page import JoinedLines, RowLines, Target, stored_path, table
from imgtar.packages.inventories import TYPES
from imgtar.report.table.packages import (
    PACKAGE_COLUMNS,
    largest_first,
    package_cells,
    packages,
    packages_summary,
    unowned_line,
)

_FORMS: tuple[Grouping, ...] = ("package", "layer", "directory", "type")
_TITLES: dict[Grouping, str] = {
    "package": "Packages",
    "layer": "Packages by layer",
    "directory": "Files that no package owns",
    "type": "Types of packages",
}


class Packages(NamedTuple):
    """What the command says of an image, and the paths of files of packages, by type and name: of all versions."""

    content: PackagesContent
    files: dict[tuple[str, str], list[bytes]]


def packages_asked(session: Session) -> Packages:
    """The packages of the archive of a session. Reads their databases, programs and archives; raises InputError."""
    again = session.again(package_types=TYPES)
    work = inventory_work(again, Asked(), session.limits)
    inventory = work["inventory"]
    assert isinstance(inventory, Inventory)
    content = packages_content(again, Filter().apply(again.findings), Asked(), **work)  # type: ignore[arg-type]
    files: dict[tuple[str, str], list[bytes]] = {}
    sources: tuple[Life | FileList, ...] = (*inventory.lives, *inventory.lists)
    for one in sources:
        if one.package.files:
            files.setdefault((one.format.type, one.package.name), []).append(one.package.files)
    return Packages(content, files)


class PackagesPage:
    """The packages in one of the forms of `--by`."""

    def __init__(self, explored: Explored, found: Packages, form: int = 0) -> None:
        self._explored = explored
        self._found = found
        self._form = form
        by = _FORMS[form]
        self.title = _TITLES[by]
        self._rows = largest_first(found.content.document.packages)
        options = () if by == "layer" else ("--by", by) if by == "type" else ("--by", by, "--top", "0")
        self.commands = (explored.command("packages", *options),)

    @property
    def hint(self) -> str:
        """The other forms."""
        following = _FORMS[(self._form + 1) % len(_FORMS)]
        go = "Enter: go to the files   " if _FORMS[self._form] in ("package", "directory") else ""
        return f"{go}Tab: {_TITLES[following].lower()}"

    def turned(self, step: int) -> PackagesPage:
        """The next form, or the one before."""
        return PackagesPage(self._explored, self._found, (self._form + step) % len(_FORMS))

    def lines(self, columns: int) -> Lines:
        """The same as the command prints, all rows."""
        settings, by = self._explored.settings(columns), _FORMS[self._form]
        content = msgspec.structs.replace(self._found.content, by=by)
        unowned = content.document.unowned
        has_rows = self._rows if by == "package" else unowned if by == "directory" else ()
        if not has_rows:
            return FixedLines(report_lines(packages(content, settings)))
        above: list[Lines] = [FixedLines([*map(painted, packages_summary(content, settings)), ()])]
        if by == "directory":

            def line(number: int) -> str:
                return unowned_line(unowned[number], settings)

            return JoinedLines([*above, RowLines(len(unowned), line, lambda number: _below(unowned[number]))])
        rows = self._rows
        return JoinedLines(
            [
                *above,
                *table(
                    PACKAGE_COLUMNS,
                    len(rows),
                    lambda number: package_cells(rows[number], settings),
                    lambda number: self._target(rows[number]),
                    settings,
                ),
            ]
        )

    def _target(self, row: PackageRow) -> Target:
        """The largest file of the package; where none is known, the place where it is installed."""
        tree, there = self._explored.stacked.tree, row.state in ("installed", "database-deleted")
        listed = self._found.files.get((row.type, row.name), ())
        paths = (path for files in listed for path in files.split(b"\0"))
        if there:
            sizes = {path: tree.entry(path).size for path in paths if path in tree}
        else:
            scan = tree.scans[row.installed_in]
            entries = {} if scan is None else scan.entries
            sizes = {path: entries[path].size for path in paths if path in entries}
        place = stored_path(row.location, row.location_b64)
        largest = max(sizes, key=lambda path: (sizes[path], path), default=place)
        return Target(largest, None if there else row.installed_in)


def _below(row: UnownedRow) -> Target:
    return Target(stored_path(row.path, row.path_b64), row.layer)
