"""The summary of a fleet, summed up while its rows pass: in a temporary database, so memory stays as it is.

The two sorts of sharing are those of `imgtar.analysis.sharing`: a layer over the same lower layers is one on docker's
disk (its chain ID), a blob is one in a registry (its digest). Images with one ID are one image.
"""

from __future__ import annotations

import heapq
import sqlite3
from collections import Counter
from collections.abc import Iterable
from typing import Any

import msgspec

from imgtar.answers.envelope import GENERATOR
from imgtar.contract.envelope import SEVERITIES
from imgtar.contract.fleet import FleetFailure
from imgtar.contract.fleet_summary import (
    ArchiveCounts,
    BaseCount,
    FindingCount,
    FleetSummary,
    ImageCounts,
    PackageCount,
    SharedPlace,
    VersionCount,
    WastefulImage,
)
from imgtar.contract.packages import THERE
from imgtar.contract.shared import SharedTotals
from imgtar.fleet.plan import Totals
from imgtar.fleet.summary_rows import ArchiveRow, ImageRow, Judged, PackageRow

LISTED = 100  # rows of a list
_VERSIONS = 10  # of a package
_SCHEMA = """
CREATE TABLE image (id TEXT PRIMARY KEY, inspected INTEGER NOT NULL DEFAULT 0, listed INTEGER NOT NULL DEFAULT 0)
    WITHOUT ROWID;
CREATE TABLE judged (id TEXT, code TEXT, severity TEXT, count INTEGER NOT NULL, PRIMARY KEY (id, code, severity))
    WITHOUT ROWID;
CREATE TABLE place (id TEXT PRIMARY KEY, diff_id TEXT, size INTEGER, images INTEGER NOT NULL, text TEXT) WITHOUT ROWID;
CREATE TABLE blob (id TEXT PRIMARY KEY, size INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE base (name TEXT, digest TEXT, images INTEGER NOT NULL, PRIMARY KEY (name, digest)) WITHOUT ROWID;
CREATE TABLE finding (code TEXT, severity TEXT, archives INTEGER NOT NULL, count INTEGER NOT NULL,
                      PRIMARY KEY (code, severity)) WITHOUT ROWID;
CREATE TABLE package (type TEXT, name TEXT, images INTEGER NOT NULL, PRIMARY KEY (type, name)) WITHOUT ROWID;
CREATE TABLE version (type TEXT, name TEXT, version TEXT, images INTEGER NOT NULL,
                      PRIMARY KEY (type, name, version)) WITHOUT ROWID;
"""


class _Alone:
    """What images take each for itself: how many layers or blobs, their bytes, and whether a size is not known."""

    def __init__(self) -> None:
        self.count = 0
        self.size = 0
        self.at_least = False

    def add(self, size: int | None) -> None:
        self.count += 1
        self.size += size or 0
        self.at_least = self.at_least or size is None


