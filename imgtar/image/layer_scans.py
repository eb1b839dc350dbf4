"""Scans each distinct blob of an archive once, whichever images and positions it serves."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from threading import Lock
from typing import TYPE_CHECKING

from imgtar.archive.archive import Archive
from imgtar.archive.catalog.records import DigestCheck, LayerRef
from imgtar.archive.index.member_index import Member
from imgtar.archive.input.blobs import Blob
from imgtar.archive.input.root_folder import RootFolder
from imgtar.findings import Finding, Where
from imgtar.formats.compression import sniff
from imgtar.formats.digest import Digest
from imgtar.formats.oci import problems as oci_problems
from imgtar.formats.tar import Want
from imgtar.image import problems
from imgtar.image.comparable_files import ComparableFiles
from imgtar.image.read_options import PLAIN, ReadOptions
from imgtar.image.scans_together import scan_together
from imgtar.image.watched_blob import WatchedBlob
from imgtar.layer.places import PlaceReader
from imgtar.layer.probes import Probe
from imgtar.layer.scan import WORTH_A_THREAD, LayerScan, Scanner, scan_layer, scan_stream
from imgtar.layer.sources import HEAD
from imgtar.limits import LimitReached, Meter
from imgtar.runtime import default_jobs

if TYPE_CHECKING:
    from imgtar.cache.scan_cache import ScanCache

_CORES_OF_ONE = 2  # that one compressed layer keeps busy


class StreamScanner:
    """The callback for an archive that passes once: every member is read as if it were a layer.

    Docker's and OCI's lists may turn out to differ when the manifests arrive, so digests are always taken.
    """

    def __init__(
        self,
        meter: Meter,
        probes: Sequence[Probe[object]] = (),
        *,
        markers: bool = True,
        places: PlaceReader[object] | None = None,
    ) -> None:
        self._meter = meter
        self._probes = probes
        self._markers = markers
        self._places = places

    def __call__(self, chunks: Iterator[bytes]) -> LayerScan:
        scan = scan_stream(chunks, self._meter, self._probes, markers=self._markers, places=self._places)
        for _ in chunks:
            pass
        return scan


class Scans:
    """The scans of an archive's blobs by the member that holds them.

    With `contents` the digest of every body is taken. `computed` has what checks have hashed; `unchecked`: a digest
    that was asked for could not be recomputed.
    """

    def __init__(
        self,
        archive: Archive,
        meter: Meter,
        options: ReadOptions = PLAIN,
        *,
        contents: bool = False,
        probes: Sequence[Probe[object]] = (),
        places: PlaceReader[object] | None = None,
    ) -> None:
        cache = options.cache
        self._index = archive.index
        # Of an archive that passes once each layer is scanned before its digest is known.
        self._scan_layer: Scanner = scan_layer if cache is None or archive.index.streamed else _cached(cache)
        self._meter = meter
        self._digests = options.verify
        self._contents = contents
        self._whole = contents or options.twins is not None  # are all bodies of every compressed layer hashed?
        self._jobs = options.jobs or default_jobs()
        self._probes = probes
        self._places = places
        self._progress = options.progress
        self._progress_lock = Lock()
        self._scans: dict[bytes, LayerScan] = {}
        self._checked: set[DigestCheck] = set(archive.catalog.checks)
        self.computed: dict[DigestCheck, Digest] = {}
        self._partly_hashed: tuple[bytes, frozenset[bytes]] | None = None  # a blob, and those it was hashed for
        self.unchecked = False

    def check(self, member: Member, stated: Digest) -> list[Finding]:
        """Compares all bytes of a member with a digest, once; what differs or cannot be computed is a finding."""
        check = DigestCheck(member.name, stated)
        if check in self._checked:
            return []
        self._checked.add(check)
        where = Where(member=member.name)
        try:
            actual = self.digest(member, stated.algorithm)
        except LimitReached as reached:
            return [reached.finding(where)]
        if actual is None:
            self.unchecked = True
            return [problems.UNCHECKED.at(where, digest=str(stated))]
        self.computed[check] = actual
        if actual == stated:
            return []
        return [oci_problems.DIGEST_MISMATCH.at(where, stated=str(stated), found=str(actual))]

    def prepare(self, refs: Iterable[LayerRef]) -> None:
        """Scans these layers in the order that leaves least to hash: the largest compressed one last.

        Of that one only the bodies are hashed that another layer may be compared with.
        """
        blobs = {ref.member.name: ref for ref in refs if ref.member and ref.blob and ref.readable}
        if self._partly_hashed is not None and not self._partly_hashed[1].issuperset(blobs):
            del self._scans[self._partly_hashed[0]]  # more layers are compared with it now
            self._partly_hashed = None
        waiting = [ref for name, ref in blobs.items() if name not in self._scans and name not in self._index.scans]
        waiting.sort(key=lambda ref: ref.member.size if ref.member else 0)
        self._scan_together(waiting)
        self._scan_all(waiting, frozenset(blobs))

    def _scan_together(self, refs: Sequence[LayerRef]) -> None:
        """Scans those of these layers at once of which every byte is read, but for the largest where it is compressed.

        One compressed layer keeps two cores busy: a thread decompresses ahead of the walk. So two at once need more.
        The budget of a probe is spent in the order of the layers, so probes watch one layer after another.
        """
        streamed = refs if self._digests or self._whole else refs[:-1]
        found = [(ref.blob, ref.member) for ref in streamed if ref.blob and ref.member]
        if self._jobs == 1 or self._probes or sum(blob.size >= WORTH_A_THREAD for blob, _ in found) < 2:
            return
        with contextlib.ExitStack() as stack:
            blobs: list[tuple[bytes, Blob]] = []
            for number, (blob, member) in enumerate(found, 1):
                plain = sniff(blob.read_at(0, HEAD)) == "none"
                hashed = self._digests or self._contents
                if hashed if plain else self._jobs > _CORES_OF_ONE and (self._whole or number < len(refs)):
                    blobs.append((member.name, stack.enter_context(self._watched(blob, member))))
            if len(blobs) > 1:
                scans = scan_together(
                    blobs,
                    self._meter,
                    self._jobs,
                    digests=self._digests,
                    contents=self._contents,
                    places=self._places,
                    scanner=self._scan_layer,
                )
                self._scans.update(zip((name for name, _ in blobs), scans, strict=bool(scans)))

    def _scan_all(self, waiting: Sequence[LayerRef], blobs: frozenset[bytes]) -> None:
        left = self._meter.limits.image_entries
        for ref in waiting[:-1]:
            scan = self.of(ref)
            left -= scan.counted_entries if scan is not None else 0
            if left < 0:  # the caller meets the limit where it asks for the layers in their order
                return
        for last in waiting[-1:]:
            if last.member is None or last.member.name in self._scans:
                continue
            comparable = ComparableFiles(scan for name, scan in self._scans.items() if name in blobs)
            if self._whole or self._index.streamed or comparable.everything:  # layers that passed are compared, too
                self.of(last)
            else:
                self._partly_hashed = (last.member.name, blobs)
                self.of(last, want=comparable)

    def of(self, ref: LayerRef, *, digests: bool = False, want: ComparableFiles | None = None) -> LayerScan | None:
        """The scan of a layer; None where it is absent or unreadable by design. With `digests` diffID included."""
        member = ref.member
        if member is None or not ref.readable:
            return None
        streamed = self._index.scans.get(member.name)
        if isinstance(streamed, LayerScan):
            return streamed
        digests = digests or self._digests
        scan = self._scans.get(member.name)
        if scan is None or (digests and scan.digest is None and scan.complete):
            if ref.blob is None:
                return None
            with self._watched(ref.blob, member) as blob:
                scan = self._scan(blob, digests=digests, want=want, markers=ref.markers)
                if want is not None and scan.compression != "none" and not want.satisfied_by(scan):
                    scan = self._scan(blob, digests=digests, markers=ref.markers)
            self._scans[member.name] = scan
        return scan

    def passing(self, ref: LayerRef) -> LayerScan | None:
        """The scan of a layer that is asked for once: it is not kept, and no body is hashed unless all are.

        None where the layer is absent or unreadable by design.
        """
        member = ref.member
        if member is None or not ref.readable:
            return None
        kept = self._index.scans.get(member.name) or self._scans.get(member.name)
        if isinstance(kept, LayerScan):
            return kept
        if ref.blob is None:
            return None
        with self._watched(ref.blob, member) as blob:
            return self._scan(blob, digests=False, want=None if self._contents else _no_body, markers=ref.markers)

    def _scan(self, blob: Blob, *, digests: bool, want: Want | None = None, markers: bool = True) -> LayerScan:
        return self._scan_layer(
            blob,
            self._meter,
            digests=digests,
            want=want,
            probes=self._probes,
            threads=self._jobs > 1,
            contents=self._contents,
            markers=markers,
            places=self._places,
        )

    @contextlib.contextmanager
    def _watched(self, blob: Blob, member: Member) -> Iterator[Blob]:
        """The blob; the progress is told of its reading, and at last of all its bytes, but not of a directory."""
        if self._progress is None or self._index.streamed or isinstance(blob, RootFolder):
            yield blob
            return
        watched = WatchedBlob(blob, member.size, self._progress, self._progress_lock)
        yield watched
        watched.skip_rest()

    def digest(self, member: Member, algorithm: str = "sha256") -> Digest | None:
        """The digest of all bytes of a member; None where they passed and were not hashed so."""
        if algorithm == "sha256":
            scan = self._scans.get(member.name)
            if member.content is not None or (scan is not None and scan.digest is not None):
                return member.content or (scan.digest if scan else None)
        blob = self._index.blob(member)
        if blob is None:
            return None
        hasher = hashlib.new(algorithm)
        for chunk in blob.chunks():
            self._meter.limits.check_deadline()
            hasher.update(chunk)
        return Digest(algorithm, hasher.hexdigest())


def _cached(cache: ScanCache) -> Scanner:
    from imgtar.cache.cached_scans import CachedScans  # few runs have a cache

    return CachedScans(cache)


def _no_body(_path: bytes, _size: int) -> bool:
    return False
