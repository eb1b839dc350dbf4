"""The text of `packages`: a verdict, what could not be read, and a table by layer, package, type or directory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from msgspec import UNSET

from imgtar.contract.content import TextSettings
from imgtar.contract.packages import THERE, PackageLayer, PackageRow, PackagesContent, PackagesReport, UnownedRow
from imgtar.report.table.claims import claims
from imgtar.report.table.drawing import (
    Cell,
    Column,
    draw,
    encoded,
    marks,
    paint,
    shown,
    shown_lines,
    unlisted,
    wrapped,
)
from imgtar.report.table.sections import LISTED_BY_INSPECT, head
from imgtar.report.words.base import NO_BASE, base_name, base_sources, layer_range
from imgtar.report.words.image import counted
from imgtar.report.words.outcome import packages_note
from imgtar.text import cut_middle, escape_stored, human_size, width

_NAMED = 3  # packages, and directories, under a layer
_STATES = {"database-deleted": "no database"}
PACKAGE_COLUMNS = (
    Column("TYPE"),
    Column("NAME", shrink="middle"),
    Column("VERSION", shrink="end"),
    *(Column(title, right=True) for title in ("SIZE", "DEAD", "LAYER")),
    Column("STATE", shrink="end"),
)


def packages(content: PackagesContent, settings: TextSettings) -> Iterator[bytes]:
    """The packages; `settings.top` rows of a list (0: all)."""
    return encoded(_lines(content, settings), settings)


def _lines(content: PackagesContent, settings: TextSettings) -> Iterator[str]:
    document = content.document
    yield from packages_summary(content, settings)
    if document.attested is not UNSET:
        yield from claims(document.attested, settings)
        return
    if settings.several and not _listed(content):
        return
    yield ""
    if content.deleted:
        gone = [row for row in document.packages if row.state != "installed"]
        yield from _packages(gone, settings, "no package is upgraded, removed or without its database")
    elif content.by == "package":
        yield from _packages(document.packages, settings, "no packages")
    elif content.by == "type":
        yield from _types(content, settings)
    elif content.by == "directory":
        yield from _unowned(document.unowned, settings)
    else:
        yield from _layers(content, settings)


def _listed(content: PackagesContent) -> bool:
    """Is there a row to list?"""
    document = content.document
    if content.deleted:
        return any(row.state != "installed" for row in document.packages)
    if content.by in ("package", "layer"):
        return bool(document.packages if content.by == "package" else _changed(content))
    return True


def packages_summary(content: PackagesContent, settings: TextSettings) -> Iterator[str]:
    """What stands above the rows: how many packages there are, the base, and what the list may lack."""
    document = content.document
    if not document.complete or document.integrity == "failed":
        yield from head(document, document.findings, settings, rest=LISTED_BY_INSPECT)
        yield ""
    if document.attested is UNSET:
        yield from wrapped(_verdict(content, settings).split(" "), settings, 0)
        yield from _base(content, settings)
    yield from _coverage(content, settings)


def _verdict(content: PackagesContent, settings: TextSettings) -> str:
    document, totals = content.document, content.document.totals
    named = {row.type for row in document.packages}
    types = [row.type for row in document.coverage if row.packages and row.type in named]
    kinds = f" ({', '.join(dict.fromkeys(types))})" if types else ""
    above = " above the base" if document.base_layers else ""
    system = document.os
    of = "" if system is None or system.pretty_name is None else f" of {shown(system.pretty_name, settings)}"
    verb = "owns" if totals.packages == 1 else "own"
    layers = {str(row.index) for row in document.layers}
    listed = sum(size for row in document.packages for layer, size in row.bytes.by_layer.items() if layer in layers)
    owned = f"{verb} {human_size(listed)} of {human_size(totals.stored_bytes)}"
    free = f"{human_size(totals.unowned_bytes)} belong to no package"
    rest = totals.owned_bytes - listed
    free += f", {human_size(rest)} to packages of the base" if rest else ""
    read = "" if document.complete else "of what was read: "
    return f"{read}{counted(totals.packages, 'package')}{kinds}{of}{above} {owned}; {free}"


def _base(content: PackagesContent, settings: TextSettings) -> Iterator[str]:
    """Which layers are the base's, who says so, and the packages there, or that `--own` leaves them out."""
    document, base = content.document, content.document.base
    if base is not None and base.layers != 0 and (document.packages or document.base_layers):
        words = [shown(base_name(base), settings)] if base_name(base) else []
        if base.layers is not None:
            words.append(f"{'layer' if base.layers == 1 else 'layers'} {layer_range(base.layers)}")
        text = f"base {', '.join(words)} {base_sources(base)}"
        lowest = document.layers[: base.layers]
        if document.base_layers:
            text += ": left out"
        elif base.layers is not None and document.layer is None:
            states = [row.state in THERE for row in document.packages if row.base]
            gone = f", {states.count(False)} upgraded or removed" if False in states else ""
            owned, stored = sum(row.owned_bytes for row in lowest), sum(row.stored_bytes for row in lowest)
            text += f": {counted(len(states), 'package')}{gone}, {human_size(owned)} of {human_size(stored)}"
        yield from wrapped(text.split(" "), settings, 0)
    if document.base_layers == 0:
        yield from wrapped(NO_BASE.split(" "), settings, 0)


