"""The explorer: layers, files and detail, and what each key does with them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.events import Resize

from imgtar.answers.rows import ChangeWord
from imgtar.answers.view import View
from imgtar.errors import ImgtarError
from imgtar.explore.keys import KEYS
from imgtar.explore.layout import Layout
from imgtar.explore.model.browser import Browser
from imgtar.explore.model.detail import path_lines, row_lines
from imgtar.explore.model.explored import Explored
from imgtar.explore.model.file_lines import FileLines
from imgtar.explore.model.lines import FixedLines, Line, report_lines
from imgtar.explore.model.page import Target
from imgtar.explore.paged_app import Compare, PagedApp
from imgtar.explore.pane import Bar, Pane, bindings
from imgtar.explore.views import PageView, Question
from imgtar.layer.paths import parent
from imgtar.report.table.drawing import marks
from imgtar.report.table.sections import head
from imgtar.runtime import leave_out

_FRAME = 0.01  # seconds of work during which no key is answered

Extract = Callable[[str, str, View], str]  # path and directory as a person gives them, view; says what was written


class Explorer(PagedApp):
    """Shows one image. `extract` writes files of it, `compare` reads another archive. `start` is selected at first."""

    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = bindings(KEYS)

    def __init__(self, explored: Explored, extract: Extract, compare: Compare, start: bytes = b"") -> None:
        super().__init__(explored, compare)
        self._start = start
        self._browser = Browser(explored)
        self._write_files = extract
        self._attributes = False
        self._detail: Callable[[int], list[Line]] = partial(row_lines, explored, self._browser.layer_row)  # by columns
        self.failure: Exception | None = None  # the bug that ended the program

    def _handle_exception(self, error: Exception) -> None:
        """Keeps the error: the traceback that textual would print quotes the image as it is."""
        self.failure = self.failure or error
        super()._handle_exception(error)
        self._exit_renderables.clear()

    def compose(self) -> ComposeResult:
        cut_mark = marks(self.settings).cut
        yield Bar(name="head", cut_mark=cut_mark)
        yield Layout(cut_mark)
        yield Bar(name="foot", classes="foot", cut_mark=cut_mark)

    def on_mount(self) -> None:
        self.watch(self._layout.steps, "cursor", self._select_layer, init=False)
        self.watch(self._layout.files, "cursor", self._show_detail, init=False)
        self._layout.steps.show(self._browser.layers, self._browser.row)
        if self._start:
            self.go_to(Target(self._start))
        else:
            self._list()

    @property
    def _layout(self) -> Layout:
        return self.screen_stack[0].query_one(Layout)

    @property
    def _files(self) -> Pane:
        return self._layout.files

    @property
    def _path(self) -> bytes | None:
        """The path of the selected file; None where none is listed."""
        files = self._browser.files
        return files.rows[self._files.cursor] if files is not None and files.rows else None

    def on_resize(self, event: Resize) -> None:
        settings = self.explored.settings(event.size.width)
        document = self.explored.document
        first = next(report_lines(line.encode() for line in head(document, document.findings, settings)))
        self.screen_stack[0].query_one("#head", Bar).show(first)

    def on_pane_widened(self) -> None:
        """The detail is filled into the columns that it has."""
        self._fill_detail()

    def on_descendant_focus(self) -> None:
        """The detail and the command line are those of the pane with the focus."""
        self._show_detail()

    def _select_layer(self) -> None:
        self._browser.row = self._layout.steps.cursor
        self._list()
        self._show_detail()

    def _list(self) -> None:
        """Lists the files of the selected layer; a list that is being made is given up."""
        self._run(self._browser.list_files(), self._path)

    def _run(self, steps: Iterator[None], path: bytes | None) -> None:
        """Lists files in steps, then selects the path. What is listed within a frame is shown with the key's answer."""
        self.workers.cancel_group(self, "files")
        if _done(steps):
            self._show_files(path)
            return

        async def work() -> None:
            self._layout.head_files("Files: reading", "dim")
            while not _done(steps):
                await asyncio.sleep(0)
            leave_out()  # the lists that were made
            self._show_files(path)

        self.run_worker(work, group="files")  # type: ignore[arg-type]  # the result is None

    def _show_files(self, path: bytes | None) -> None:
        """Shows the list, with the cursor at the path that it had, where that is listed."""
        files = self._browser.files
        row = self._files.cursor if files is not None and path in files.rows[self._files.cursor :][:1] else 0
        if files is not None and path is not None and not row and path in files.rows:
            row = files.rows.index(path)
        lines = FixedLines(()) if files is None else FileLines(self.explored, files, attributes=self._attributes)
        self._files.show(lines, row)
        self._layout.head_files(self._browser.files_title())
        self._show_detail()

    def _show_detail(self) -> None:
        """Shows what is known of the selected row, and the command lines that print the same."""
        path, browser = self._path, self._browser
        if self._files.has_focus and path is not None:
            self._detail = partial(path_lines, self.explored, path, browser.below(path))
            self.commands = [browser.files_command(), browser.path_command(path)]
            self.left_out = browser.left_out(of_files=True)
        elif not self._layout.detail.has_focus:
            self._detail = partial(row_lines, self.explored, browser.layer_row)
            self.commands = [browser.row_command()]
            self.left_out = browser.left_out(of_files=False)
        else:
            return
        self._fill_detail()
        self.name_commands()

    def _fill_detail(self) -> None:
        detail = self._layout.detail
        detail.show(FixedLines(self._detail(detail.columns)))

    def go_to(self, target: Target) -> None:
        self._browser.aim(target)
        self._layout.steps.show(self._browser.layers, self._browser.row)
        self._layout.focus_files()
        self._run(self._browser.list_files_at(target.path), target.path)

    def action_pane(self, step: int) -> None:
        """Moves to another pane; the key comes here first, so an open page gets it from here."""
        if isinstance(self.screen, PageView):
            self.screen.turn(step)
        elif len(self.screen_stack) == 1:
            self._layout.move(step)

    def action_turn(self) -> None:
        files = self._browser.files
        if files is not None and files.rows and self._files.has_focus:
            files.toggle(self._files.cursor)
            self._files.show(self._files.lines, self._files.cursor)

    def action_open(self) -> None:
        path, files = self._path, self._browser.files
        if path is not None and files is not None and not files.is_open(path):
            self.action_turn()

    def action_close(self) -> None:
        path, files = self._path, self._browser.files
        if path is None or files is None or not self._files.has_focus:
            return
        if files.is_open(path):
            self.action_turn()
        elif (above := parent(path)) in files.rows:
            self._files.select(files.rows.index(above))

    def action_close_all(self) -> None:
        if self._browser.files is not None:
            self._browser.files.close_all()
            self._show_files(None)

    def action_enter(self) -> None:
        path, files = self._path, self._browser.files
        if path is None or files is None or not self._files.has_focus:
            return
        if files.index.is_directory(path):
            self.action_turn()
        else:
            self._preview(path)

    def _preview(self, path: bytes) -> None:
        entry = self._browser.entry(path)
        if entry is None or entry.member.type != "file" or entry.broken:
            self.say("only a regular file has a content", "alarm")
        else:
            self.preview(path, entry, self._browser.content_command(path))

    async def action_filter(self) -> None:
        def set_filter(text: str | None) -> None:
            if text is None:
                return
            try:
                self._browser.set_text(text)
            except ImgtarError as problem:
                self.tell(problem)
            else:
                self._list()

        await self.push_screen(
            Question("Paths with this text, or that match this glob:", self._browser.filter.text), set_filter
        )

    def action_clear(self) -> None:
        self._browser.clear_filter()
        self._list()

    def action_change(self, change: ChangeWord) -> None:
        if change == "added" and self._layout.steps.has_focus:
            self._browser.stacked = True
        else:
            self._browser.toggle_change(change)
        self._list()

    def action_stack(self) -> None:
        self._browser.stacked = not self._browser.stacked
        self._list()

    def action_attributes(self) -> None:
        self._attributes = not self._attributes
        self._show_files(self._path)

    def action_sort(self) -> None:
        self._run(self._browser.toggle_order(), self._path)

    def action_base(self) -> None:
        self._browser.toggle_base()
        self._layout.steps.show(self._browser.layers, self._browser.row)
        self._list()

    async def action_extract(self) -> None:
        path = self._path
        if path is None or not self._files.has_focus:
            self.say("select a file to extract", "alarm")
            return

        def write(directory: str | None) -> None:
            if directory:
                shown, view = self.explored.path(path), self._browser.place(path)
                self.read("the files", partial(asyncio.to_thread, self._write_files, shown, directory, view), self.say)

        await self.push_screen(Question("Write the selected files to the new directory:"), write)


def _done(steps: Iterator[None]) -> bool:
    """Works for one frame; is the work done?"""
    end = time.monotonic() + _FRAME
    return all(time.monotonic() < end for _ in steps)
