"""One member of a PAX tar, as bytes: a ustar header, and an extended header for what does not fit into it.

POSIX pax, «Extended Header»; the keys `SCHILY.xattr.` are those of star, GNU tar and Go.
"""

from __future__ import annotations

from collections.abc import Iterator

from imgtar.extraction.plan import Item
from imgtar.formats.tar.member import BLOCK, CutXattr
from imgtar.layer.metadata import xattrs_of

END = bytes(2 * BLOCK)
_TYPES = {"file": b"0", "hardlink": b"1", "symlink": b"2", "char": b"3", "block": b"4", "dir": b"5", "fifo": b"6"}
_NAME = 100
_OCTAL_7, _OCTAL_11 = 8**7, 8**11


def padding(size: int) -> bytes:
    """The zeros that fill a body of `size` bytes up to a whole block."""
    return bytes(-size % BLOCK)


def headers(item: Item) -> bytes:
    """The headers of an item; its body follows, `size` bytes for a file and none for all else."""
    member = item.member
    name = item.path + b"/" if item.type == "dir" else item.path
    size = member.size if item.type == "file" else 0
    major, minor = (member.extra and member.extra.device) or (0, 0) if item.type in ("char", "block") else (0, 0)
    records = dict(_records(item, name, size, major, minor))
    block = _block(item, name, size, major, minor)
    if not records:
        return block
    body = b"".join(_record(key, value) for key, value in records.items())
    name = b"PaxHeaders/" + item.path.rpartition(b"/")[2][:80]
    return _header(name, 0o644, 0, 0, len(body), 0, b"x", b"", 0, 0) + body + padding(len(body)) + block


def document_header(name: bytes, size: int) -> bytes:
    """The header of a short file of our own."""
    return _header(name, 0o644, 0, 0, size, 0, b"0", b"", 0, 0)


def _block(item: Item, name: bytes, size: int, major: int, minor: int) -> bytes:
    member, typeflag = item.member, _TYPES[item.type]
    mode = member.mode & 0o7777
    return _header(name, mode, member.uid, member.gid, size, member.mtime, typeflag, item.target, major, minor)


def _records(item: Item, name: bytes, size: int, major: int, minor: int) -> Iterator[tuple[bytes, bytes]]:
    """What the ustar header cannot say, by key."""
    member = item.member
    texts = {b"path": name, b"linkpath": item.target}
    long = {key: text for key, text in texts.items() if len(text) > _NAME}
    if any(not _is_utf8(text) for text in long.values()):
        yield b"hdrcharset", b"BINARY"
    yield from long.items()
    for key, number, bound in (
        (b"uid", member.uid, _OCTAL_7),
        (b"gid", member.gid, _OCTAL_7),
        (b"size", size, _OCTAL_11),
        (b"SCHILY.devmajor", major, _OCTAL_7),
        (b"SCHILY.devminor", minor, _OCTAL_7),
    ):
        if not 0 <= number < bound:
            yield key, b"%d" % number
    nanoseconds = 0 if member.extra is None else member.extra.mtime_ns
    if nanoseconds or not 0 <= member.mtime < _OCTAL_11:
        yield b"mtime", _time(member.mtime, nanoseconds)
    for key, value in sorted(xattrs_of(member).items()):
        if not isinstance(value, CutXattr):
            yield b"SCHILY.xattr." + key, value


def _time(seconds: int, nanoseconds: int) -> bytes:
    """Decimal seconds: -2 and 500,000,000 nanoseconds are -1.5."""
    sign = b""
    if seconds < 0 and nanoseconds:
        sign, seconds, nanoseconds = b"-", -seconds - 1, 1_000_000_000 - nanoseconds
    return sign + (b"%d.%09d" % (seconds, nanoseconds)).rstrip(b"0") if nanoseconds else b"%d" % seconds


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _record(key: bytes, value: bytes) -> bytes:
    """`LENGTH KEY=VALUE` and a newline; the length counts its own digits."""
    rest = len(key) + len(value) + 3
    length = rest + len(str(rest))
    length = rest + len(str(length))
    return b"%d %b=%b\n" % (length, key, value)


def _header(
    name: bytes,
    mode: int,
    uid: int,
    gid: int,
    size: int,
    mtime: int,
    typeflag: bytes,
    link: bytes,
    major: int,
    minor: int,
) -> bytes:
    block = b"".join(
        (
            name[:_NAME].ljust(_NAME, b"\0"),
            _octal(mode, 7),
            _octal(uid, 7),
            _octal(gid, 7),
            _octal(size, 11),
            _octal(mtime, 11),
            b" " * 8,
            typeflag,
            link[:_NAME].ljust(_NAME, b"\0"),
            b"ustar\x0000",
            bytes(64),
            _octal(major, 7),
            _octal(minor, 7),
            bytes(167),
        )
    )
    return block[:148] + b"%06o\0 " % sum(block) + block[156:]


def _octal(number: int, digits: int) -> bytes:
    """A number in its field; 0 where an extended header has it."""
    return b"%0*o\0" % (digits, number if 0 <= number < 8**digits else 0)
