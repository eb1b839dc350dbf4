"""What is selected: a row of the layers, the view of its files, the filter and the order. No screen is in it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import NamedTuple

from imgtar.answers.rows import ChangeWord
from imgtar.answers.view import View
from imgtar.explore.model.directories import Directories
from imgtar.explore.model.explored import Explored
from imgtar.explore.model.file_list import FileList
from imgtar.explore.model.layer_list import LayerList, LayerRow
from imgtar.explore.model.page import Target
from imgtar.explore.model.path_filter import PathFilter
from imgtar.explore.model.path_index import Order, PathIndex
from imgtar.explore.model.views import FilesystemView, FileView, LayerView
from imgtar.filesystem.tree import FileEntry
from imgtar.report.words.image import counted

_KEPT_ROWS = 2_000_000  # of the indexes that are not shown, up to 20 bytes each with their directories
_ORDERED: dict[Order, str] = {"name": "", "size": ", by size", "net": ", by net size"}
_FEW = 20_000  # rows that a filter finds, all of which are opened


class _Shown(NamedTuple):
    """Which files: those of a layer itself, or those of the filesystem after it, `marked` with what it did to them."""

    layer: int
    own: bool
    marked: bool


class Browser:
    """`files` are what is listed now; a job (`list_files` and those that call it) replaces them when it ends."""

    def __init__(self, explored: Explored) -> None:
        self.explored = explored
        self.layers = LayerList(explored)
        self.row = 0
        self.stacked = False  # the files of a row of the layers are those of the filesystem after it
        self.filter = PathFilter()
        self.order: Order = "name"
        self.files: FileList | None = None
        self._directories = Directories()
        self._indexes: OrderedDict[_Shown, PathIndex] = OrderedDict()

    @property
    def layer_row(self) -> LayerRow:
        """The selected row of the layers."""
        return self.layers.rows[self.row]

    @property
    def _shown(self) -> _Shown | None:
        """What the files are of: a step without a layer shows those of the last layer below it."""
        rows = self.layers.rows[: self.row + 1]
        row = next((row for row in reversed(rows) if row.layer is not None), None)
        if row is None or row.layer is None:
            return None
        is_step = row.kind == "step"
        return _Shown(row.layer, own=is_step and not self.stacked, marked=is_step)

    @property
    def view(self) -> View:
        """The same as the options of a command."""
        shown = self._shown
        if shown is None or (not shown.marked and shown.layer == len(self.explored.image.layers) - 1):
            return View()
        return View(layer=shown.layer) if shown.own else View(upto=shown.layer)

    def _file_view(self, shown: _Shown) -> FileView:
        if shown.own:
            return LayerView(self.explored.stacked, shown.layer)
        return FilesystemView(self.explored.stacked, shown.layer, marked=shown.marked)

    def list_files(self) -> Iterator[None]:
        """Lists the files of the selected row, in steps."""
        shown = self._shown
        before = self.files
        if shown is None:
            self.files = None
            return
        index = self._indexes.get(shown) if self.filter.is_empty else None
        if index is None:
            view = self._file_view(shown)
            index = PathIndex(view, self._directories, self.filter.selects(view))
            yield from index.build()
        if self.filter.is_empty:
            self._keep(shown, index)
        yield from index.prepare(self.order)
        files = FileList(index, self.order)
        if before is not None:
            files.open_like(before)
        if self.filter.text and index.total <= _FEW:
            yield from files.open_all()
        else:
            yield from files.rebuild()
        self.files = files

    def aim(self, target: Target) -> None:
        """Selects a row of the layers whose files have the path; `list_files_at` then lists them.

        Without a layer that is the final filesystem, or where that lacks the path, the last layer that changed it.
        """
        layer = target.layer
        if layer is None and target.path not in self.explored.stacked.tree:
            layer = max(self.explored.history.layers_of(target.path)[0], default=None)
        self.row = 0 if layer is None else self.layers.show(layer)
        self.stacked = False
        self.filter = PathFilter()

    def list_files_at(self, path: bytes) -> Iterator[None]:
        """Lists the files of the selected row with the directories above a path open, in steps."""
        yield from self.list_files()
        if self.files is not None:
            self.files.reveal(path)

    def _keep(self, shown: _Shown, index: PathIndex) -> None:
        """Keeps an index, and drops those that were not shown lately where they are too large together."""
        self._indexes[shown] = index
        self._indexes.move_to_end(shown)
        while len(self._indexes) > 1 and sum(kept.total for kept in self._indexes.values()) - index.total > _KEPT_ROWS:
            self._indexes.popitem(last=False)

    def toggle_change(self, change: ChangeWord) -> None:
        """Shows the paths of a change, or leaves them out; `list_files` then lists the others."""
        self.filter = self.filter.toggled(change)

    def toggle_order(self) -> Iterator[None]:
        """Sorts by size, then where a layer itself is shown by net size, then by name again, in steps."""
        nets = self.files is not None and self.files.index.view.own
        self.order = "size" if self.order == "name" else "net" if self.order == "size" and nets else "name"
        return iter(()) if self.files is None else self.files.sort(self.order)

    def toggle_base(self) -> None:
        """Folds the layers of the base, or lists them; the selected layer stays."""
        row = self.layer_row
        self.layers.toggle_base()
        self.row = 0 if row.kind == "final" else self.layers.row_of(row.layer or 0)

    def below(self, path: bytes) -> tuple[int, int] | None:
        """The paths and the bytes listed below a directory; None for anything else."""
        index = None if self.files is None else self.files.index
        if index is None or not index.is_directory(path):
            return None
        return index.below(path), index.size(path)

    def set_text(self, text: str) -> None:
        """Lists only paths with a text, or that match a glob; `list_files` then does so. Raises UsageError."""
        changed = PathFilter(text, self.filter.hidden)
        changed.check()
        self.filter = changed

    def clear_filter(self) -> None:
        """Lists all paths; `list_files` then does so."""
        self.filter = PathFilter()

    def entry(self, path: bytes) -> FileEntry | None:
        """What is at a listed path; None for a directory that is listed for what is below it alone."""
        index = None if self.files is None else self.files.index
        return index.view.entry(path) if index is not None and index.is_row(path) else None

    def place(self, path: bytes) -> View:
        """The view that has the listed path: of a deleted one that of the layer that stores it."""
        index = None if self.files is None else self.files.index
        if index is not None and index.is_row(path) and index.view.change(path) == "deleted":
            return View(layer=index.view.entry(path).scan_layer)
        return self.view

    def files_title(self) -> str:
        """Which files are listed, and how many."""
        view = self.view
        which = f"of layer {view.layer}" if view.layer is not None else f"after layer {view.upto}"
        words = ["Files", "of the final filesystem" if view.top is None else which]
        if self.files is None:
            return "No files"
        if self.filter.text:
            words.append(f"with {self.explored.shown(self.filter.text)}")
        if self.filter.hidden:
            words.append(f"without {', '.join(sorted(self.filter.hidden))}")
        return f"{' '.join(words)}: {counted(self.files.index.total, 'path')}{_ORDERED[self.files.order]}"

    def left_out(self, *, of_files: bool) -> str:
        """What the command line prints that is left out here, of the files or of the layers; empty without any."""
        if of_files:
            return f"paths that are {', '.join(sorted(self.filter.hidden))}" if self.filter.hidden else ""
        prints_steps = self.layer_row.kind == "step" and self.layers.folded
        return "the steps of the base image" if prints_steps else ""

    def content_command(self, path: bytes) -> str:
        """The command line that prints the content of a listed file."""
        return self.explored.command("cat", self.explored.path(path), view=self.place(path))

    def row_command(self) -> str:
        """The command line that prints the facts of the selected row of the layers."""
        return self.explored.command("history" if self.layer_row.kind == "step" else "inspect")

    def files_command(self) -> str:
        """The command line that prints the listed files; sums, where they are sorted by size."""
        sums = ["--du"] if self.order == "size" else []
        return self.explored.command("ls", *self.filter.patterns, *sums, view=self.view)

    def path_command(self, path: bytes) -> str:
        """The command line that prints the biography of a path."""
        return self.explored.command("find", self.explored.path(path))
