"""What is odd about a tar and stops nothing: readers disagree on it, or it hides bytes."""

from __future__ import annotations

from collections.abc import Iterator

from imgtar.findings import Finding, Where
from imgtar.formats.magic import looks_like
from imgtar.formats.tar import problems
from imgtar.formats.tar.cursor import Cursor
from imgtar.formats.tar.member import TarMember
from imgtar.formats.tar.pax import parse_records

_TO_THE_END = 1 << 62


def odd_type(member: TarMember, flag: bytes, stated: int, offset: int) -> Finding | None:
    """What is odd about the type of a member whose header at `offset` states a size."""
    where = Where(path=member.name, offset=offset)
    if member.type == "unknown":
        return problems.UNKNOWN_TYPE.at(where, name=member.name, type=flag, size=stated)
    if flag in (b"7", b"S"):
        return problems.REFUSED_TYPE.at(where, name=member.name, type=flag)
    if stated and member.type == "dir":
        return problems.DIR_WITH_DATA.at(where, name=member.name, size=stated)
    if stated and member.type != "file":
        return problems.LINK_WITH_DATA.at(where, name=member.name, size=stated)
    return None


def odd_global(body: bytes, offset: int) -> Iterator[Finding]:
    """That there is a global header, and the keys in it that readers understand differently. Raises BadPax."""
    where = Where(offset=offset)
    records = parse_records(body).values
    named = [key for key in (b"path", b"linkpath", b"size") if key in records]
    for key in named:
        yield problems.GLOBAL_PATH.at(where, at=offset, key=key)
    if not named:
        yield problems.GLOBAL_HEADER.at(where, at=offset)


def trailing_data(cursor: Cursor, offset: int) -> Finding | None:
    """The first bytes other than NUL from `offset` on, behind the end marker."""
    for chunk in cursor.chunks(offset, _TO_THE_END):
        rest = chunk.lstrip(b"\0")
        if rest:
            at = offset + len(chunk) - len(rest)
            return problems.TRAILING_DATA.at(
                Where(offset=at), None, at=at, size=cursor.end() - at, looks=looks_like(rest)
            )
        offset += len(chunk)
    return None
