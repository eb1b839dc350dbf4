"""Which compression a stream has, by its first bytes."""

from __future__ import annotations

from typing import Literal

Compression = Literal["none", "gzip", "zstd", "xz", "bzip2"]

GZIP_MAGIC = b"\x1f\x8b\x08"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
SKIPPABLE_MAGIC = b"\x2a\x4d\x18"  # behind one byte of 0x50 to 0x5f
XZ_MAGIC = b"\xfd7zXZ\x00"
BZIP2_MAGIC = b"BZh"
_BZIP2_BLOCKS = (b"1AY&SY", b"\x17\x72\x45\x38\x50\x90")  # a first block, or the end of an empty stream

HEAD_SIZE = 512  # one tar header


def sniff(head: bytes) -> Compression:
    """The compression of a stream that starts with `head` (512 bytes where there are as many).

    A tar header with a right checksum wins over every magic: a member may be called "BZh91AY&SY".
    """
    if _is_tar_header(head):
        return "none"
    if head.startswith(GZIP_MAGIC):
        return "gzip"
    if head.startswith(ZSTD_MAGIC) or is_skippable(head):
        return "zstd"
    if head.startswith(XZ_MAGIC):
        return "xz"
    if head.startswith(BZIP2_MAGIC) and head[3:4] in b"123456789" and head[4:10] in _BZIP2_BLOCKS:
        return "bzip2"
    return "none"


def is_skippable(head: bytes) -> bool:
    """Whether `head` starts a skippable zstd frame (RFC 8878, 3.1.2)."""
    return head[1:4] == SKIPPABLE_MAGIC and 0x50 <= head[0] <= 0x5F


def _is_tar_header(head: bytes) -> bool:
    stored = head[148:156].strip(b" \0")
    if len(head) < HEAD_SIZE or not stored.isdigit() or stored.strip(b"01234567"):
        return False
    header = head[:148] + b" " * 8 + head[156:HEAD_SIZE]
    stated, unsigned = int(stored, 8), sum(header)
    return stated == unsigned or stated == unsigned - 256 * sum(byte > 127 for byte in header)
