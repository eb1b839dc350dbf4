"""The findings about a JSON document, whatever it describes."""

from __future__ import annotations

from imgtar.findings import Effect, Kind, Severity

INVALID = Kind(
    code="json.invalid",
    severity=Severity.HIGH,
    effect=Effect.INCOMPLETE,
    sentence="not valid JSON: {reason}",
    meaning="A document of the image is damaged.",
    remedy="Save the image again. If it comes from a build, check the tool that wrote the document.",
)
HUGE_NUMBER = Kind(
    code="json.huge-number",
    severity=Severity.LOW,
    sentence="the number {digits} ({size:,} characters) is read as the largest number of 64 bits",
    meaning="The document is legal JSON (RFC 8259, section 6), but its number exceeds what readers represent.",
    remedy="Find out what wrote the number. No field of an image needs one of this size.",
)
NOT_UTF8 = Kind(
    code="json.not-utf8",
    severity=Severity.HIGH,
    effect=Effect.INCOMPLETE,
    sentence="not valid UTF-8: wrong byte at offset {at:,}",
    meaning="JSON must be UTF-8. Readers treat other bytes differently, so imgtar does not guess.",
    remedy="Save the image again, or fix the tool that wrote the document.",
)
BOM = Kind(
    code="json.bom",
    severity=Severity.MEDIUM,
    sentence="the document begins with a byte order mark, which is skipped",
    meaning="Docker, containerd and podman refuse a document that begins with a byte order mark.",
    remedy="Write the document without a byte order mark.",
)
DUPLICATE_KEY = Kind(
    code="json.duplicate-key",
    severity=Severity.MEDIUM,
    sentence="the key «{key}» occurs twice; the last one is used",
    meaning="Of two equal keys some readers use the first, others the last, so content can be hidden from some.",
    remedy="Find out what wrote the document. It should have each key once.",
)
KEY_CASE = Kind(
    code="json.key-case",
    severity=Severity.MEDIUM,
    sentence="the key «{key}» is read as «{expected}»",
    meaning="Readers written in Go ignore the case of keys, others do not, so they would see different images.",
    remedy="Spell the key as the specification does.",
)
TRAILING_DATA = Kind(
    code="json.trailing-data",
    severity=Severity.MEDIUM,
    sentence="{size:,} bytes follow the document and are ignored",
    meaning="Docker ignores bytes behind the JSON value. podman refuses the document.",
    remedy="Find out what wrote the document. Nothing should follow the JSON value.",
)
WRONG_TYPE = Kind(
    code="json.wrong-type",
    severity=Severity.MEDIUM,
    sentence="«{key}» should be {expected}, but is {found} {stored}{consequence}",
    meaning="A value has a different JSON type from the one in the specification. imgtar treats it as absent.",
    remedy="Save or build the image again with a current tool.",
)
MISSING_KEY = Kind(
    code="json.missing-key",
    severity=Severity.MEDIUM,
    sentence="the key «{key}» is missing",
    meaning="A document lacks a key that the specification requires.",
    remedy="Save or build the image again with a current tool.",
)

KINDS = (INVALID, HUGE_NUMBER, NOT_UTF8, BOM, DUPLICATE_KEY, KEY_CASE, TRAILING_DATA, WRONG_TYPE, MISSING_KEY)
