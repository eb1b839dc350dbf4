"""Which packages of the system each layer brings, by the databases that are at hand without an extra pass.

It says less than an inventory: no lists of files, so the sizes are those that the databases state.
"""

from __future__ import annotations

import msgspec

from imgtar.analysis.inventory.database_read import DATABASES, DatabaseRead, packed_reads, unpacked_reads
from imgtar.analysis.inventory.lives import Life, lives_of
from imgtar.analysis.stacked_image import StackedImage
from imgtar.layer.probes import Answers
from imgtar.packages import apk, dpkg
from imgtar.packages.inventories import inventory_format
from imgtar.packages.rpm import database as rpm


class LayerPackages(msgspec.Struct, frozen=True):
    """The packages that a layer installs or upgrades, the largest first, and how many it upgrades and removes."""

    brought: tuple[Life, ...]
    upgraded: int
    removed: int


class SystemDatabases:
    """Reads the databases of deb, apk and rpm while the layers are scanned (`imgtar.layer.places.PlaceReader`)."""

    topic = DATABASES
    paths = frozenset({dpkg.STATUS, *apk.DATABASES, *rpm.DATABASES})
    folders = frozenset({dpkg.STATUS_FOLDER})
    settings = b""

    def pack(self, answers: Answers[tuple[DatabaseRead, ...]], /) -> bytes | None:
        """The answers as bytes (`imgtar.layer.probes.LastingAnswers`)."""
        return packed_reads(answers)

    def unpack(self, packed: bytes, /) -> Answers[tuple[DatabaseRead, ...]] | None:
        """The answers in these bytes."""
        return unpacked_reads(packed)

    def fits(self, _answers: Answers[tuple[DatabaseRead, ...]], /) -> bool:
        """The reader has no budget."""
        return True

    def take(self, answers: Answers[tuple[DatabaseRead, ...]], /) -> Answers[tuple[DatabaseRead, ...]]:
        """The answers as they are."""
        return answers

    def read(self, path: bytes, body: bytes, /) -> tuple[DatabaseRead, ...] | None:
        """The packages without the lists of their files."""
        known = inventory_format(path)
        if known is None or path.endswith(b".md5sums"):
            return None
        found = known.installed(path, body)
        packages = tuple(msgspec.structs.replace(one, files=b"") if one.files else one for one in found.packages)
        return (DatabaseRead(path, known, packages, found.problem),)


def packages_by_layer(stacked: StackedImage) -> dict[int, LayerPackages]:
    """The layers that change packages of the system. The layers passed `SystemDatabases`."""
    brought: dict[int, list[Life]] = {}
    removed: dict[int, int] = {}
    for life in lives_of(stacked).lives:
        brought.setdefault(life.installed_in, []).append(life)
        if life.state == "removed" and life.removed_in is not None:
            removed[life.removed_in] = removed.get(life.removed_in, 0) + 1
    found: dict[int, LayerPackages] = {}
    for layer in sorted(brought.keys() | removed.keys()):
        lives = sorted(brought.get(layer, ()), key=lambda life: (-life.package.size, life.package.name))
        upgraded = sum(life.upgraded_from is not None for life in lives)
        found[layer] = LayerPackages(tuple(lives), upgraded, removed.get(layer, 0))
    return found
