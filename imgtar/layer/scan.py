"""The one pass over a layer: a pure function of its blob.

OCI image-spec layer.md; the rules where engines differ are those of the overlay engines (docker, containerd,
podman by default). Entries are placed in a tree of the layer's own that starts empty: what they do to lower layers
is `imgtar.filesystem.tree`'s question.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import msgspec

from imgtar.archive.input.blobs import Blob
from imgtar.archive.input.root_folder import RootFolder
from imgtar.findings import Finding, FindingLog, Where
from imgtar.formats.compression import Compression, sniff
from imgtar.formats.digest import Digest
from imgtar.formats.magic import looks_like
from imgtar.formats.tar import TarWalk, Want
from imgtar.formats.tar import problems as tar_problems
from imgtar.layer import problems
from imgtar.layer.contents import LayerContents
from imgtar.layer.folder_walk import FolderWalk
from imgtar.layer.places import PlacedFiles, PlaceReader
from imgtar.layer.probes import LayerWatch, Probe, ProbeAnswers
from imgtar.layer.sources import HEAD, FolderSource, LayerSource, PlainSource, StreamSource
from imgtar.layer.tree import LayerTree
from imgtar.limits import LimitReached, Meter

WORTH_A_THREAD = 1 << 20  # bytes of a blob


class LayerScan(LayerContents, frozen=True, kw_only=True):
    """What a layer's blob holds, whatever lies below it: its contents, sizes, digests and findings.

    `complete` is False where the layer was not read to its end: reading stopped at the byte `stopped_at` of the tar.
    `answers` are what the probes keep of the bodies. Findings lack image, layer and member; their offsets are bytes
    of the uncompressed layer (of the stored blob for compression findings). The scan has no handle: it pickles, and
    `imgtar.layer.bodies` reads bodies from the blob.
    """

    blob_size: int
    tar_size: int
    compression: Compression
    digest: Digest | None
    diff_id: Digest | None
    complete: bool
    stopped_at: int | None
    is_tar: bool
    answers: ProbeAnswers
    findings: tuple[Finding, ...]


class Scanner(Protocol):
    """`scan_layer`, or what does the same by a shorter way."""

    def __call__(
        self,
        blob: Blob,
        meter: Meter,
        /,
        *,
        digests: bool = ...,
        want: Want | None = ...,
        probes: Sequence[Probe[object]] = ...,
        threads: bool = ...,
        contents: bool = ...,
        markers: bool = ...,
        places: PlaceReader[object] | None = ...,
    ) -> LayerScan: ...


def scan_layer(
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
    """Scans a layer whose blob can be read by offset.

    A plain tar is walked by its headers alone, unless `digests` asks for the digest of every byte; `contents` asks for
    the digest of every body. Decompressing and hashing have threads of their own, but without `threads`.
    `want(path, size)` limits which bodies of a compressed layer are hashed; only a scan without it says all about the
    blob. The `probes` watch the bodies that they want. Without `markers` no name deletes anything: the blob is a
    root filesystem. The files of `places` are read where no probe watches. Raises InputError where the file cannot be
    read; a limit that is reached, and damage, are findings.
    """
    if isinstance(blob, RootFolder):
        return _scan(FolderSource(blob), meter, want or _every if contents else None, probes, markers=markers)
    head = blob.read_at(0, HEAD)
    concurrent = threads and blob.size >= WORTH_A_THREAD
    plain = sniff(head) == "none"
    bodies = None if plain and not contents else want or _every
    placed = None if places is None else PlacedFiles(places)
    if plain and not digests:
        return _scan(PlainSource(blob, head), meter, bodies, probes, markers=markers, placed=placed, later=blob)
    stream = StreamSource(blob.chunks(), meter, digests=digests, concurrent=concurrent)
    return _scan(stream, meter, bodies, probes, markers=markers, placed=placed, later=blob if plain else None)


def scan_stream(
    chunks: Iterator[bytes],
    meter: Meter,
    probes: Sequence[Probe[object]] = (),
    *,
    markers: bool = True,
    places: PlaceReader[object] | None = None,
) -> LayerScan:
    """Scans a layer whose bytes pass once; every body is hashed in passing, and the `probes` watch.

    The files of `places` are read where no probe watches.
    """
    stream = StreamSource(chunks, meter, digests=True, concurrent=False)
    placed = None if places is None else PlacedFiles(places)
    return _scan(stream, meter, _every, probes, markers=markers, placed=placed)


def _every(_path: bytes, _size: int) -> bool:
    return True


def _scan(
    source: LayerSource,
    meter: Meter,
    want: Want | None,
    probes: Sequence[Probe[object]],
    *,
    markers: bool,
    placed: PlacedFiles | None = None,
    later: Blob | None = None,
) -> LayerScan:
    """The scan; `placed` files are read from the plain blob `later` behind the walk, or kept in passing (None)."""
    log = meter.finding_log()
    tree = LayerTree(meter, log, markers=markers)
    watch = LayerWatch(probes)
    walk = source.walk(meter, want, watch if probes else placed if later is None else None)
    stopped = False
    digest = diff_id = None
    try:
        tree.place(walk.batches())
        digest, diff_id = source.digests()
    except LimitReached as reached:
        stopped = True
        log.add(reached.finding(Where(offset=walk.end_offset)))
    finally:
        source.close()
    contents = tree.finish()
    is_tar = _report(source, walk, log, stopped=stopped)
    complete = walk.complete and is_tar and not stopped and not source.failed
    stopped_at = walk.end_offset if walk.stopped_at is None or stopped else walk.stopped_at
    return LayerScan(
        **msgspec.structs.asdict(contents),
        blob_size=source.blob_size,
        tar_size=walk.tar_size or walk.end_offset,
        compression=source.compression,
        digest=digest,
        diff_id=diff_id,
        complete=complete,
        stopped_at=None if complete else stopped_at,
        is_tar=is_tar,
        answers=watch.answers() if probes or placed is None else placed.answers(contents, later),
        findings=tuple(log),
    )


def _report(source: LayerSource, walk: TarWalk | FolderWalk, log: FindingLog, *, stopped: bool) -> bool:
    """Adds the findings of the bytes and of the walk to the log; says whether this is a tar at all."""
    log.extend(source.findings)
    if walk.recognised or stopped:
        repeated = tar_problems.ENDS_EARLY if source.failed else frozenset()
        log.extend(finding for finding in walk.findings if finding.kind not in repeated)
        return True
    if source.failed:
        return True
    if walk.tar_size == 0:
        if source.compression == "none":
            log.add(problems.EMPTY_FILE.at())
        return True
    twice = source.compression != "none" and sniff(source.head) != "none"
    hint = "; it is compressed twice" if twice else ""
    log.add(problems.NOT_TAR.at(size=walk.tar_size, looks=looks_like(source.head), hint=hint))
    return False
