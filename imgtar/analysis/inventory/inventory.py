"""The packages of an image, what was read to know them, and the bytes of both sides."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from typing import Literal

import msgspec

from imgtar.analysis.inventory.database_read import DATABASES
from imgtar.analysis.inventory.lives import FileList, Life, Lives, lives_of
from imgtar.analysis.inventory.ownership import Ownership, Stored, own
from imgtar.analysis.stacked_image import StackedImage
from imgtar.findings import Finding, Where
from imgtar.limits import LimitReached, Limits

CoverageState = Literal["read", "absent", "deleted", "unreadable", "unsupported"]
_DEPTH = 3  # levels of the directories in which files without an owner are counted
# How paths of databases end that are known and not read.
_UNSUPPORTED = {
    "conda": (b"/conda-meta/history",),
    "gem": (b".gemspec",),
    "composer": (b"/composer/installed.json",),
    "nix": (b"nix/var/nix/db/db.sqlite",),
    "R": (b"/R/library/base/DESCRIPTION",),
}
_ENDINGS = tuple(ending for endings in _UNSUPPORTED.values() for ending in endings)


class Coverage(msgspec.Struct, frozen=True):
    """Whether the packages of a type are known: `database` is the file, None where many or none are."""

    type: str
    database: bytes | None
    state: CoverageState
    packages: int


class Unowned(msgspec.Struct, frozen=True):
    """The bytes below a directory (or of one file) that a layer stores and no package owns."""

    path: bytes
    layer: int
    bytes: int
    files: int
    dead: int


class Inventory(msgspec.Struct, frozen=True):
    """The packages in the order of their layers. `unowned` has the largest first.

    `lists` has the files of packages whose database does not name them.
    """

    lives: tuple[Life, ...]
    lists: tuple[FileList, ...]
    coverage: tuple[Coverage, ...]
    ownership: Ownership
    unowned: tuple[Unowned, ...]
    findings: tuple[Finding, ...]


def inventory_of(stacked: StackedImage, types: Collection[str], limits: Limits) -> Inventory:
    """The packages of these types. The layers passed the probe of `imgtar.analysis.inventory.probe`."""
    lives = lives_of(stacked)
    ownership = own(stacked, lives)
    return Inventory(
        lives=lives.lives,
        lists=lives.lists,
        coverage=tuple(_coverage(lives, types, stacked)),
        ownership=ownership,
        unowned=tuple(_by_directory(ownership.free)),
        findings=(*lives.findings, *_limits_reached(stacked, limits)),
    )


def _limits_reached(stacked: StackedImage, limits: Limits) -> Iterator[Finding]:
    for layer, scan in enumerate(stacked.tree.scans):
        if scan is None:
            continue
        answers = scan.answers.of(DATABASES)
        kept = (read.is_complete for reads in answers.by_offset.values() for read in reads)
        if not answers.complete or not all(kept):
            yield LimitReached("package-list-bytes", limits.package_list_bytes, Where(layer=layer)).finding()


def _coverage(lives: Lives, types: Collection[str], stacked: StackedImage) -> Iterator[Coverage]:
    there = Counter(life.format.type for life in lives.lives if life.is_there)
    by_database = Counter(life.database for life in lives.lives if life.is_there)
    for name in types:
        files = [path for path, known in lives.databases.items() if known.type == name]
        whole = sorted(path for path in files if not path.endswith((b".list", b".md5sums", b"diversions")))
        if not files:
            yield Coverage(name, None, "absent", 0)
        elif len(whole) == 1 or (whole and lives.databases[whole[0]].is_system and len(whole) < 4):
            for path in whole:
                yield Coverage(name, path, _state(lives, [path]), by_database[path])
        else:
            yield Coverage(name, None, _state(lives, whole), there[name])
    found: dict[str, bytes] = {}
    for path in stacked.tree:
        if path.endswith(_ENDINGS):
            found.setdefault(next(name for name, endings in _UNSUPPORTED.items() if path.endswith(endings)), path)
    for name in _UNSUPPORTED:
        if name in found:
            yield Coverage(name, found[name], "unsupported", 0)


def _state(lives: Lives, paths: list[bytes]) -> CoverageState:
    """That of several files: unreadable if one is, deleted if all are."""
    if any(path in lives.unreadable for path in paths):
        return "unreadable"
    if not paths:
        return "absent"
    return "deleted" if all(path in lives.deleted for path in paths) else "read"


def _by_directory(free: tuple[Stored, ...]) -> list[Unowned]:
    """The sums by directory and layer; a directory in which one file counts is named by that file."""
    beside: defaultdict[tuple[bytes, int], list[Stored]] = defaultdict(list)
    for one in free:
        beside[one.path.rpartition(b"/")[0], one.layer].append(one)
    sums: defaultdict[tuple[bytes, int], list[Stored]] = defaultdict(list)
    for (directory, layer), files in beside.items():
        sums[b"/".join(directory.split(b"/", _DEPTH)[:_DEPTH]), layer] += files
    rows = [
        Unowned(
            files[0].path if len(files) == 1 else directory,
            layer,
            sum(one.size for one in files),
            len(files),
            sum(one.size for one in files if one.until is not None),
        )
        for (directory, layer), files in sums.items()
    ]
    return sorted(rows, key=lambda row: (-row.bytes, row.path, row.layer))
