"""The wasted bytes as `imgtar inspect` prints them, all of them, with the layer that stores each path."""

from __future__ import annotations

from collections.abc import Iterable

from imgtar.contract.inspect import WasteGroup, WasteRow
from imgtar.explore.model.explored import Explored
from imgtar.explore.model.lines import FixedLines, Lines, painted
from imgtar.explore.model.page import JoinedLines, Target, stored_path, table
from imgtar.report.table.waste import (
    GROUP_COLUMNS,
    ROW_COLUMNS,
    group_cells,
    row_cells,
    waste_advice,
    waste_sums,
)


class WastePage:
    """The sums, the directories that have most of the bytes, what to change, and every path."""

    title = "Wasted bytes"
    hint = "Enter: go to the path"

    def __init__(self, explored: Explored) -> None:
        self._explored = explored
        self.commands = (explored.command("inspect", "--top", "0"),)

    def lines(self, columns: int) -> Lines:
        """The same as the section Waste with `--top 0`."""
        image, settings = self._explored.image, self._explored.settings(columns)
        groups, rows = image.waste_group_rows, image.waste_rows
        parts = [_fixed(waste_sums(image, settings))]
        if groups:
            parts += table(
                GROUP_COLUMNS,
                len(groups),
                lambda number: group_cells(image, groups[number], settings),
                lambda number: _target(groups[number]),
                settings,
            )
            parts.append(_fixed([""]))
        parts.append(_fixed(waste_advice(image, settings)))
        if rows:
            parts += table(
                ROW_COLUMNS,
                len(rows),
                lambda number: row_cells(image, rows[number], settings),
                lambda number: _target(rows[number]),
                settings,
            )
        return JoinedLines(parts)

    def turned(self, _step: int) -> None:
        """It has one form."""


def _fixed(lines: Iterable[str]) -> Lines:
    return FixedLines(map(painted, lines))


def _target(row: WasteRow | WasteGroup) -> Target:
    return Target(stored_path(row.path, row.path_b64), row.added_in)
