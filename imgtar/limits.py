"""Every bound that imgtar puts on its input, in one immutable value.

A limit that stops the work is reported as `limit.NAME` (exit 5); `--limit NAME=VALUE` sets it. A bound is a constant
where exceeding it is damage, or where it only shortens what is stored.
"""

from __future__ import annotations

import time
from threading import get_ident

import msgspec

from imgtar.findings import NOWHERE, Argument, Effect, Finding, FindingLog, Ignores, Kind, Severity, Where

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30

# Exceeding these is damage (exit 4).
EXTENDED_HEADER_SIZE = MIB
EXTENDED_HEADERS_PENDING = 4 * MIB
EXTENDED_HEADERS_IN_A_ROW = 64
SPARSE_SEGMENTS = 100_000
SPARSE_MAP_SIZE = MIB
ZSTD_WINDOW = 128 * MIB
MEMBER_LINK_HOPS = 16
GZIP_HEADER_SIZE = MIB

# Exceeding these only shortens what is stored.
PATH_SIZE = 64 * KIB
PATH_COMPONENTS = 2048
XATTR_SIZE = 64 * KIB
LAYER_LINK_HOPS = 255
RATIO_ALARM = 200
RATIO_ALARM_BYTES = 128 * MIB

_RATIO_SOON = 16  # ten times the limit `ratio` is judged at this part of `ratio_bytes`


