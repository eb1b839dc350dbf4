"""Compressed streams as bounded chunks: gzip (RFC 1952), zstd (RFC 8878), xz and bzip2, recognised by content.

Every truncation, wrong checksum and byte behind the end is a finding; nothing raises but a limit.
"""

from __future__ import annotations

from imgtar.formats.compression.problems import KINDS
from imgtar.formats.compression.sniff import Compression, sniff
from imgtar.formats.compression.stream import Decompressed

__all__ = ["KINDS", "Compression", "Decompressed", "sniff"]