def _coverage(content: PackagesContent, settings: TextSettings) -> Iterator[str]:
    """What the list may lack, a line each."""
    rows = content.document.coverage
    for row in rows:
        where = "" if row.database is None else f" {shown(row.database, settings)}"
        if row.state == "deleted":
            text = (
                f"{row.type}: the database{where} is deleted; {counted(row.packages, 'package')} from the layer below"
            )
        elif row.state == "unreadable":
            text = f"{row.type}: the database{where} cannot be read whole; its packages may be missing"
        elif row.state == "unsupported":
            text = f"{row.type}: imgtar does not read{where}; its packages are missing"
        else:
            continue
        yield from wrapped([paint(word, "yellow", settings) for word in text.split(" ")], settings, 0)
    if not settings.several:
        yield from wrapped(filter(None, packages_note(content).split(" ")), settings, 0)


def _layers(content: PackagesContent, settings: TextSettings) -> Iterator[str]:
    document = content.document
    changed = _changed(content)
    if not changed:
        yield "no layer changes a package (--all-layers lists the layers)" if document.layers else _no_layers(document)
        return
    columns = [
        *(Column(title, right=True) for title in ("#", "SIZE", "+PKG", "OWNED", "UNOWNED")),
        Column("STEP", shrink="end"),
    ]
    rows = [_layer_cells(row, content, settings) for row in changed]
    heading, *lines = draw(columns, rows, settings)
    yield heading
    for row, line in zip(changed, lines, strict=True):
        yield line
        yield from _under(row, content, settings)
    left = len(document.layers) - len(changed)
    if left:
        yield f"{counted(left, 'layer')} {'changes' if left == 1 else 'change'} no package (--all-layers lists them)"


def _changed(content: PackagesContent) -> list[PackageLayer]:
    """The layers that are shown."""
    document = content.document
    return [row for row in document.layers if content.all_layers or document.layer is not None or _changes(row)]


def _no_layers(document: PackagesReport) -> str:
    return "no layer lies above the base" if document.base_layers else "no layers"


def _changes(row: PackageLayer) -> bool:
    return bool(row.installed or row.upgraded or row.removed)


def _layer_cells(row: PackageLayer, content: PackagesContent, settings: TextSettings) -> list[Cell]:
    text = content.steps[row.index] if row.index < len(content.steps) else ""
    return [
        Cell(str(row.index)),
        Cell(human_size(row.stored_bytes)),
        Cell(str(row.installed)),
        Cell(human_size(row.owned_bytes)),
        Cell(human_size(row.unowned_bytes)),
        Cell(shown_lines(text, settings)),
    ]


