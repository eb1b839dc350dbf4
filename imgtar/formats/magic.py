"""Says what bytes look like, for a sentence that a person reads. No decision depends on it."""

from __future__ import annotations

_MAGIC = (
    (b"\x1f\x8b", "gzip data"),
    (b"\x28\xb5\x2f\xfd", "zstd data"),
    (b"\xfd7zXZ\0", "xz data"),
    (b"BZh", "bzip2 data"),
    (b"PK\x03\x04", "a zip file"),
    (b"\x7fELF", "an ELF program"),
    (b"\x89PNG", "a PNG picture"),
    (b"%PDF", "a PDF document"),
    (b"SQLite format 3", "an SQLite database"),
    (b"hsqs", "a squashfs image"),
    (b"#!", "a script"),
)
TAR = "a tar archive"
_LOOKED_AT = 512


def looks_like(head: bytes) -> str:
    """`head` is the first bytes, best a block or more."""
    if head[257:262] == b"ustar":
        return TAR
    for magic, what in _MAGIC:
        if head.startswith(magic):
            return what
    sample = head[:_LOOKED_AT]
    if not sample.strip(b"\0"):
        return "zero bytes" if sample else "nothing"
    if sample.lstrip()[:1] in (b"{", b"["):
        return "JSON"
    if sample.lstrip()[:1] == b"<":
        return "HTML or XML"
    return "text" if b"\0" not in sample and _is_text(sample) else "unknown binary data"


def _is_text(sample: bytes) -> bool:
    try:
        sample.decode()
    except UnicodeDecodeError as error:
        return error.start >= len(sample) - 3
    return True
