"""What can be wrong with a tar."""

from __future__ import annotations

from imgtar.findings import Effect, Kind, Severity

CUT = Kind(
    code="tar.truncated",
    severity=Severity.HIGH,
    effect=Effect.INCOMPLETE,
    sentence="the tar ends at byte {end:,}{of} in the middle of {what}",
    meaning="The archive or a layer ends inside an entry; the entries before it are reported.",
    remedy="Copy or save the image again and compare the file size.",
)
BAD_CHECKSUM = Kind(
    code="tar.bad-checksum",
    severity=Severity.HIGH,
    effect=Effect.INCOMPLETE,
    sentence="the header at byte {at:,}{of} has a wrong checksum; {unread:,} bytes from there on were not read",
    meaning="A tar header is damaged. No engine reads on from there, and neither does imgtar.",
    remedy="Get a sound copy; the report holds the entries before the damage.",
)
BAD_SIZE = Kind(
    code="tar.bad-size",
    severity=Severity.HIGH,
    effect=Effect.INCOMPLETE,
    sentence="the header at byte {at:,}{of} has an invalid size; {unread:,} bytes from there on were not read",
    meaning="A size is negative, beyond 64 bits or not a number, so the next header cannot be found.",
    remedy="Get a sound copy. Such headers are also made on purpose to hang or mislead readers.",
)
BAD_NUMBER = Kind(
    code="tar.bad-number",
    severity=Severity.HIGH,
    effect=Effect.INCOMPLETE,
    sentence="the header at byte {at:,}{of} has a field that is not a number; "
    "{unread:,} bytes from there on were not read",
    meaning="Mode, owner, time or device number cannot be read; docker, containerd and podman refuse the layer.",
    remedy="Rebuild the image with a tool that writes valid tar headers.",
)
BAD_PAX = Kind(
    code="tar.bad-pax",
    severity=Severity.HIGH,
    effect=Effect.INCOMPLETE,
    sentence="the extended header at byte {at:,}{of} is malformed ({reason}); "
    "{unread:,} bytes from there on were not read",
    meaning="A pax extended header breaks the format; engines refuse the layer.",
    remedy="Rebuild the image with a tool that writes valid pax headers.",
)
BAD_SPARSE = Kind(
    code="tar.bad-sparse",
    severity=Severity.HIGH,
    effect=Effect.INCOMPLETE,
    sentence="the sparse file {name} has an invalid map; {unread:,} bytes from there on were not read",
    meaning="The map of a sparse file overlaps, is unsorted, negative, too large or contradicts the sizes.",
    remedy="Rebuild the layer without sparse files (the OCI specification advises against them).",
)
EXT_TOO_BIG = Kind(
    code="tar.ext-header-too-big",
    severity=Severity.HIGH,
    effect=Effect.INCOMPLETE,
    sentence="the extended header at byte {at:,}{of} claims {size:,} bytes (at most {limit:,}); "
    "{unread:,} bytes were not read",
    meaning="An extended header is larger than any reader accepts.",
    remedy="Treat the archive as hostile unless you know the tool that wrote it.",
)
EXT_CHAIN = Kind(
    code="tar.ext-header-chain",
    severity=Severity.HIGH,
    effect=Effect.INCOMPLETE,
    sentence="more than {limit} extended headers in a row at byte {at:,}{of}; "
    "{unread:,} bytes from there on were not read",
    meaning="Chained extended headers exhaust readers; no writer makes more than a few.",
    remedy="Treat the archive as hostile unless you know the tool that wrote it.",
)
DATA_AFTER_END = Kind(
    code="tar.data-after-end",
    severity=Severity.HIGH,
    effect=Effect.INCOMPLETE,
    sentence="a lone zero block at byte {at:,}{of} is followed by {unread:,} bytes of other data, which were not read",
    meaning="Half an end marker is followed by data: some readers stop silently, others read on.",
    remedy="Get a sound copy; what follows the block is hidden from some tools.",
)
NO_END_MARKER = Kind(
    code="tar.no-end-marker",
    severity=Severity.INFO,
    sentence="the tar ends at byte {end:,}{of} without its end marker; no entry is cut",
    meaning="The two zero blocks or the padding at the end are absent, as some writers (umoci insert) leave them out. "
    "Every engine accepts that.",
)
TRAILING_DATA = Kind(
    code="tar.trailing-data",
    severity=Severity.MEDIUM,
    sentence="{size:,} bytes follow the end of the tar at byte {at:,}{of}: {looks}",
    meaning="Bytes behind the end marker: engines ignore them, but the diffID covers them.",
    remedy="Look at these bytes: eStargz keeps its index there, but files can be hidden there, too.",
)
DANGLING_EXT = Kind(
    code="tar.dangling-ext-header",
    severity=Severity.LOW,
    sentence="the extended header at byte {at:,}{of} is followed by no entry",
    meaning="The last extended header belongs to no entry. No entry is lost.",
)
DUPLICATE_EXT = Kind(
    code="tar.duplicate-ext-header",
    severity=Severity.MEDIUM,
    sentence="a second extended header of one kind at byte {at:,}{of}, before one entry; the later one counts",
    meaning="Readers disagree on which of two extended headers counts: the name you see may not be the one that runs.",
    remedy="Rebuild the layer; Go's reader, which engines use, takes the later one.",
)
DUPLICATE_PAX_KEY = Kind(
    code="tar.duplicate-pax-key",
    severity=Severity.LOW,
    sentence="the extended header at byte {at:,}{of} repeats {key}; the last value counts",
    meaning="One pax header states a value twice. Every engine takes the last one.",
)
GLOBAL_PATH = Kind(
    code="tar.global-path",
    severity=Severity.MEDIUM,
    sentence="a global extended header at byte {at:,}{of} sets {key} for all entries; it is not applied",
    meaning="GNU tar and Python apply a global path or size to every entry, docker and podman do not.",
    remedy="Compare with what the engine unpacks; imgtar shows what engines see.",
)
GLOBAL_HEADER = Kind(
    code="tar.global-header",
    severity=Severity.INFO,
    sentence="a global extended header at byte {at:,}{of} is not applied",
    meaning="A comment or default for all entries, as `git archive` writes one.",
)
UNKNOWN_TYPE = Kind(
    code="tar.unknown-type",
    severity=Severity.MEDIUM,
    sentence="{name} has the unknown type {type}; its {size:,} bytes are skipped",
    meaning="docker, containerd and podman refuse a layer with an entry of such a type.",
    remedy="Rebuild the layer; such an image does not unpack.",
)
REFUSED_TYPE = Kind(
    code="tar.refused-type",
    severity=Severity.MEDIUM,
    sentence="{name} has type {type}, which is read as a regular file here but refused by docker and containerd",
    meaning="A contiguous file or an old GNU sparse file.",
    remedy="Rebuild the layer with regular files.",
)
DIR_WITH_DATA = Kind(
    code="tar.dir-with-data",
    severity=Severity.MEDIUM,
    sentence="the directory {name} states {size:,} bytes of data, which are not skipped",
    meaning="A directory has no data; GNU tar and Python skip what its size says, Go does not.",
    remedy="Compare with what the engine unpacks; readers disagree on what follows.",
)
LINK_WITH_DATA = Kind(
    code="layer.link-with-data",
    severity=Severity.MEDIUM,
    sentence="{name}, a link or device, states {size:,} bytes of data, which are not skipped",
    meaning="Links and devices have no data; other readers skip what the size says and so see other entries.",
    remedy="Compare with what the engine unpacks; readers disagree on what follows.",
)

# A damaged stream or a limit that ends the bytes early causes these findings too; only the cause is reported then.
ENDS_EARLY = frozenset((CUT, NO_END_MARKER))
KINDS = tuple(kind for kind in list(globals().values()) if isinstance(kind, Kind))
