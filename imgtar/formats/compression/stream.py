"""One compressed stream as bounded chunks, with its findings and against its limits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from imgtar.findings import Argument, Effect, Finding, Kind, Where
from imgtar.formats.compression import problems
from imgtar.formats.compression.feed import Feed
from imgtar.formats.compression.gzip import gunzip
from imgtar.formats.compression.member_stream import Damage
from imgtar.formats.compression.sniff import HEAD_SIZE, Compression, sniff
from imgtar.formats.compression.xz_bzip2 import bunzip2, unxz
from imgtar.formats.compression.zstd import unzstd
from imgtar.limits import RATIO_ALARM, RATIO_ALARM_BYTES, LimitReached, Meter

_DECODERS: dict[Compression, Callable[[Feed, Damage], Iterator[bytes]]] = {
    "gzip": gunzip,
    "zstd": unzstd,
    "xz": unxz,
    "bzip2": bunzip2,
}
_TRAILING = (
    problems.GZIP_TRAILING_DATA,
    problems.ZSTD_TRAILING_DATA,
    problems.XZ_TRAILING_DATA,
    problems.BZIP2_TRAILING_DATA,
)


class Decompressed:
    """The content of a stream that may be compressed, one level.

    `chunks` are its bytes in any pieces. Iterating, which is possible once, yields non-empty chunks of at most
    about 1 MiB and never raises for damage: that becomes a finding, whose offset counts compressed bytes.
    It raises LimitReached at `layer-bytes`, `total-bytes`, `ratio` and at the deadline. With `outer` the stream is
    the whole archive: `layer-bytes` does not apply, and bytes behind its end have no effect.

    `compression` is known from the start. `compressed_size` counts the bytes taken from `chunks` (a caller that
    hashes them all takes the rest), `decompressed_size` those that came out. `failed`: what follows the last
    chunk could not be read.
    """

    def __init__(self, chunks: Iterable[bytes], meter: Meter, *, outer: bool = False) -> None:
        arriving = iter(chunks)
        first = _first(arriving)
        self.compression: Compression = sniff(b"".join(first)[:HEAD_SIZE])
        self.decompressed_size = 0
        self.findings: list[Finding] = []
        self._meter = meter
        self._outer = outer
        self._feed = Feed(chain(first, arriving), meter.limits.check_deadline)
        self._chunks = self._pass_on(chain(first, arriving)) if self.compression == "none" else self._decode()

    @property
    def failed(self) -> bool:
        """Whether the stream ended before its natural end."""
        return any(finding.effect is Effect.INCOMPLETE for finding in self.findings)

    @property
    def compressed_size(self) -> int:
        """Bytes taken so far."""
        return self.decompressed_size if self.compression == "none" else self._feed.offset

    def __iter__(self) -> Iterator[bytes]:
        return self._chunks

    def _pass_on(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self._meter.limits.check_deadline()
            self.decompressed_size += len(chunk)
            if chunk:
                yield chunk

    def _decode(self) -> Iterator[bytes]:
        """The decompressed chunks. Raises LimitReached at `layer-bytes`, `total-bytes`, `ratio` and the deadline."""
        limits = self._meter.limits
        longest = limits.total_bytes if self._outer else limits.layer_bytes
        alarmed = False
        for chunk in _DECODERS[self.compression](self._feed, self._damage):
            self.decompressed_size += len(chunk)
            self._meter.decompress(len(chunk))
            if self.decompressed_size > longest:
                raise LimitReached("layer-bytes", longest, self._here())
            if limits.is_bomb(self.decompressed_size, self._feed.offset):
                raise LimitReached("ratio", limits.ratio, self._here())
            if not alarmed and self._is_alarming():
                alarmed = True
                self._damage(problems.HIGH_RATIO, ratio=RATIO_ALARM)
            yield chunk

    def _is_alarming(self) -> bool:
        return self.decompressed_size > max(RATIO_ALARM_BYTES, RATIO_ALARM * self._feed.offset)

    def _here(self) -> Where:
        return Where(offset=self._feed.offset)

    def _damage(self, kind: Kind, /, offset: int | None = None, **arguments: Argument) -> None:
        where = Where(offset=self._feed.offset if offset is None else offset)
        effect = Effect.NONE if self._outer and kind in _TRAILING else None
        self.findings.append(kind.at(where, effect, **arguments))


def _first(arriving: Iterator[bytes]) -> list[bytes]:
    """The first chunks, until they hold what `sniff` wants."""
    first: list[bytes] = []
    size = 0
    for chunk in arriving:
        first.append(chunk)
        size += len(chunk)
        if size >= HEAD_SIZE:
            break
    return first
