"""What is inside a file, by its first bytes and never by its name."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from imgtar.audit.secrets.inside.compressed import bunzip2, gunzipped, unxz
from imgtar.audit.secrets.inside.constants import JAVA_MAGIC, PYTHON_MARK, java_texts, python_texts
from imgtar.audit.secrets.inside.inflow import Reader, Unread
from imgtar.audit.secrets.inside.sqlite import sqlite_values
from imgtar.audit.secrets.inside.tar_archive import tar_files
from imgtar.audit.secrets.inside.zip_archive import LOCAL, zip_files
from imgtar.formats import sqlite
from imgtar.formats.compression import sniff
from imgtar.formats.compression.sniff import BZIP2_MAGIC, GZIP_MAGIC, XZ_MAGIC
from imgtar.formats.tar import BLOCK
from imgtar.formats.tar.header import checksum_matches

HEAD = 1 << 10  # bytes that decide
_MAGIC = (b"#!", LOCAL, sqlite.MAGIC, JAVA_MAGIC, GZIP_MAGIC, XZ_MAGIC, BZIP2_MAGIC)
_JAVA_VERSIONS = range(45, 200)  # a Mach-O file for several machines has their number there
_PYTHON_VERSIONS = range(3_000, 4_000)


class Container(msgspec.Struct, frozen=True):
    """A format of files that hold files: an archive, or a compressed file, which holds one without a name."""

    read: Reader
    is_compressed: bool = False


class Values(msgspec.Struct, frozen=True):
    """A format of files that hold texts. The reader takes the whole file."""

    read: Callable[[bytes], Iterator[bytes | Unread]]


TAR, ZIP = Container(tar_files), Container(zip_files)
_COMPRESSED = {
    "gzip": Container(gunzipped, is_compressed=True),
    "xz": Container(unxz, is_compressed=True),
    "bzip2": Container(bunzip2, is_compressed=True),
}
_SQLITE, _PYTHON, _JAVA = Values(sqlite_values), Values(python_texts), Values(java_texts)


def what_is_inside(head: bytes) -> Container | Values | None:
    """The format of a file that starts with `head` (1 KiB where there are as many bytes); None for any other file."""
    is_tar = head[148:156].strip(b" \0").isdigit() and head[0] and checksum_matches(head[:BLOCK])
    if not is_tar and not head.startswith(_MAGIC) and head[2:4] != PYTHON_MARK:
        return None  # nearly every file
    if head.startswith(LOCAL) or (head.startswith(b"#!") and LOCAL in head):
        return ZIP
    if head.startswith(sqlite.MAGIC):
        return _SQLITE
    if head.startswith(JAVA_MAGIC) and int.from_bytes(head[6:8], "big") in _JAVA_VERSIONS:
        return _JAVA
    if head[2:4] == PYTHON_MARK and int.from_bytes(head[:2], "little") in _PYTHON_VERSIONS:
        return _PYTHON
    if is_tar:
        return TAR
    return _COMPRESSED.get(sniff(head))
