"""Machine-readable formats about several archives: JSON, JSON lines, CSV, SARIF and JUnit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from imgtar.contract.content import TextSettings
from imgtar.contract.envelope import SCHEMA_VERSION
from imgtar.contract.several import ArchiveOutcome, SeveralArchives, count_archives
from imgtar.report import sarif
from imgtar.report.csv.rows import Value, encoded_rows
from imgtar.text import csv_cell, disarm, disarm_json

_RECORD = re.compile(rb'^\{"record":"[a-z_]+"', re.MULTILINE)  # every line of JSON lines begins so
_LINE = re.compile(rb"^(?=.)", re.MULTILINE)  # every row of a CSV is one line: its cells are escaped
_RUNS = b'"runs": [\n    '
_RUNS_END = b"\n  ]\n}\n"
_WORDS = ("note", "message")  # the column of a CSV that takes a sentence
_KINDS = ("kind", "effect")


class JsonReports:
    """`{"schema_version", "generator", "reports": […]}`; an archive without a report has `source` and `error`."""

    def __init__(self, _settings: TextSettings, run: SeveralArchives) -> None:
        head = _json({"schema_version": SCHEMA_VERSION, "generator": run.generator})
        self._before = head[:-1] + b',"reports":['

    def report(self, archive: ArchiveOutcome, pieces: Iterator[bytes]) -> Iterator[bytes]:
        yield self._before
        self._before = b","
        if archive.unread is not None:
            yield _json(archive.unread)
        for piece in pieces:
            yield piece.removesuffix(b"\n")  # only the last one has a line break

    def end(self, _archives: Sequence[ArchiveOutcome]) -> Iterator[bytes]:
        yield b"]}\n"


class JsonLines:
    """One stream: each record has the number of its `archive`, but for the last one, the `end` of the run."""

    def __init__(self, _settings: TextSettings, _run: SeveralArchives) -> None:
        pass

    def report(self, archive: ArchiveOutcome, pieces: Iterator[bytes]) -> Iterator[bytes]:
        number = b',"archive":%d' % archive.number
        if archive.unread is not None:
            yield _line("error", archive, {"source": archive.unread.source, "error": archive.unread.error})
        for piece in pieces:
            yield _RECORD.sub(lambda found: found[0] + number, piece)

    def end(self, archives: Sequence[ArchiveOutcome]) -> Iterator[bytes]:
        unread = count_archives(archive for archive in archives if archive.unread is not None)
        yield _json({"record": "end", "archives": count_archives(archives), "unread": unread}) + b"\n"


class CsvTables:
    """One table, with the name of the archive in the first column; one that was not read has a row that says so."""

    def __init__(self, _settings: TextSettings, _run: SeveralArchives) -> None:
        self._columns: list[str] = []
        self._unread: list[ArchiveOutcome] = []

    def report(self, archive: ArchiveOutcome, pieces: Iterator[bytes]) -> Iterator[bytes]:
        if archive.unread is not None:
            self._unread.append(archive)
        name = b"".join(encoded_rows([[csv_cell(archive.name, escaped=True)]])).removesuffix(b"\n") + b","
        rows = iter(pieces)
        head, _, first = next(rows, b"").partition(b"\n")
        if head and not self._columns:
            self._columns = ["archive", *head.decode().split(",")]
            yield b"archive," + head + b"\n"
        for piece in (first, *rows) if head else ():
            named = _LINE.sub(lambda _: name, piece).decode()
            yield disarm(named).encode()  # name and row together may be a command, although neither is one

    def end(self, _archives: Sequence[ArchiveOutcome]) -> Iterator[bytes]:
        """The archives without a report come last: only a report tells which columns there are."""
        if not self._columns:
            self._columns = ["archive", "kind", "note"]
            yield from encoded_rows([self._columns])
        yield from encoded_rows(map(self._row, self._unread))

    def _row(self, archive: ArchiveOutcome) -> Sequence[Value]:
        row: dict[str, Value] = dict.fromkeys(self._columns)
        row["archive"] = csv_cell(archive.name, escaped=True)
        for columns, value in ((_KINDS, "unread"), (_WORDS, archive.words)):
            row[next(name for name in columns if name in row)] = csv_cell(value, escaped=True)
        return list(row.values())


class SarifRuns:
    """One log with a run for each archive that was read."""

    def __init__(self, _settings: TextSettings, _run: SeveralArchives) -> None:
        self._before = b""

    def report(self, _archive: ArchiveOutcome, pieces: Iterator[bytes]) -> Iterator[bytes]:
        log = b"".join(pieces)
        if not log:
            return
        head, runs, rest = log.partition(_RUNS)
        yield self._before or head + runs
        self._before = b",\n    "
        yield rest.removesuffix(_RUNS_END)

    def end(self, _archives: Sequence[ArchiveOutcome]) -> Iterator[bytes]:
        if self._before:
            yield _RUNS_END
        else:
            yield from sarif.log([])


class JunitSuites:
    """One document with a suite for each archive; one that was not read is an error."""

    def __init__(self, _settings: TextSettings, _run: SeveralArchives) -> None:
        from xml.etree import ElementTree

        self._root = ElementTree.Element("testsuites", {"name": "imgtar check"})

    def report(self, archive: ArchiveOutcome, pieces: Iterator[bytes]) -> Iterator[bytes]:
        from xml.etree import ElementTree

        if archive.unread is not None:
            numbers = {"tests": "1", "failures": "0", "errors": "1"}
            suite = ElementTree.SubElement(self._root, "testsuite", {"name": archive.name, **numbers})
            case = ElementTree.SubElement(suite, "testcase", classname="imgtar.check", name="the archive can be read")
            ElementTree.SubElement(case, "error", type="input", message=archive.words)
        document = b"".join(pieces)
        if document:
            self._root.extend(ElementTree.fromstring(document))  # noqa: S314 (written by imgtar itself)
        yield b""

    def end(self, _archives: Sequence[ArchiveOutcome]) -> Iterator[bytes]:
        from xml.etree import ElementTree

        for name in ("tests", "failures", "errors"):
            self._root.set(name, str(sum(int(suite.get(name, "0")) for suite in self._root)))
        ElementTree.indent(self._root)
        yield ElementTree.tostring(self._root, encoding="utf-8", xml_declaration=True) + b"\n"


def _json(value: object) -> bytes:
    return disarm_json(msgspec.json.encode(value))


def _line(record: str, archive: ArchiveOutcome, fields: dict[str, object]) -> bytes:
    return _json({"record": record, "archive": archive.number, **fields}) + b"\n"