def _under(row: PackageLayer, content: PackagesContent, settings: TextSettings) -> Iterator[str]:
    """The largest packages of a layer, what it upgrades and removes, and the largest directories without an owner."""
    key, document = str(row.index), content.document
    stored = [one for one in document.packages if key in one.bytes.by_layer]
    stored.sort(key=lambda one: -one.bytes.by_layer[key])
    words = [f"{shown(one.name, settings)} {human_size(one.bytes.by_layer[key])}" for one in stored[:_NAMED]]
    words += [f"{row.upgraded} upgraded"] if row.upgraded else []
    words += [f"{row.removed} removed"] if row.removed else []
    free = [one for one in document.unowned if one.layer == row.index][:_NAMED]
    parts = [", ".join(words)] if words else []
    parts += [f"unowned: {', '.join(_free_words(one, settings) for one in free)}"] if free else []
    if parts:
        yield from wrapped("; ".join(parts).split(" "), settings, 7)


def _free_words(row: UnownedRow, settings: TextSettings) -> str:
    return f"{escape_stored(row.path, row.path_b64, ascii_only=not settings.unicode)} {human_size(row.bytes)}"


def _packages(rows: Sequence[PackageRow], settings: TextSettings, nothing: str) -> Iterator[str]:
    if not rows:
        yield nothing
        return
    listed = largest_first(rows)
    listed = listed[: settings.top] if settings.top else listed
    yield from draw(PACKAGE_COLUMNS, [package_cells(row, settings) for row in listed], settings)
    if len(listed) < len(rows):
        yield unlisted(len(rows) - len(listed), settings)


def largest_first(rows: Sequence[PackageRow]) -> list[PackageRow]:
    """The rows in the order of the text."""
    return sorted(rows, key=lambda row: -row.bytes.owned)


def package_cells(row: PackageRow, settings: TextSettings) -> list[Cell]:
    """The row of a package."""
    state = f"{'base, ' if row.base else ''}{_STATES.get(row.state, row.state)}"
    if row.removed_in is not None:
        state += f" in {row.removed_in}"
    elif row.upgraded_from is not None:
        state += f", was {shown(row.upgraded_from, settings)}"
    if row.owner is not None:
        state += f", by {shown(row.owner, settings)}"
    return [
        Cell(row.type),
        Cell(shown(row.name, settings)),
        Cell(shown(row.version, settings)),
        Cell(human_size(row.bytes.owned)),
        Cell(human_size(row.bytes.dead) if row.bytes.dead else marks(settings).zero),
        Cell(str(row.installed_in)),
        Cell(state),
    ]


def _types(content: PackagesContent, settings: TextSettings) -> Iterator[str]:
    owned: dict[str, int] = defaultdict(int)
    for row in content.document.packages:
        owned[row.type] += row.bytes.owned
    columns = [
        Column("TYPE"),
        Column("PACKAGES", right=True),
        Column("SIZE", right=True),
        Column("STATE"),
        Column("DATABASE", shrink="middle"),
    ]
    yield from draw(
        columns,
        [
            [
                Cell(row.type),
                Cell(str(row.packages)),
                Cell(human_size(owned[row.type])),
                Cell(row.state),
                Cell("" if row.database is None else shown(row.database, settings)),
            ]
            for row in content.document.coverage
        ],
        settings,
    )


def _unowned(rows: Sequence[UnownedRow], settings: TextSettings) -> Iterator[str]:
    if not rows:
        yield "every stored byte belongs to a package"
        return
    listed = rows[: settings.top] if settings.top else rows
    yield from (unowned_line(row, settings) for row in listed)
    if len(listed) < len(rows):
        yield unlisted(len(rows) - len(listed), settings, 0)


def unowned_line(row: UnownedRow, settings: TextSettings) -> str:
    """The row of files that no package owns."""
    path = escape_stored(row.path, row.path_b64, ascii_only=not settings.unicode)
    path += "/" if row.files > 1 and row.path != "/" else ""
    files = counted(row.files, "file") if row.files > 1 else ""
    dead = f"{human_size(row.dead)} dead" if row.dead else ""
    before = f"{human_size(row.bytes):>7}  layer {row.layer:<3} "
    after = "".join(f"  {fact}" for fact in (files, dead) if fact)
    room = settings.width - width(before) - width(after)
    return f"{before}{path if settings.whole else cut_middle(path, room, marks(settings).cut)}{after}"
