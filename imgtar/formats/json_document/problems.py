"""What can be wrong with a JSON document, whatever it describes."""

from __future__ import annotations

from imgtar.findings import Effect, Kind, Severity

INVALID = Kind(
    code="json.invalid",
    severity=Severity.HIGH,
    effect=Effect.INCOMPLETE,
    sentence="not valid JSON: {reason} (line {line}, column {column})",
    meaning="A document of the image is damaged or holds a number that nothing can represent.",
    remedy="Save the image again; if it comes from a build, look at the tool that wrote the document.",
)
NOT_UTF8 = Kind(
    code="json.not-utf8",
    severity=Severity.HIGH,
    effect=Effect.INCOMPLETE,
    sentence="not UTF-8: bad byte at offset {at}",
    meaning="JSON must be UTF-8. Readers differ in what they make of other bytes, so nothing is guessed.",
    remedy="Save the image again, or fix the tool that wrote the document.",
)
BOM = Kind(
    code="json.bom",
    severity=Severity.MEDIUM,
    sentence="begins with a byte order mark, which was skipped",
    meaning="Docker, containerd and podman refuse a document that begins with a byte order mark.",
    remedy="Write the document without one.",
)
DUPLICATE_KEY = Kind(
    code="json.duplicate-key",
    severity=Severity.MEDIUM,
    sentence="the key «{key}» comes twice; the last one counts",
    meaning="Readers differ in which of two equal keys they take: content can be hidden from some of them.",
    remedy="Find out what wrote the document; it should hold each key once.",
)
KEY_CASE = Kind(
    code="json.key-case",
    severity=Severity.MEDIUM,
    sentence="the key «{key}» is read as «{expected}»",
    meaning="Go's readers match keys without regard to case, others do not: they would see another image.",
    remedy="Spell the key as the specification does.",
)
TRAILING_DATA = Kind(
    code="json.trailing-data",
    severity=Severity.MEDIUM,
    sentence="{size} bytes follow the document and are ignored",
    meaning="Docker ignores what follows the JSON value, podman refuses the document.",
    remedy="Find out what wrote it; nothing should follow.",
)
WRONG_TYPE = Kind(
    code="json.wrong-type",
    severity=Severity.MEDIUM,
    sentence="«{key}» should be {expected}, but is {found} {stored}",
    meaning="A value has another JSON type than the specification says; it is read as absent.",
    remedy="Save or build the image again with a current tool.",
)
MISSING_KEY = Kind(
    code="json.missing-key",
    severity=Severity.MEDIUM,
    sentence="the key «{key}» is missing",
    meaning="A document lacks a key that the specification requires.",
    remedy="Save or build the image again with a current tool.",
)

KINDS = (INVALID, NOT_UTF8, BOM, DUPLICATE_KEY, KEY_CASE, TRAILING_DATA, WRONG_TYPE, MISSING_KEY)
