"""Extended headers: `size key=value\\n` records.

POSIX.1-2017 pax, «pax Extended Header»; the acceptance rules are Go's, with UTF-8 keys and unsigned sizes demanded.
"""

from __future__ import annotations

import hashlib
import re

import msgspec

from imgtar.formats.tar.header import INT64_MAX
from imgtar.formats.tar.member import CutXattr
from imgtar.limits import XATTR_SIZE

_NUL_FREE = frozenset({b"path", b"linkpath", b"uname", b"gname"})
_NUMBER = re.compile(rb"0*([0-9]{1,19})")  # int() takes no more than 4300 digits, Go any number of zeros
_INTEGER = re.compile(rb"([+-]?)0*([0-9]{1,19})")
_SPARSE_0_0 = (b"GNU.sparse.offset", b"GNU.sparse.numbytes")
_XATTR = b"SCHILY.xattr."


class BadPax(ValueError):
    """The records break the format."""


class Records(msgspec.Struct, frozen=True):
    """The records of one extended header: the last value of each key.

    `repeated` is the first key that came again, `repeats` how many records have a key that came before.
    """

    values: dict[bytes, bytes]
    repeated: bytes = b""
    repeats: int = 0


def parse_records(body: bytes) -> Records:
    """Reads the body of an `x` or `g` header; raises BadPax. The pairs of sparse format 0.0 become the map of 0.1."""
    values: dict[bytes, bytes] = {}
    sparse: list[bytes] = []
    repeated = b""
    repeats = position = 0
    while position < len(body):
        key, value, position = _record(body, position)
        if key in _SPARSE_0_0:
            if key != _SPARSE_0_0[len(sparse) % 2] or b"," in value:
                raise BadPax("sparse records out of order")
            sparse.append(value)
            continue
        if key in values:
            repeated = repeated or key
            repeats += 1
        values[key] = value
    if sparse:
        values[b"GNU.sparse.map"] = b",".join(sparse)
    return Records(values, repeated, repeats)


def _record(body: bytes, position: int) -> tuple[bytes, bytes, int]:
    space = body.find(b" ", position)
    length = _NUMBER.fullmatch(body, position, max(space, position))
    if length is None:
        raise BadPax("a record without a length")
    stop = position + int(length[1])
    if stop > len(body) or stop - space < 2 or stop - position < 5 or body[stop - 1] != 0x0A:
        raise BadPax("a record with a wrong length")
    key, equals, value = body[space + 1 : stop - 1].partition(b"=")
    if not key or not equals:
        raise BadPax("a record without a key")
    if not key.isascii():
        try:
            key.decode()
        except UnicodeDecodeError:
            raise BadPax("a key that is not UTF-8") from None
    if b"\0" in (value if key in _NUL_FREE else key):
        raise BadPax("a NUL in a record")
    return key, value, stop


def parse_integer(value: bytes) -> int:
    """A decimal int64; raises BadPax."""
    found = _INTEGER.fullmatch(value)
    number = 0 if found is None else int(b"".join(found.groups()))
    if found is None or not -INT64_MAX - 1 <= number <= INT64_MAX:
        raise BadPax("not a valid number")
    return number


def parse_size(value: bytes) -> int:
    """An unsigned decimal int64, no sign, no blank; raises BadPax."""
    found = _NUMBER.fullmatch(value)
    if found is None or int(found[1]) > INT64_MAX:
        raise BadPax("not a valid size")
    return int(found[1])


def parse_time(value: bytes) -> tuple[int, int]:
    """Seconds (floored) and nanoseconds within the second; raises BadPax."""
    whole, _, fraction = value.partition(b".")
    seconds = parse_integer(whole)
    if not fraction:
        return seconds, 0
    if not fraction.isdigit():
        raise BadPax("not a valid time")
    nanoseconds = int(fraction[:9].ljust(9, b"0"))
    if whole.startswith(b"-") and nanoseconds:
        return seconds - 1, 1_000_000_000 - nanoseconds
    return seconds, nanoseconds


def xattrs(values: dict[bytes, bytes]) -> dict[bytes, bytes | CutXattr] | None:
    """The extended attributes among the records, None where there are none; long values only as size and hash.

    An empty value is a value here: only of a field of the header it deletes what was stated.
    """
    found: dict[bytes, bytes | CutXattr] = {}
    for key, value in values.items():
        if key.startswith(_XATTR):
            long = len(value) > XATTR_SIZE
            found[key[len(_XATTR) :]] = CutXattr(len(value), hashlib.sha256(value).digest()) if long else value
    return found or None
