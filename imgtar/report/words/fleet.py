"""The sentences and tables about many archives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from imgtar.contract.fleet_summary import FleetSummary, PackageCount, SharedPlace, WastefulImage
from imgtar.contract.shared import SharedTotals
from imgtar.report.words.image import counted, short
from imgtar.text import cut, cut_middle, escape, escape_stored, human_size, neutralise

# What became of an archive, by its exit code. All but those with 0 failed, so this is no word for one of them.
_WORDS = {
    0: "ok",
    1: "did not pass a gate",
    4: "damaged",
    5: "stopped by a limit",
    2: "not chosen",
    3: "not read",
    70: "unanswered",
}
_READ = {"0", "1"}  # the exit codes of archives that were read whole
_NAME, _STEP, _SENTENCE = 80, 80, 200  # columns of a cell
_VERSIONS = 3


class Cell(NamedTuple):
    """An escaped text; `stored` where an image or a person named it, `number` where digits are to stand in line.

    `sentence`: words of imgtar, which may quote a name.
    """

    text: str
    stored: bool = False
    number: bool = False
    sentence: bool = False


class Table(NamedTuple):
    """A heading, the titles of the columns, and the rows."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def outcome_words(exit_codes: Mapping[int, int]) -> str:
    """`200 archives: 197 ok, 2 damaged, 1 not read`, from the number of archives with each exit code."""
    found = [f"{exit_codes[code]:,} {words}" for code, words in _WORDS.items() if exit_codes.get(code)]
    archives = counted(sum(exit_codes.values()), "archive")
    return f"{archives}: {', '.join(found)}" if found else archives


def dropped_words(rows: int) -> str:
    """`dropped 186 rows of archives that are not named any more`."""
    of = "an archive that is" if rows == 1 else "archives that are"
    return f"dropped {counted(rows, 'row')} of {of} not named any more"


def failed_words(exit_codes: Mapping[int, int], earlier: int, file: str | None) -> str:
    """`; 3 failed, 2 of them in an earlier run (see failures.jsonl)`; empty where none failed.

    `earlier` failed before this run. `file` lists all that failed; None where it is not written.
    """
    failed = sum(count for code, count in exit_codes.items() if code)
    if not failed:
        return ""
    before = (
        ""
        if not earlier
        else ", in an earlier run"
        if earlier == failed
        else f", {earlier:,} of them in an earlier run"
    )
    return f"; {failed:,} failed{before}{'' if file is None else f' (see {file})'}"


def unread_words(summary: FleetSummary) -> str:
    """`3 of 8 archives were not read whole.`; empty where all were."""
    unread = sum(count for code, count in summary.archives.exit_codes.items() if code not in _READ)
    verb = "was" if unread == 1 else "were"
    return f"{unread:,} of {counted(summary.archives.count, 'archive')} {verb} not read whole." if unread else ""


def sentences(summary: FleetSummary) -> Iterator[str]:
    """What became of the archives, how many images there are, and what they share."""
    codes = {int(code): count for code, count in summary.archives.exit_codes.items()}
    yield f"{outcome_words(codes)}{failed_words(codes, 0, None)}; {human_size(summary.archives.size)}."
    images = summary.images
    if not images.count:
        return
    yield (
        f"{counted(images.count, 'image')} with {counted(images.distinct, 'distinct ID')}: "
        f"{human_size(images.content_size)} of files, {human_size(images.wasted_bytes)} wasted."
    )
    yield f"On docker's disk {_shared(summary.disk, 'layer')}."
    if summary.registry.count:
        yield f"In a registry {_shared(summary.registry, 'blob')}."


def _shared(totals: SharedTotals, what: str) -> str:
    least = "at least " if totals.at_least else ""
    return (
        f"{counted(totals.count, what)} are {totals.distinct:,} distinct ones: {least}{human_size(totals.together)} "
        f"instead of {human_size(totals.alone)}"
    )


def tables(summary: FleetSummary) -> Iterator[Table]:
    """The lists that have rows."""
    found = (
        Table("Archives that failed", ("Archive", ">Exit", "Why"), _failures(summary)),
        Table("Findings by severity", ("Severity", ">Findings"), _severities(summary)),
        Table("Findings", ("Code", "Severity", ">Archives", ">Findings"), _findings(summary)),
        Table(
            "Layers that images share",
            (">Saves", ">Size", ">Images", "Chain ID", "Step"),
            [_place(layer) for layer in summary.layers],
        ),
        Table("Wasted bytes", (">Wasted", ">Stored", "Image", "Archive"), [_waste(image) for image in summary.waste]),
        Table("Base images", (">Images", "Base", "Digest"), _bases(summary)),
        Table("Packages", ("Package", "Type", ">Images", "Versions"), [_package(one) for one in summary.packages]),
    )
    return (table for table in found if table.rows)


def _failures(summary: FleetSummary) -> list[list[Cell]]:
    rows = []
    for one in summary.failures:
        path = escape_stored(one.path, None if one.path_b64 is msgspec.UNSET else one.path_b64)
        message = neutralise(cut(one.message, _SENTENCE))
        rows.append(
            [Cell(cut_middle(path, _SENTENCE), stored=True), _number(one.exit_code), Cell(message, sentence=True)]
        )
    return rows


def _severities(summary: FleetSummary) -> list[list[Cell]]:
    return [[Cell(name), _number(count)] for name, count in summary.severities.items() if count]


def _findings(summary: FleetSummary) -> list[list[Cell]]:
    return [[Cell(one.code), Cell(one.severity), _number(one.archives), _number(one.count)] for one in summary.findings]


def _place(layer: SharedPlace) -> list[Cell]:
    text = layer.created_by
    step = Cell(cut(escape(text), _STEP), stored=True) if text else Cell("no step named in the history", sentence=True)
    return [_size(layer.saved), _size(layer.size), _number(layer.images), Cell(short(layer.chain_id) or ""), step]


def _waste(image: WastefulImage) -> list[Cell]:
    name = cut(escape(image.name or short(image.id) or ""), _NAME)
    path = cut_middle(escape_stored(image.path, image.path_b64), _SENTENCE)
    return [_size(image.wasted_bytes), _size(image.stored_bytes), Cell(name, stored=True), Cell(path, stored=True)]


def _bases(summary: FleetSummary) -> list[list[Cell]]:
    return [
        [
            _number(base.images),
            Cell(cut(escape(base.name or ""), _NAME), stored=True),
            Cell(short(base.digest) or "", stored=True),
        ]
        for base in summary.bases
    ]


def _package(package: PackageCount) -> list[Cell]:
    named = [f"{one.version} ({one.images:,})" for one in package.versions[:_VERSIONS]]
    more = [] if len(package.versions) <= _VERSIONS else ["…"]
    versions = cut(escape(", ".join([*named, *more])), _NAME)
    name = cut(escape(package.name), _NAME)
    return [Cell(name, stored=True), Cell(package.type), _number(package.images), Cell(versions, stored=True)]


def _number(value: int) -> Cell:
    return Cell(f"{value:,}", number=True)


def _size(value: int) -> Cell:
    return Cell(human_size(value), number=True)
