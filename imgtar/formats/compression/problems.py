"""The findings about compressed streams. Their offsets count the compressed bytes."""

from __future__ import annotations

from imgtar.findings import Effect, Kind, Severity


def _truncated(form: str) -> Kind:
    return Kind(
        code=f"{form}.truncated",
        severity=Severity.HIGH,
        effect=Effect.INCOMPLETE,
        sentence=f"the {form} stream is truncated: it stops after {{size:,}} bytes",
        meaning=f"The {form} stream stops before its end. The report has what could be read.",
        remedy="Copy or save the image again and compare the file size.",
    )


def _corrupt(form: str, code: str = "corrupt") -> Kind:
    return Kind(
        code=f"{form}.{code}",
        severity=Severity.HIGH,
        effect=Effect.INCOMPLETE,
        sentence=f"the {form} stream is damaged; the rest cannot be read",
        meaning=f"The {form} stream has invalid bytes or bytes that fail its checksum. The rest is not read.",
        remedy="Copy or save the image again. The damage happened after the image was written.",
    )


def _bad_check(form: str, code: str) -> Kind:
    return Kind(
        code=f"{form}.{code}",
        severity=Severity.HIGH,
        effect=Effect.INCONSISTENT,
        sentence=f"the {form} data does not match its stored checksum or size",
        meaning=f"The {form} data can be read to its end, but differs from what was compressed.",
        remedy="Copy or save the image again. The report on this stream may be wrong.",
    )


def _trailing(form: str) -> Kind:
    return Kind(
        code=f"{form}.trailing-data",
        severity=Severity.MEDIUM,
        effect=Effect.INCONSISTENT,
        sentence=f"{{size:,}} bytes follow the end of the {form} stream",
        meaning=f"Bytes behind the last {form} member belong to nothing. Some readers refuse them, others ignore them.",
        remedy="Find out which tool appended the bytes. Compressing the stream again removes them.",
    )


def _zeros(form: str) -> Kind:
    return Kind(
        code=f"{form}.trailing-zeros",
        severity=Severity.INFO,
        sentence=f"{{size:,}} NUL bytes pad the end of the {form} stream",
        meaning=f"NUL bytes follow the last {form} member. Tools that write whole records leave such padding.",
    )


GZIP_TRUNCATED = _truncated("gzip")
GZIP_CORRUPT = _corrupt("gzip")
GZIP_BAD_CRC = _bad_check("gzip", "bad-crc")
GZIP_TRAILING_DATA = _trailing("gzip")
GZIP_TRAILING_ZEROS = _zeros("gzip")
GZIP_BAD_HEADER = Kind(
    code="gzip.bad-header",
    severity=Severity.HIGH,
    effect=Effect.INCOMPLETE,
    sentence="the gzip header is not valid: {reason}",
    meaning="A gzip member starts with a header that RFC 1952 forbids or that is larger than 1 MiB. It is not read.",
    remedy="Compress the stream again with a current tool.",
)

ZSTD_TRUNCATED = _truncated("zstd")
ZSTD_CORRUPT = _corrupt("zstd")
ZSTD_BAD_CHECKSUM = _bad_check("zstd", "bad-checksum")
ZSTD_TRAILING_DATA = _trailing("zstd")
ZSTD_TRAILING_ZEROS = _zeros("zstd")
ZSTD_DICTIONARY = Kind(
    code="zstd.dictionary",
    severity=Severity.HIGH,
    effect=Effect.INCOMPLETE,
    sentence="the zstd frame needs the dictionary {dictionary}, which is not part of the image",
    meaning="A zstd frame was compressed with a dictionary. Nothing can read it without that file.",
    remedy="Compress the layer again without a dictionary.",
)
ZSTD_WINDOW = Kind(
    code="zstd.window-too-big",
    severity=Severity.HIGH,
    effect=Effect.INCOMPLETE,
    sentence="the zstd frame needs a window of {window:,} bytes; the limit is {limit:,}",
    meaning="Reading the frame needs more memory than the zstd tools allow by default (128 MiB).",
    remedy="Compress the layer again without --long or --ultra.",
)

XZ_TRUNCATED = _truncated("xz")
XZ_BAD_CHECK = _corrupt("xz", "bad-check")
XZ_TRAILING_DATA = _trailing("xz")
XZ_TRAILING_ZEROS = _zeros("xz")
XZ_DICTIONARY = Kind(
    code="xz.dictionary-too-big",
    severity=Severity.HIGH,
    effect=Effect.INCOMPLETE,
    sentence="the xz stream needs a dictionary of more than 128 MiB",
    meaning="Reading the stream needs more memory than imgtar allows. No preset of xz comes near it.",
    remedy="Compress the layer again with a preset of xz (-0 to -9).",
)
XZ_UNSUPPORTED = Kind(
    code="xz.unsupported",
    severity=Severity.HIGH,
    effect=Effect.INCOMPLETE,
    sentence="the xz stream uses filters or options that the xz library does not support",
    meaning="The stream is not cut, but was written with filters that this reader lacks, or for a newer xz.",
    remedy="Compress the content again with a preset of xz (-0 to -9).",
)

BZIP2_TRUNCATED = _truncated("bzip2")
BZIP2_BAD_CHECK = _corrupt("bzip2", "bad-check")
BZIP2_TRAILING_DATA = _trailing("bzip2")
BZIP2_TRAILING_ZEROS = _zeros("bzip2")

HIGH_RATIO = Kind(
    code="compression.high-ratio",
    severity=Severity.LOW,
    sentence="the stream expands more than {ratio} times",
    meaning="Few compressed bytes become very many: a file of zeros, or an attempt to exhaust the reader.",
    remedy="Look at the largest files of the layer.",
)

KINDS = (
    GZIP_TRUNCATED,
    GZIP_CORRUPT,
    GZIP_BAD_CRC,
    GZIP_BAD_HEADER,
    GZIP_TRAILING_DATA,
    GZIP_TRAILING_ZEROS,
    ZSTD_TRUNCATED,
    ZSTD_CORRUPT,
    ZSTD_BAD_CHECKSUM,
    ZSTD_DICTIONARY,
    ZSTD_WINDOW,
    ZSTD_TRAILING_DATA,
    ZSTD_TRAILING_ZEROS,
    XZ_TRUNCATED,
    XZ_BAD_CHECK,
    XZ_DICTIONARY,
    XZ_UNSUPPORTED,
    XZ_TRAILING_DATA,
    XZ_TRAILING_ZEROS,
    BZIP2_TRUNCATED,
    BZIP2_BAD_CHECK,
    BZIP2_TRAILING_DATA,
    BZIP2_TRAILING_ZEROS,
    HIGH_RATIO,
)
