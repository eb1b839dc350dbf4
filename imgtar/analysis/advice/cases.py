"""Wasted files whose cause is certain, gathered by what one change in the build would save."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

import msgspec

from imgtar.analysis.advice.package_caches import package_cache
from imgtar.analysis.stacked_image import MeasuredImage
from imgtar.filesystem.changes import Death
from imgtar.image.history.instruction import UNKNOWN
from imgtar.image.history.pairing import Pairing, is_base
from imgtar.layer.paths import parent

AdviceKind = Literal["late-cache-removal", "metadata-copy", "stored-again"]

_COPIES = frozenset({"COPY", "ADD"})
_CHANGERS = re.compile(r"(?:^|[\s;&|(/\"'`])(chown|chgrp|chmod)(?=\s)")
_GIVERS = frozenset({"chown", "chgrp"})


class Step(msgspec.Struct, frozen=True):
    """The step that made a layer: its instruction (empty where unknown or an import), and which of chown, chgrp and
    chmod it names.
    """

    instruction: str
    changers: frozenset[str]


class Case(msgspec.Struct, frozen=True):
    """What the files of a case have in common; `why` is what changed of each, `cache` the directory of a cache."""

    kind: AdviceKind
    added_in: int
    removed_in: int
    cache: bytes | None = None
    why: frozenset[str] = frozenset()


class Files:
    """The files of a case: their number and bytes, the directory that holds all, and the new owners of the first two
    that differ.
    """

    def __init__(self) -> None:
        self.count = 0
        self.size = 0
        self.owners: set[tuple[int, int]] = set()
        self._directory: bytes | None = None

    @property
    def directory(self) -> bytes:
        """The deepest directory that holds all files."""
        return self._directory or b""

    def add(self, row: Death, owner: tuple[int, int] | None) -> None:
        """Takes one more file in."""
        self.count += 1
        self.size += row.size
        self._directory = parent(row.path) if self._directory is None else _common(self._directory, row.path)
        if owner is not None and len(self.owners) < 2:
            self.owners.add(owner)


def _common(directory: bytes, path: bytes) -> bytes:
    """The deepest directory that holds both; linear, because over all calls it only gets shorter."""
    while directory and not path.startswith(directory + b"/"):
        directory = parent(directory)
    return directory


def steps_of(pairing: Pairing, layers: int) -> list[Step]:
    """The step of each layer, base first."""
    steps = []
    for layer in range(layers):
        step = pairing.step_of(layer)
        instruction = UNKNOWN if step is None else step.parsed
        is_import = layer == 0 and is_base(instruction)
        changers = frozenset(_CHANGERS.findall(instruction.text or ""))
        steps.append(Step("" if is_import else instruction.keyword or "", changers))
    return steps


def cases(stacked: MeasuredImage, steps: list[Step]) -> dict[Case, Files]:
    """The cases of all wasted files of an image. Most files have none; the cost is linear in the files."""
    found: dict[Case, Files] = {}
    for row in _between_layers(stacked.waste.rows):
        case = _case(row, stacked, steps[row.added_in], steps[row.removed_in])
        if case is not None:
            found.setdefault(case, Files()).add(row, _new_owner(row, stacked) if "owner" in case.why else None)
    return found


def _between_layers(rows: Iterable[Death]) -> Iterable[Death]:
    """Without what a layer stores over itself: no step of a Dockerfile is the cause."""
    return (row for row in rows if row.added_in != row.removed_in)


def _case(row: Death, stacked: MeasuredImage, added: Step, removed: Step) -> Case | None:
    if row.kind == "deleted" and added.instruction == "RUN":
        cache = package_cache(row.path)
        return None if cache is None else Case("late-cache-removal", row.added_in, row.removed_in, cache[0])
    if row.kind == "identical" and removed.instruction in _COPIES:
        return Case("stored-again", row.added_in, row.removed_in)
    if row.kind != "metadata-only" or not added.instruction:
        return None
    modified = stacked.changes[row.removed_in].modified.get(row.path)
    if modified is None or modified.previous_layer != row.added_in:  # it is another name of the file that changed
        return None
    why = frozenset(modified.why)
    if removed.instruction == "RUN" and added.instruction in _COPIES | {"RUN"} and _explains(removed.changers, why):
        return Case("metadata-copy", row.added_in, row.removed_in, why=why)
    if removed.instruction in _COPIES and added.instruction in _COPIES and why <= {"owner", "mode", "mtime"}:
        return Case("stored-again", row.added_in, row.removed_in, why=frozenset({"metadata"}))
    return None


def _explains(changers: frozenset[str], why: frozenset[str]) -> bool:
    """Do these commands change just this of a file? A command that gives a new owner may reset bits of the mode."""
    if not why or why - {"owner", "mode"}:
        return False
    gives = not changers.isdisjoint(_GIVERS)
    return (gives or "owner" not in why) and ("mode" not in why or "chmod" in changers or (gives and "owner" in why))


def _new_owner(row: Death, stacked: MeasuredImage) -> tuple[int, int]:
    member = stacked.version(row.path, row.removed_in).member
    return member.uid, member.gid
