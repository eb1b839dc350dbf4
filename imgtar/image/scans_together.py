"""Layers scanned at once, each by one thread, with the results of scanning them one after another."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from threading import Event, Thread

from imgtar.archive.input.blobs import Blob
from imgtar.layer.places import PlaceReader
from imgtar.layer.scan import LayerScan, Scanner, scan_layer
from imgtar.limits import LimitReached, Meter, ThreadSum


def scan_together(
    blobs: Sequence[tuple[bytes, Blob]],
    meter: Meter,
    jobs: int,
    *,
    digests: bool,
    contents: bool = False,
    places: PlaceReader[object] | None = None,
    scanner: Scanner = scan_layer,
) -> list[LayerScan]:
    """The scans of these blobs, made by at most `jobs` threads, the largest blob first.

    It pays for blobs of which every byte is read: compressed ones, and those whose digest is asked for. The list is
    empty where an error or a limit of the whole run is met: which layer meets it depends on their order, so the caller
    scans one after another. Then `meter` has counted none of this work but the bytes read.
    """
    together = _Together(blobs, meter, jobs, scanner, digests=digests, contents=contents, places=places)
    together.run()
    if not together.fits():
        return []
    for own in together.meters:
        meter.add(own)
    return [together.scans[name] for name, _ in blobs]


class _Stopped(Exception):
    """The scan of this layer is not needed any more."""


class _Together:
    def __init__(
        self,
        blobs: Sequence[tuple[bytes, Blob]],
        meter: Meter,
        jobs: int,
        scanner: Scanner,
        *,
        digests: bool,
        contents: bool,
        places: PlaceReader[object] | None,
    ) -> None:
        self.scans: dict[bytes, LayerScan] = {}
        self.meters: list[_LayerMeter] = []
        self.kept = ThreadSum()
        self.stopped = Event()
        self.meter = meter
        self._was_steep = meter.is_steep
        self._threads = min(jobs, len(blobs)) - 1
        self._scan_layer = scanner
        self._digests = digests
        self._contents = contents
        self._places = places
        self._waiting = deque(sorted(blobs, key=lambda blob: blob[1].size, reverse=True))
        first, *others = (blob.size for _, blob in self._waiting)
        # Where one layer takes longer than all others, it gets two threads.
        self._dominant = first if self._threads * first > 2 * sum(others) else None

    def run(self) -> None:
        """Scans; this thread takes part, and does all the work where the system has no thread left."""
        threads: list[Thread] = []
        try:
            for _ in range(self._threads):
                thread = Thread(target=self._work_beside, name="imgtar-layer", daemon=True)
                try:
                    thread.start()
                except RuntimeError:
                    break
                threads.append(thread)
            self._work()
        except Exception:  # met again, by the caller, where it belongs
            self.stopped.set()
        except BaseException:
            self.stopped.set()
            raise
        finally:
            for thread in threads:
                thread.join()

    def _work_beside(self) -> None:
        try:
            self._work()
        except BaseException:  # as in `run`; a thread has nobody to tell
            self.stopped.set()

    def _work(self) -> None:
        while not self.stopped.is_set():
            try:
                name, blob = self._waiting.popleft()
            except IndexError:
                return
            own = _LayerMeter(self, self.meter)
            self.meters.append(own)
            counted = _CountedBlob(blob, own, self.stopped)
            threads = blob.size == self._dominant
            self.scans[name] = self._scan_layer(
                counted,
                own,
                digests=self._digests,
                threads=threads,
                contents=self._contents,
                places=self._places,
            )
            if sum(scan.counted_entries for scan in [*self.scans.values()]) > self.meter.limits.image_entries:
                self.stopped.set()

    def fits(self) -> bool:
        """Is everything scanned, and would no order of the layers have met a limit of the whole run?"""
        limits = self.meter.limits
        made = self.meter.decompressed + sum(own.decompressed for own in self.meters)
        kept = self.meter.metadata_bytes + sum(own.metadata_bytes for own in self.meters)
        steep = self._was_steep or any(own.steep for own in self.meters)
        return (
            not self.stopped.is_set()
            and made <= limits.total_bytes
            and kept <= limits.metadata_bytes
            and (not steep or not limits.judges_ratio(made))
        )


class _LayerMeter(Meter):
    """Counts one layer. `steep`: it was, at some time, decompressed to more than the limit `ratio` allows."""

    def __init__(self, together: _Together, meter: Meter) -> None:
        super().__init__(meter.limits, meter.ignores)
        self._together = together
        self.steep = False

    def keep(self, size: int) -> None:
        """Counts; raises LimitReached also where the layers together keep more than one run may."""
        super().keep(size)
        self._together.kept.add(size)
        if self._together.kept.total > self.limits.metadata_bytes:
            self._together.stopped.set()
            raise LimitReached("metadata-bytes", self.limits.metadata_bytes)

    def correct_read(self, size: int) -> None:
        """Corrects the meter of the run, too, in which the file counts what is read."""
        super().correct_read(size)
        self._together.meter.correct_read(size)

    def decompress(self, size: int) -> None:
        """Counts; raises _Stopped where the work is stopped."""
        if self._together.stopped.is_set():
            raise _Stopped
        super().decompress(size)
        self.steep = self.steep or self.is_steep


class _CountedBlob:
    """A blob of which a meter of its own counts what is read; it raises _Stopped where the work is stopped."""

    def __init__(self, blob: Blob, meter: Meter, stopped: Event) -> None:
        self._blob = blob
        self.meter = meter
        self._stopped = stopped

    @property
    def size(self) -> int:
        return self._blob.size

    def read_at(self, offset: int, size: int, /) -> bytes:
        read = self._blob.read_at(offset, size)
        self.meter.read(len(read))
        return read

    def chunks(self) -> Iterator[bytes]:
        for chunk in self._blob.chunks():
            if self._stopped.is_set():
                raise _Stopped
            self.meter.read(len(chunk))
            yield chunk
