"""The open rows of the tree as lines: mode and owner, size, layer, sign of the change, name."""

from __future__ import annotations

from imgtar.answers.rows import ChangeWord
from imgtar.explore.model.explored import Explored
from imgtar.explore.model.file_list import FileList
from imgtar.explore.model.lines import Line, slot
from imgtar.filesystem.tree import FileEntry
from imgtar.layer.paths import too_long
from imgtar.report.table.drawing import Cell, Style, marks
from imgtar.report.table.ls import mode_letters
from imgtar.report.words.amounts import signed_size
from imgtar.text import cut, human_size

SIGNS: dict[ChangeWord, tuple[str, Style]] = {
    "added": ("+", "green"),
    "modified": ("~", "yellow"),
    "deleted": ("-", "red"),
    "unchanged": (" ", ""),
}
_TURNS = {True: ("▸ ", "▾ "), False: ("> ", "v ")}  # a directory that is closed, and an open one; by unicode
_ATTRIBUTES = 10 + 1 + 11 + 1  # mode, owner
_SIZE = 8
_NARROW = 30  # columns that have room for sizes
_DEEPEST = 24  # levels of a tree that are indented


class FileLines:
    """The lines of a list of files; `attributes` are mode and owner."""

    def __init__(self, explored: Explored, files: FileList, *, attributes: bool) -> None:
        self._explored = explored
        self._files = files
        self._attributes = attributes
        self._layer = len(str(max(len(explored.image.layers) - 1, 0)))

    def __len__(self) -> int:
        return len(self._files.rows)

    def line(self, number: int, columns: int) -> Line:
        """The row of one path."""
        path, files = self._files.rows[number], self._files
        index = files.index
        entry = index.view.entry(path) if index.is_row(path) else None
        cells: list[Cell] = []
        if self._attributes:
            cells += self._attribute_cells(entry)
        if columns >= _NARROW + (_ATTRIBUTES if self._attributes else 0):
            layer = "" if entry is None else str(entry.layer)
            cells += [
                slot(self._size(path), _SIZE, right=True),
                Cell(" "),
                slot(layer, self._layer, "dim", right=True),
                Cell(" "),
            ]
        nothing: tuple[str, Style] = ("", "dim")
        sign, style = nothing if entry is None else SIGNS[index.view.change(path)]
        cells += [slot(sign, 1, style), Cell(" ")]
        used = sum(len(cell.text) for cell in cells)
        return [
            *cells,
            Cell(cut(self._name(path, entry), max(columns - used, 1), self._cut), _name_style(entry, style)),
        ]

    def _size(self, path: bytes) -> str:
        """The bytes by which the rows are sorted."""
        index = self._files.index
        return signed_size(index.net(path), "+") if self._files.order == "net" else human_size(index.size(path))

    @property
    def _cut(self) -> str:
        return marks(self._explored.settings(1)).cut

    def _attribute_cells(self, entry: FileEntry | None) -> list[Cell]:
        if entry is None:
            return [Cell(" " * _ATTRIBUTES)]
        member = entry.member
        owner = f"{member.uid}:{member.gid}"
        return [Cell(mode_letters(entry.type, member.mode)), Cell(" "), slot(owner, 11), Cell(" ")]

    def _name(self, path: bytes, entry: FileEntry | None) -> str:
        explored, files = self._explored, self._files
        is_whole = too_long(path)
        name = explored.shown(b"/" + path if is_whole else path[path.rfind(b"/") + 1 :])
        is_directory = entry is None or entry.type == "dir" or files.index.below(path) > 0
        closed, opened = _TURNS[explored.unicode]
        turn = opened if files.is_open(path) else closed
        text = "  " * (0 if is_whole else min(path.count(b"/"), _DEEPEST)) + (turn if is_directory else "  ") + name
        if is_directory:
            return text + "/"
        if entry is not None and entry.type in ("symlink", "hardlink"):
            target = b"/" + entry.link if entry.link is not None else entry.member.link
            text += f" {marks(explored.settings(1)).arrow} {explored.shown(target)}"
        return text


def _name_style(entry: FileEntry | None, style: Style) -> Style:
    if style:
        return style
    return "bold" if entry is not None and entry.type == "dir" else "cyan" if entry and entry.type == "symlink" else ""
