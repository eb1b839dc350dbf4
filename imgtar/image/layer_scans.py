"""Scans each distinct blob of an archive once, whichever images and positions it serves."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence

from imgtar.archive.catalog.records import LayerRef
from imgtar.archive.index.member_index import Member, MemberIndex
from imgtar.findings import Finding, Where
from imgtar.formats.digest import Digest
from imgtar.formats.oci import problems as oci_problems
from imgtar.image import problems
from imgtar.image.wanted import Wanted
from imgtar.layer.probes import Probe
from imgtar.layer.scan import LayerScan, scan_layer, scan_stream
from imgtar.limits import LimitReached, Meter
from imgtar.progress import NoProgress, Progress


class StreamScanner:
    """The callback for an archive that passes once: every member is read as if it were a layer.

    Docker's and OCI's lists may turn out to differ when the manifests arrive, so digests are always taken.
    """

    def __init__(self, meter: Meter, probes: Sequence[Probe[object]] = ()) -> None:
        self._meter = meter
        self._probes = probes

    def __call__(self, chunks: Iterator[bytes]) -> LayerScan:
        scan = scan_stream(chunks, self._meter, self._probes)
        for _ in chunks:
            pass
        return scan


class Scans:
    """The scans of an archive's blobs by the member that holds them."""

    def __init__(
        self,
        index: MemberIndex,
        meter: Meter,
        *,
        digests: bool,
        probes: Sequence[Probe[object]] = (),
        progress: Progress | None = None,
    ) -> None:
        self._index = index
        self._meter = meter
        self._digests = digests
        self._probes = probes
        self._progress = progress or NoProgress()
        self._scans: dict[bytes, LayerScan] = {}
        self._checked: set[tuple[bytes, Digest]] = set()

    def told(self, findings: Iterable[Finding]) -> None:
        """Mismatches among these findings are not told again."""
        for finding in findings:
            if finding.kind is oci_problems.DIGEST_MISMATCH and finding.where.member is not None:
                self._checked.add((finding.where.member, Digest.parse(finding.arguments["stated"])))

    def check(self, member: Member, stated: Digest) -> list[Finding]:
        """Compares all bytes of a member with a digest, once; what differs or cannot be computed is a finding."""
        if (member.name, stated) in self._checked:
            return []
        self._checked.add((member.name, stated))
        where = Where(member=member.name)
        try:
            actual = self.digest(member, stated.algorithm)
        except LimitReached as reached:
            return [reached.finding(where)]
        if actual is None:
            return [problems.UNCHECKED.at(where, digest=str(stated))]
        if actual == stated:
            return []
        return [oci_problems.DIGEST_MISMATCH.at(where, stated=str(stated), found=str(actual))]

    def prepare(self, refs: Iterable[LayerRef]) -> None:
        """Scans these layers in the order that leaves least to hash: the largest compressed one last.

        Of that one only the bodies are hashed that another layer may be compared with.
        """
        blobs = {ref.member.name: ref for ref in refs if ref.member and ref.blob and ref.readable}
        waiting = [ref for name, ref in blobs.items() if name not in self._scans and name not in self._index.scans]
        waiting.sort(key=lambda ref: ref.member.size if ref.member else 0)
        left = self._meter.limits.image_entries
        for ref in waiting[:-1]:
            scan = self.of(ref)
            left -= scan.entry_count if scan is not None else 0
            if left < 0:  # who asks for the layers in their order finds where the limit is
                return
        for last in waiting[-1:]:
            wanted = Wanted(scan for name, scan in self._scans.items() if name in blobs)
            self.of(last, want=None if wanted.everything else wanted)

    def of(self, ref: LayerRef, *, digests: bool = False, want: Wanted | None = None) -> LayerScan | None:
        """The scan of a layer; None where it is absent or unreadable by design. With `digests` diffID included."""
        member = ref.member
        if member is None or not ref.readable:
            return None
        streamed = self._index.scans.get(member.name)
        if isinstance(streamed, LayerScan):
            return streamed
        wanted = digests or self._digests
        scan = self._scans.get(member.name)
        if scan is None or (wanted and scan.digest is None and scan.complete):
            if ref.blob is None:
                return None
            scan = scan_layer(ref.blob, self._meter, digests=wanted, want=want, probes=self._probes)
            if want is not None and not want.satisfied_by(scan):
                scan = scan_layer(ref.blob, self._meter, digests=wanted, probes=self._probes)
            self._scans[member.name] = scan
            if not self._index.streamed:
                self._progress.advance(member.size)
        return scan

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