class Limits(msgspec.Struct, frozen=True, kw_only=True, rename="kebab"):
    """The limits that stop the work. Sizes in bytes; the comment gives the reason of each default."""

    json_size: int = 8 * MIB  # real documents are far below 1 MiB; memory is about 50 times the text
    json_depth: int = 64  # real documents nest less than 10 deep
    json_nodes: int = 200_000  # counted before a tree is built
    json_total: int = 64 * MIB  # documents stored while a pipe is read
    images: int = 1_000
    manifests: int = 10_000  # descriptors per index
    index_depth: int = 8
    layers: int = 1_000  # per image; docker itself stops at 127
    history: int = 10_000
    members: int = 200_000
    layer_entries: int = 2_000_000  # members and implied directories, about 0.5 kB each
    image_entries: int = 5_000_000
    archive_entries: int = 50_000_000  # a layer counts for each image that has it: minutes
    metadata_bytes: int = 256 * MIB  # names (of implied directories fourfold), link targets, attributes, sparse maps
    layer_bytes: int = 64 * GIB  # decompressed: minutes; memory is flat
    total_bytes: int = 256 * GIB
    ratio: int = 5_000  # gzip cannot exceed 1,032; only above `ratio_bytes`
    ratio_bytes: int = 4 * GIB
    spool_bytes: int = 64 * GIB  # a temporary file for an archive that passes once; as long as a layer
    secrets: int = 200_000  # that an audit lists; each takes about 4 kB as a finding in JSON
    secret_time: int = 600  # seconds of an audit: ten gigabytes of text on a slow machine
    secret_file_bytes: int = 64 * GIB  # of one file: as much as a layer; `secret_time` bounds the work
    inside_bytes: int = 64 * MIB  # of one database or compiled file: an audit keeps it to search what is inside
    account_bytes: int = 64 * MIB  # kept by an audit; real account files are a few kB
    package_list_bytes: int = 64 * MIB  # kept by an audit or an inventory; a large distribution has some 20 MiB
    hole_bytes: int = 4 * GIB  # zeros of sparse files that a search hashes: seconds
    find_matches: int = 1_000_000  # paths that a search lists, about 0.1 kB each
    shared_files: int = 2_000_000  # whose contents `shared --files` compares, about 0.4 kB each
    extract_bytes: int = 64 * GIB  # of all files, holes included: as much as a layer
    extract_entries: int = 5_000_000  # as many as an image
    deadline: float | None = None  # `time.monotonic()` at which the work stops; set from `--timeout`

    def within(self, seconds: float | None) -> Limits:
        """These limits with the deadline in so many seconds from now; without seconds the limits as they are."""
        if seconds is None:
            return self
        return msgspec.structs.replace(self, deadline=time.monotonic() + seconds)

    def without_deadline(self) -> Limits:
        """These limits with any time."""
        return self if self.deadline is None else msgspec.structs.replace(self, deadline=None)

    def is_bomb(self, made: int, stored: int) -> bool:
        """Do `made` bytes pass `ratio`, decompressed from `stored`? Ten times the ratio is judged at fewer bytes."""
        ratio = self.ratio * stored
        # Only bzip2 reaches ten times the ratio.
        return made > max(ratio, self.ratio_bytes) or made > max(10 * ratio, self.ratio_bytes // _RATIO_SOON)

    def judges_ratio(self, made: int) -> bool:
        """Are so many decompressed bytes enough for a judgement by `ratio`?"""
        return made > self.ratio_bytes // _RATIO_SOON

    def check_deadline(self, where: Where = NOWHERE) -> None:
        """Raises LimitReached when the deadline has passed."""
        if self.deadline is not None and time.monotonic() > self.deadline:
            raise LimitReached("time", 0, where)


DEFAULT = Limits()

# Names that `--limit` takes: all but the deadline, which is `--timeout`.
NAMES = tuple(field.encode_name for field in msgspec.structs.fields(Limits) if field.name != "deadline")


class LimitReached(Exception):
    """Stops one walk. The caller that has the partial result catches it and reports `finding`."""

    def __init__(self, name: str, value: int, where: Where = NOWHERE) -> None:
        super().__init__(name)
        self.name = name
        self.value = value
        self.where = where

    def finding(self, where: Where | None = None, **arguments: Argument) -> Finding:
        """The finding `limit.NAME` (effect limit) at `where`, by default at the place where the limit was reached.

        The limits of the search for secrets have the arguments `unsearched` and `files`.
        """
        place = self.where if where is None else where
        if self.name == "time":
            return KINDS[self.name].at(place, None, limit=self.value, **arguments)
        raised = _raised(self.name, self.value)
        return KINDS[self.name].at(place, None, limit=self.value, raised=raised, **arguments)


def _raised(name: str, value: int) -> str:
    """What to raise a limit to, as `--limit` takes it: `2000`, or `128GiB` where the limit is one on bytes.

    That is the default where the limit is lower, else twice the limit.
    """
    default: int = getattr(DEFAULT, name.replace("-", "_"))
    raised = default if value < default else 2 * value
    if name in _BYTES:
        for unit, size in (("GiB", GIB), ("MiB", MIB), ("KiB", KIB)):
            if raised % size == 0:
                return f"{raised // size}{unit}"
    return str(raised)


_BYTES = frozenset(name for name in NAMES if name.endswith("-bytes") or name in ("json-size", "json-total"))
_EXTRACTION = ("extract-bytes", "extract-entries")
_SEARCH = ("secrets", "secret-time", "secret-file-bytes", "inside-bytes")


def _kind(name: str) -> Kind:
    remedy, example = "allow more with --timeout", "allow more time with --timeout"
    if name != "time":
        default: int = getattr(DEFAULT, name.replace("-", "_"))
        remedy, example = (
            f"use --limit {name}={{raised}}",
            f"raise the limit: --limit {name}={_raised(name, default)}, for example",
        )
    reached = "the time is up" if name == "time" else f"limit {name} ({{limit}}) reached"
    reached += ": {unsearched}{files}" if name in _SEARCH else ""
    meaning = f"imgtar stopped reading at the limit {name}. The report has what was read until then."
    if name in _EXTRACTION:
        meaning = f"What imgtar extract was asked to write exceeds the limit {name}. Nothing is written."
    return Kind(
        code=f"limit.{name}",
        severity=Severity.HIGH,
        effect=Effect.LIMIT,
        sentence=f"{reached}; {remedy}",
        meaning=meaning,
        remedy=f"If you trust the input, {example}.",
    )


# `ratio-bytes` alone limits nothing: it says from which size on `ratio` counts.
KINDS = {name: _kind(name) for name in (*NAMES, "time") if name != "ratio-bytes"}


class ThreadSum:
    """A sum to which several threads add. Each thread counts its own, so no addition is lost."""

    __slots__ = ("_by_thread",)

    def __init__(self) -> None:
        self._by_thread: dict[int, int] = {}

    def add(self, amount: int) -> None:
        """Adds to the count of the calling thread."""
        thread = get_ident()
        self._by_thread[thread] = self._by_thread.get(thread, 0) + amount

    @property
    def total(self) -> int:
        """The counts of all threads together."""
        return sum(self._by_thread.copy().values())  # a copy: another thread may add its first count meanwhile


class Meter:
    """What one run has read so far, against its limits. The only mutable state that the reading floors share.

    Threads that read, decompress and hash beside the walk count by `read` and `decompress`; the other sums belong to
    the thread that walks. Findings that `ignores` leaves out do not count against the number that a log keeps.
    """

    def __init__(self, limits: Limits = DEFAULT, ignores: Ignores | None = None) -> None:
        self.limits = limits
        self.ignores = ignores
        self._bytes_read = ThreadSum()
        self._decompressed = ThreadSum()
        self.headers = 0  # tar headers parsed
        self.entries = 0  # layer members
        self.metadata_bytes = 0  # names, link targets, attributes and maps kept, and large extended headers

    @property
    def bytes_read(self) -> int:
        """Bytes of the archive, as stored."""
        return self._bytes_read.total

    @property
    def decompressed(self) -> int:
        """Bytes that came out of decompressors."""
        return self._decompressed.total

    def finding_log(self) -> FindingLog:
        """An empty log of findings."""
        return FindingLog(ignores=self.ignores)

    def add(self, other: Meter) -> None:
        """Adds what another meter counted, but for the bytes of the archive, which this one has counted itself."""
        self._decompressed.add(other.decompressed)
        self.headers += other.headers
        self.entries += other.entries
        self.metadata_bytes += other.metadata_bytes

    @property
    def is_steep(self) -> bool:
        """Were more bytes decompressed than the limit `ratio` allows, however few they are?"""
        return self.decompressed > self.limits.ratio * self.bytes_read

    def has_room(self, kept: int, made: int) -> bool:
        """Would so many bytes of metadata and decompressed ones reach no limit of the run, in whatever pieces?

        The bytes come from a blob that is not steep.
        """
        made += self.decompressed
        limits = self.limits
        return (
            self.metadata_bytes + kept <= limits.metadata_bytes
            and made <= limits.total_bytes
            and (not self.is_steep or not limits.judges_ratio(made))
        )

    def take_back(self, other: Meter) -> None:
        """Takes back what was counted here and in another meter, too: bytes read, made and kept."""
        self.correct_read(-other.bytes_read)
        self._decompressed.add(-other.decompressed)
        self.metadata_bytes -= other.metadata_bytes

    def read(self, size: int) -> None:
        """Counts `size` bytes of the archive, as stored."""
        self._bytes_read.add(size)

    def correct_read(self, size: int) -> None:
        """Adds `size` bytes that were not read but count, or takes back those that are read twice (less than 0)."""
        self._bytes_read.add(size)

    def keep(self, size: int) -> None:
        """Counts `size` bytes of names, links, attributes and the like; raises LimitReached at `metadata-bytes`."""
        self.metadata_bytes += size
        if self.metadata_bytes > self.limits.metadata_bytes:
            raise LimitReached("metadata-bytes", self.limits.metadata_bytes)

    def decompress(self, size: int) -> None:
        """Counts `size` decompressed bytes; raises LimitReached at `total-bytes`, at `ratio` and at the deadline.

        All streams of a run together may be a bomb although none of them is: many small ones, or one inside another.
        """
        self._decompressed.add(size)
        made, stored = self.decompressed, self.bytes_read
        if made > self.limits.total_bytes:
            raise LimitReached("total-bytes", self.limits.total_bytes)
        if stored and self.limits.is_bomb(made, stored):
            raise LimitReached("ratio", self.limits.ratio)
        self.limits.check_deadline()
