"""Says what bytes look like and what to do with them, for sentences that a person reads.

No decision about an archive depends on it.
"""

from __future__ import annotations

import msgspec


class Likeness(msgspec.Struct, frozen=True):
    """What bytes look like; `remedy` makes an archive of images of them, "" where no step is known."""

    what: str
    remedy: str = ""


CUT_TAR = "a tar archive that is cut"
_UNPACK = "decompress it first: {}"
_LFS = Likeness("a Git LFS pointer, not the file itself", "get the file: git lfs pull")
_ANNEX = Likeness("a git-annex pointer, not the file itself", "get the file: git annex get")
_SAVE_BINARY = "save it without a text pipe: docker save -o FILE IMAGE"
_UTF16 = Likeness("text in UTF-16: the archive was written through a text pipe (PowerShell's >)", _SAVE_BINARY)
_UTF8 = Likeness("an archive that was written through a text pipe as UTF-8", _SAVE_BINARY)
_DISK = "imgtar reads images of containers, not disks; save the container image"
_SIF = Likeness(
    "a SIF image (Apptainer, Singularity)", "save the image that it was built from: docker save, skopeo copy"
)
_SQUASHFS = Likeness("a squashfs image", "save the image that it was made from: docker save, skopeo copy")

# Where the bytes lie, the bytes, and what they stand for; the first that fits counts.
_MAGIC: tuple[tuple[int, bytes, Likeness], ...] = (
    (32, b"SIF_MAGIC", _SIF),
    (0, b"version https://git-lfs.github.com/spec/", _LFS),
    (0, b"/annex/objects/", _ANNEX),
    (0, b"\xff\xfe", _UTF16),
    (0, b"\xfe\xff", _UTF16),
    (0, b"\x1f\x8b", Likeness("gzip data")),
    (0, b"\x28\xb5\x2f\xfd", Likeness("zstd data")),
    (0, b"\xfd7zXZ\0", Likeness("xz data")),
    (0, b"BZh", Likeness("bzip2 data")),
    (0, b"\x04\x22\x4d\x18", Likeness("lz4 data", _UNPACK.format("lz4 -d FILE"))),
    (0, b"\x02\x21\x4c\x18", Likeness("lz4 data", _UNPACK.format("lz4 -d FILE"))),
    (0, b"LZIP", Likeness("lzip data", _UNPACK.format("lzip -d FILE"))),
    (0, b"\x89LZO\0", Likeness("lzop data", _UNPACK.format("lzop -d FILE"))),
    (0, b"\x5d\0\0", Likeness("lzma data", _UNPACK.format("xz -d FILE"))),
    (0, b"\x1f\x9d", Likeness("compress (.Z) data", _UNPACK.format("uncompress FILE"))),
    (0, b"\xff\x06\0\0sNaPpY", Likeness("snappy data", _UNPACK.format("snzip -d FILE"))),
    (0, b"7z\xbc\xaf\x27\x1c", Likeness("a 7z archive", "unpack it: the image is a file in it")),
    (0, b"Rar!\x1a\x07", Likeness("a RAR archive", "unpack it: the image is a file in it")),
    (0, b"PK\x03\x04", Likeness("a zip file", "unpack it: the image is a file in it")),
    (0, b"hsqs", _SQUASHFS),
    (0, b"sqsh", _SQUASHFS),
    (0, b"QFI\xfb", Likeness("a qcow2 disk", _DISK)),
    (0, b"KDMV", Likeness("a VMDK disk", _DISK)),
    (0, b"070701", Likeness("a cpio archive")),
    (0, b"!<arch>\n", Likeness("an ar archive or Debian package")),
    (0, b"\xed\xab\xee\xdb", Likeness("an RPM package")),
    (0, b"age-encryption.org/", Likeness("a file encrypted with age", "decrypt it first")),
    (0, b"-----BEGIN PGP MESSAGE", Likeness("a file encrypted with PGP", "decrypt it first")),
    (0, b"\x7fELF", Likeness("an ELF program")),
    (0, b"MZ", Likeness("a Windows program")),
    (0, b"\x89PNG", Likeness("a PNG picture")),
    (0, b"%PDF", Likeness("a PDF document")),
    (0, b"SQLite format 3", Likeness("an SQLite database")),
    (0, b"#!", Likeness("a script")),
)
_BLOCK = 512
_USTAR = slice(257, 262)
_BOM = b"\xef\xbb\xbf"


def looks_like(head: bytes) -> str:
    """`head` is the first bytes, best a block or more."""
    return recognise(head).what


def pointer_words(head: bytes) -> str:
    """What stands for a file that is kept elsewhere, and how to get the file; "" for any other bytes."""
    likely = recognise(head)
    return f"{likely.what}; {likely.remedy}" if likely in (_LFS, _ANNEX) else ""


def recognise(head: bytes) -> Likeness:
    """What `head`, the first bytes, best a block or more, looks like."""
    if head[_USTAR] == b"ustar":
        cut = CUT_TAR if len(head) < _BLOCK else "a tar archive with a damaged first header"
        return Likeness(cut, "copy or save the image again and compare the file size")
    if head.startswith(_BOM) and b"ustar" in head[_USTAR.start : _USTAR.stop + len(_BOM)]:
        return _UTF8
    return by_magic(head) or _by_content(head[:_BLOCK])


def by_magic(head: bytes) -> Likeness | None:
    """The format, if any, whose first bytes these are. Plain text may begin like some of them (`MZ`, `BZh`)."""
    return next((likeness for at, magic, likeness in _MAGIC if head.startswith(magic, at)), None)


def _by_content(sample: bytes) -> Likeness:
    if not sample.strip(b"\0"):
        return Likeness("zero bytes" if sample else "nothing")
    if _is_utf16(sample):
        return _UTF16
    start = sample.removeprefix(_BOM).lstrip()[:1]
    if start in (b"{", b"["):
        return Likeness("JSON")
    if start == b"<":
        return Likeness("HTML or XML", "a server may have sent a page in place of the file: download it again")
    return Likeness("text" if b"\0" not in sample and _is_text(sample) else "unknown binary data")


def _is_utf16(sample: bytes) -> bool:
    """Is every second byte NUL and no other one, as in UTF-16 without a byte order mark?"""
    even, odd = sample[::2], sample[1::2]
    return len(sample) >= 8 and any(not nul.strip(b"\0") and 0 not in text for nul, text in ((even, odd), (odd, even)))


def _is_text(sample: bytes) -> bool:
    try:
        sample.decode()
    except UnicodeDecodeError as error:
        return error.start >= len(sample) - 3
    return True