class Summary:
    """Sums up rows; `document` is what they say together."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + _SCHEMA)
        self._database.execute("BEGIN")
        self._disk, self._registry = _Alone(), _Alone()
        self._images = self._without_id = self._content_size = self._wasted = 0
        self._waste: list[tuple[int, int, WastefulImage]] = []
        self._severities: Counter[str] = Counter()

    def add(self, line: bytes) -> None:
        """Adds the row of an archive."""
        row = msgspec.json.decode(line, type=ArchiveRow)
        report = row.inspect or row.verify
        for image in () if report is None else report.images:
            self._images += 1
            self._without_id += image.id is None
            if image.id is None or self._is_new(image.id, "inspected"):
                self._add_image(row, image)
        judged = row.audit or report
        if judged is not None:
            self._add_findings(judged)
        for inventory in row.packages:
            if inventory.image is None or self._is_new(inventory.image, "listed"):
                self._add_packages(inventory.packages)

    def document(self, archives: Totals, exit_codes: dict[int, int], failures: list[FleetFailure]) -> FleetSummary:
        """What all rows say."""
        [(distinct,)] = self._rows("SELECT count(*) FROM image WHERE inspected")
        return FleetSummary(
            generator=GENERATOR,
            archives=ArchiveCounts(
                count=archives.archives,
                size=archives.size,
                exit_codes={str(code): count for code, count in exit_codes.items()},
            ),
            images=ImageCounts(
                count=self._images,
                distinct=distinct + self._without_id,
                content_size=self._content_size,
                wasted_bytes=self._wasted,
            ),
            disk=self._totals(self._disk, "place"),
            registry=self._totals(self._registry, "blob"),
            layers=self._places(),
            waste=[image for _, _, image in sorted(self._waste, key=_rank, reverse=True)],
            bases=self._bases(),
            severities={severity: self._severities[severity] for severity in reversed(SEVERITIES)},
            findings=self._findings(),
            packages=self._packages(),
            failures=failures,
        )

    def close(self) -> None:
        self._database.close()

    def _add_image(self, row: ArchiveRow, image: ImageRow) -> None:
        totals = image.totals
        self._content_size += totals.content_size
        self._wasted += totals.wasted_bytes
        self._add_layers(image)
        if image.base is not None and (image.base.name or image.base.digest):
            query = "INSERT INTO base VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET images = images + 1"
            self._database.execute(query, (image.base.name or "", image.base.digest or ""))
        if totals.wasted_bytes:
            wasteful = WastefulImage(
                path=row.path,
                path_b64=row.path_b64,
                name=image.names[0] if image.names else None,
                id=image.id,
                wasted_bytes=totals.wasted_bytes,
                stored_bytes=totals.stored_bytes,
            )
            heapq.heappush(self._waste, (totals.wasted_bytes, -self._images, wasteful))  # no two have one number
            if len(self._waste) > LISTED:
                heapq.heappop(self._waste)

    def _add_layers(self, image: ImageRow) -> None:
        """A layer without an identity that other archives could have is one of its own."""
        stated = all(layer.digest for layer in image.layers)
        self._registry.at_least = self._registry.at_least or not stated
        places: list[tuple[object, ...]] = []
        blobs: list[tuple[object, ...]] = []
        for layer in image.layers:
            own = f"{self._images} {len(places)}"
            self._disk.add(layer.content_size)
            text = layer.created_by
            places.append((layer.chain_id or own, layer.diff_id, layer.content_size, text))
            if stated:
                self._registry.add(layer.blob_size)
                blobs.append((layer.digest, layer.blob_size or 0))
        query = """INSERT INTO place VALUES (?, ?, ?, 1, ?)
                   ON CONFLICT DO UPDATE SET images = images + 1, size = coalesce(size, excluded.size),
                                             text = coalesce(text, excluded.text)"""
        self._database.executemany(query, places)
        query = "INSERT INTO blob VALUES (?, ?) ON CONFLICT DO UPDATE SET size = max(size, excluded.size)"
        self._database.executemany(query, blobs)

    def _add_findings(self, judged: Judged) -> None:
        """Findings about an image count once, whatever archives have it: of each code the most that one of them has."""
        found = Counter[tuple[str | None, str, str]]()
        for finding in judged.findings:
            number = finding.where.image
            image = None if number is None else judged.images[number].id
            found[image, finding.code, finding.severity] += finding.count
        counts: Counter[tuple[str, str]] = Counter()
        for (image, code, severity), count in found.items():
            counts[code, severity] += count if image is None else self._more(image, code, severity, count)
        for (_, severity), count in counts.items():
            self._severities[severity] += count
        query = """INSERT INTO finding VALUES (?, ?, 1, ?)
                   ON CONFLICT DO UPDATE SET archives = archives + 1, count = count + excluded.count"""
        self._database.executemany(query, ((*key, count) for key, count in counts.items()))

    def _more(self, image: str, code: str, severity: str, count: int) -> int:
        """By how much these findings about an image are more than those of the archives before."""
        query = "SELECT count FROM judged WHERE id = ? AND code = ? AND severity = ?"
        before = max((row[0] for row in self._rows(query, image, code, severity)), default=0)
        if count > before:
            self._database.execute("REPLACE INTO judged VALUES (?, ?, ?, ?)", (image, code, severity, count))
        return max(count - before, 0)

    def _add_packages(self, packages: Iterable[PackageRow]) -> None:
        there = [package for package in packages if package.state in THERE]
        query = "INSERT INTO package VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET images = images + 1"
        self._database.executemany(query, sorted({(package.type, package.name) for package in there}))
        query = "INSERT INTO version VALUES (?, ?, ?, 1) ON CONFLICT DO UPDATE SET images = images + 1"
        self._database.executemany(query, sorted({(one.type, one.name, one.version) for one in there}))

    def _is_new(self, image: str, column: str) -> bool:
        """Is the image seen for the first time, by its document or by its packages?"""
        query = f"""INSERT INTO image (id, {column}) VALUES (?, 1) ON CONFLICT DO UPDATE SET {column} = 1
                    WHERE NOT {column}"""  # noqa: S608 (a constant)
        return self._database.execute(query, (image,)).rowcount == 1

    def _totals(self, alone: _Alone, table: str) -> SharedTotals:
        query = f"SELECT count(*), coalesce(sum(size), 0) FROM {table}"  # noqa: S608 (a constant)
        distinct, together = self._rows(query)[0]
        return SharedTotals(
            count=alone.count,
            distinct=distinct,
            alone=alone.size,
            together=together,
            saved=alone.size - together,
            at_least=alone.at_least,
        )

    def _places(self) -> list[SharedPlace]:
        """The layers that several images have at one place, by what one copy saves."""
        query = f"""SELECT *, size * (images - 1) AS saved FROM place WHERE images > 1 AND size > 0
                    ORDER BY saved DESC, id LIMIT {LISTED}"""  # noqa: S608 (a constant)
        return [
            SharedPlace(chain_id=chain, diff_id=diff_id, size=size, images=images, saved=saved, created_by=text)
            for chain, diff_id, size, images, text, saved in self._rows(query)
        ]

    def _bases(self) -> list[BaseCount]:
        query = f"SELECT * FROM base ORDER BY images DESC, name, digest LIMIT {LISTED}"  # noqa: S608 (a constant)
        return [
            BaseCount(name=name or None, digest=digest or None, images=images)
            for name, digest, images in self._rows(query)
        ]

    def _findings(self) -> list[FindingCount]:
        query = f"""SELECT * FROM finding
                    ORDER BY archives DESC, count DESC, code, severity LIMIT {LISTED}"""  # noqa: S608 (a constant)
        return [
            FindingCount(code=code, severity=severity, archives=archives, count=count)
            for code, severity, archives, count in self._rows(query)
        ]

    def _packages(self) -> list[PackageCount]:
        query = f"SELECT * FROM package ORDER BY images DESC, name, type LIMIT {LISTED}"  # noqa: S608 (a constant)
        versions = f"""SELECT version, images FROM version WHERE type = ? AND name = ?
                       ORDER BY images DESC, version LIMIT {_VERSIONS}"""  # noqa: S608 (a constant)
        return [
            PackageCount(
                type=kind,
                name=name,
                images=images,
                versions=[VersionCount(version=one, images=count) for one, count in self._rows(versions, kind, name)],
            )
            for kind, name, images in self._rows(query)
        ]

    def _rows(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        return self._database.execute(query, values).fetchall()


def _rank(found: tuple[int, int, WastefulImage]) -> tuple[int, int]:
    return found[:2]
