"""Scans layers, and takes from a cache what an earlier run has found of the same bytes.

What comes out is what a scan of the layer says, and it counts against the limits of the run as that scan does: the
report does not depend on the cache. So only whole scans are kept, and one is taken only where no limit can be met.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from functools import partial

import msgspec

from imgtar.archive.input.blobs import Blob, pieces
from imgtar.archive.input.root_folder import RootFolder
from imgtar.cache.finding_rows import are_all_listed
from imgtar.cache.scan_cache import ScanCache, ScanKey
from imgtar.cache.scan_row import Cost, KeptScan
from imgtar.findings import Effect
from imgtar.formats.compression import sniff
from imgtar.formats.digest import Digest
from imgtar.formats.tar import Want
from imgtar.layer.places import PlaceReader
from imgtar.layer.probes import Answers, LastingAnswers, NarrowProbe, Probe, ProbeAnswers
from imgtar.layer.scan import LayerScan, scan_layer
from imgtar.layer.sources import HEAD
from imgtar.limits import LimitReached, Meter

_PIECE = 128 << 10  # bytes; larger ones the allocator gives back to the system each time


class CachedScans:
    """Does what `scan_layer` does, with a cache."""

    def __init__(self, cache: ScanCache) -> None:
        self._cache = cache

    def __call__(
        self,
        blob: Blob,
        meter: Meter,
        *,
        digests: bool = False,
        want: Want | None = None,
        probes: Sequence[Probe[object]] = (),
        threads: bool = True,
        contents: bool = False,
        markers: bool = True,
        places: PlaceReader[object] | None = None,
    ) -> LayerScan:
        """The scan of a layer; a compressed one, or one whose contents are asked for, may come from the cache.

        A plain one of which few files are wanted is read: that takes less time than the digest of all its bytes.
        Takes what `scan_layer` takes, and raises the same errors; every body of a compressed layer is hashed.
        """

        scan = partial(scan_layer, probes=probes, threads=threads, contents=contents, markers=markers, places=places)
        uncached = partial(scan, blob, meter, want=want, digests=digests)
        lasting = _all_lasting(probes or (() if places is None else (places,)))
        if lasting is None or isinstance(blob, RootFolder):
            return uncached()
        plain = _is_plain(blob, meter)
        if plain and not contents and all(isinstance(probe, NarrowProbe) for probe in probes):
            return uncached()
        try:
            digest = self._cache.digest(blob, partial(_digest, blob, meter))
        except LimitReached:
            return uncached()
        key = ScanKey.of(digest, meter.limits, hashes=contents or not plain, markers=markers)
        kept = self._kept(key, meter, digests=digests)
        answers = None if kept is None else self._answers(key, lasting)
        if kept is not None and answers is not None:
            _count(kept.cost, blob.size, meter)
            return _given(msgspec.structs.replace(kept.scan, answers=answers), digests=digests)
        counted = _CountedBlob(blob, meter)
        made = scan(counted, counted.meter, digests=digests or plain)
        if not made.complete:  # where it stops may depend on what is hashed
            meter.take_back(counted.meter)
            return uncached()
        counted.settle()
        self._keep(key, made, counted, lasting, is_kept=kept is not None)
        return _given(made, digests=digests)

    def _kept(self, key: ScanKey, meter: Meter, *, digests: bool) -> KeptScan | None:
        """The scan of the cache; None where it does not say all, or where this run might meet a limit in the layer."""
        kept = self._cache.get(key)
        if kept is None or (digests and kept.scan.diff_id is None):
            return None
        if meter.ignores is not None and not are_all_listed(kept.scan.findings):
            return None
        return kept if meter.has_room(kept.cost.metadata, kept.cost.decompressed) else None

    def _answers(self, key: ScanKey, lasting: Sequence[LastingAnswers[object]]) -> ProbeAnswers | None:
        """What the probes keep of the layer; None where the cache does not have the answers of each."""
        found: list[Answers[object]] = []
        for one in lasting:
            body = self._cache.get_answers(key, _about(one))
            answers = None if body is None else one.unpack(body)
            if answers is None or not one.fits(answers):
                return None
            found.append(answers)
        taken = zip(lasting, found, strict=True)
        return ProbeAnswers({one.topic.name: one.take(answers) for one, answers in taken})

    def _keep(
        self,
        key: ScanKey,
        scan: LayerScan,
        counted: _CountedBlob,
        lasting: Sequence[LastingAnswers[object]],
        *,
        is_kept: bool,
    ) -> None:
        """Keeps the scan and what the probes keep, under the digest of the bytes that were scanned."""
        digest = scan.digest or counted.digest
        if digest is None or not _lasts(scan, counted.meter):
            return
        key = msgspec.structs.replace(key, digest=digest)
        if not is_kept:
            self._cache.put(key, scan, counted.meter.cost)
        for one in lasting:
            body = one.pack(scan.answers.of(one.topic))
            if body is not None:
                self._cache.put_answers(key, _about(one), body)


def _all_lasting(probing: Sequence[Probe[object] | PlaceReader[object]]) -> list[LastingAnswers[object]] | None:
    """The probes, where the answers of each may outlive the run; None where those of one may not."""
    lasting: list[LastingAnswers[object]] = [one for one in probing if isinstance(one, LastingAnswers)]
    return lasting if len(lasting) == len(probing) else None


def _is_plain(blob: Blob, meter: Meter) -> bool:
    """Is the layer stored uncompressed? What is read for that is read once more, so it is not counted."""
    head = blob.read_at(0, HEAD)
    meter.correct_read(-len(head))
    return sniff(head) == "none"


def _about(lasting: LastingAnswers[object]) -> bytes:
    return lasting.topic.name.encode() + b" " + lasting.settings


def _digest(blob: Blob, meter: Meter) -> Digest:
    """The digest of the blob. What is read is not counted: it is read once more, or stands for that."""
    hasher = hashlib.sha256()
    for chunk in pieces(blob.read_at, blob.size, _PIECE):
        meter.correct_read(-len(chunk))
        meter.limits.check_deadline()
        hasher.update(chunk)
    return Digest("sha256", hasher.hexdigest())


def _lasts(scan: LayerScan, meter: _ScanMeter) -> bool:
    """May the scan outlive the run? It is whole, and as it would be after any other layers and for any user."""
    stopped = any(finding.effect in (Effect.INCOMPLETE, Effect.LIMIT) for finding in scan.findings)
    if not scan.complete or stopped or meter.was_steep:
        return False
    return meter.ignores is None or are_all_listed(scan.findings)


def _count(cost: Cost, blob_size: int, meter: Meter) -> None:
    """Counts what a scan has cost. The meter has room for that."""
    meter.correct_read(blob_size)
    meter.keep(cost.metadata)
    meter.decompress(cost.decompressed)
    meter.headers += cost.headers
    meter.entries += cost.entries


def _given(scan: LayerScan, *, digests: bool) -> LayerScan:
    """The scan with the digests only where they are asked for, as a scan without a cache has them."""
    return scan if digests else msgspec.structs.replace(scan, digest=None, diff_id=None)


class _ScanMeter(Meter):
    """Counts one scan by itself, and all of it in the meter of the run, which has the limits."""

    def __init__(self, run: Meter) -> None:
        super().__init__(run.limits, run.ignores)
        self._run = run
        self.was_steep = False

    @property
    def cost(self) -> Cost:
        return Cost(self.metadata_bytes, self.decompressed, self.headers, self.entries)

    def keep(self, size: int) -> None:
        self.metadata_bytes += size
        self._run.keep(size)

    def decompress(self, size: int) -> None:
        self._decompressed.add(size)
        self.was_steep = self.was_steep or self.is_steep
        self._run.decompress(size)


class _CountedBlob:
    """A blob that is scanned by a meter of its own, and hashed where all of it passes in order."""

    def __init__(self, blob: Blob, run: Meter) -> None:
        self._blob = blob
        self._run = run
        self._hasher = hashlib.sha256()
        self._hashed = 0
        self.meter = _ScanMeter(run)

    @property
    def size(self) -> int:
        return self._blob.size

    def read_at(self, offset: int, size: int, /) -> bytes:
        read = self._blob.read_at(offset, size)
        self.meter.read(len(read))
        return read

    def chunks(self) -> Iterator[bytes]:
        for chunk in self._blob.chunks():
            self.meter.read(len(chunk))
            self._hasher.update(chunk)
            self._hashed += len(chunk)
            yield chunk

    @property
    def digest(self) -> Digest | None:
        """The digest of what passed; None where not all of it did."""
        return Digest("sha256", self._hasher.hexdigest()) if self._hashed == self.size else None

    def settle(self) -> None:
        """Counts in the run what has no limit there."""
        self._run.headers += self.meter.headers
        self._run.entries += self.meter.entries
