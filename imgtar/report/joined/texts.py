"""Text and Markdown about several archives: one report after the other under its name, and a line each at the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from imgtar.contract.content import TextSettings
from imgtar.contract.several import ArchiveOutcome, SeveralArchives, count_archives
from imgtar.report.markdown.fit import table_head, table_row
from imgtar.report.markdown.sections import escaped_span, prose
from imgtar.report.table.drawing import Cell, Column, Style, draw, encoded, marks, paint, wrapped
from imgtar.report.words.image import counted
from imgtar.text import cut_middle, neutralise

_STATES: dict[int, tuple[str, Style]] = {
    0: ("ok", "green"),
    1: ("failed", "alarm"),
    2: ("NOT READ", "alarm"),
    3: ("NOT READ", "alarm"),
    4: ("DAMAGED", "alarm"),
    5: ("LIMIT", "alarm"),
    6: ("NOT WRITTEN", "alarm"),
    70: ("NOT READ", "alarm"),
}
_NAME_COLUMNS, _WORD_COLUMNS = 120, 200


def state(archive: ArchiveOutcome) -> str:
    """The exit code of an archive in a word or two."""
    return _STATES[archive.exit_code][0]


class Texts:
    """The `table` format. `==> app.tar <==` stands above each report, as `head` and `tail` print it."""

    def __init__(self, settings: TextSettings, run: SeveralArchives) -> None:
        self._settings = settings
        self._count = run.count

    def report(self, archive: ArchiveOutcome, pieces: Iterator[bytes]) -> Iterator[bytes]:
        settings = self._settings
        path, image = _parts(archive)
        path = neutralise(path, ascii_only=not settings.unicode)
        about = f"{image} ({archive.number + 1} of {self._count})"
        if not settings.whole:
            path = cut_middle(path, max(settings.width - len(about) - 8, 8), marks(settings).cut)
        yield from encoded([paint(f"==> {path}{about} <==", "bold", settings)], settings)
        if archive.unread is not None:
            yield from encoded(self._line([archive], indent=0), settings)
        yield from pieces
        yield b"\n"

    def end(self, archives: Sequence[ArchiveOutcome]) -> Iterator[bytes]:
        yield from encoded(
            [
                *self._notes(archives),
                paint(f"==> {counted(count_archives(archives), 'archive')} <==", "bold", self._settings),
                *self._line(archives, indent=2),
            ],
            self._settings,
        )

    def _notes(self, archives: Sequence[ArchiveOutcome]) -> Iterator[str]:
        """What was said of none of the archives, because it holds for several: each once."""
        for note in dict.fromkeys(archive.note for archive in archives if archive.note):
            number = count_archives(archive for archive in archives if archive.note == note)
            words = neutralise(f"in {counted(number, 'archive')}: {note}", ascii_only=not self._settings.unicode)
            yield from (*wrapped(words.split(" "), self._settings, 0), "")

    def _line(self, archives: Sequence[ArchiveOutcome], indent: int) -> Iterator[str]:
        settings = self._settings
        rows = [
            [
                Cell(*_STATES[archive.exit_code]),
                Cell(neutralise(path, ascii_only=not settings.unicode), kept=image),
                Cell(neutralise(archive.words, ascii_only=not settings.unicode)),
            ]
            for archive in archives
            for path, image in [_parts(archive)]
        ]
        return draw([Column(""), Column("", shrink="middle"), Column("", shrink="end")], rows, settings, indent)


def _parts(archive: ArchiveOutcome) -> tuple[str, str]:
    """The name of the archive, which may be cut, and the number of the image (` @1`), which may not."""
    image = "" if archive.image is None else f" @{archive.image}"
    return archive.name.removesuffix(image), image


class MarkdownTexts:
    """The `markdown` format: the reports, which have headings of their own, and a table at the end."""

    def __init__(self, _settings: TextSettings, _run: SeveralArchives) -> None:
        pass

    def report(self, archive: ArchiveOutcome, pieces: Iterator[bytes]) -> Iterator[bytes]:
        if archive.unread is not None:
            yield f"## Not read: {_name(archive)}\n\n{prose(archive.words)}\n".encode()
        yield from pieces
        yield b"\n"

    def end(self, archives: Sequence[ArchiveOutcome]) -> Iterator[bytes]:
        rows = [table_row([state(archive), _name(archive), _words(archive)]) for archive in archives]
        lines = [f"## {count_archives(archives)} archives", "", *table_head("", "archive", "result"), *rows]
        yield ("\n".join(lines) + "\n").encode("utf-8", "backslashreplace")


def _name(archive: ArchiveOutcome) -> str:
    return escaped_span(archive.name, _NAME_COLUMNS)


def _words(archive: ArchiveOutcome) -> str:
    return prose(cut_middle(archive.words, _WORD_COLUMNS))
