"""The members of a layer by columns, which are small and quick to read, and back.

Nearly all members are ordinary: they have no extended attributes, and plain numbers. They are columns; the others are
whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, chain, islice, starmap
from operator import add

import msgspec

from imgtar.formats.tar import BLOCK, ExactMember, TarMember
from imgtar.formats.tar.member import MemberType
from imgtar.formats.tar.ordinary import LARGEST_NUMBER, LARGEST_SIZE, compiled

_TYPES: tuple[MemberType, ...] = ("file", "hardlink", "symlink", "dir")  # as the compiled walker numbers them
_NUMBERS = {kind: number for number, kind in enumerate(_TYPES)}
_HAS_CONTENT = 4  # added to the number of a type
_KIND = bytes(number & 3 for number in range(256))
_LINKS = (1, 2)
_SHA256 = 32


class Columns(msgspec.Struct, frozen=True, array_like=True):
    """The members of a scan. `kinds` has a byte for each ordinary one, and the others have their columns in step.

    `links` are the targets of links alone, `contents` the digests one behind the other. `gaps` are the bytes from the
    end of the member before, padding included. `odd` are all others, with their place among the members.
    """

    names: list[bytes]
    kinds: bytes
    sizes: list[int]
    modes: list[int]
    uids: list[int]
    gids: list[int]
    mtimes: list[int]
    links: list[bytes]
    gaps: list[int]
    contents: bytes
    odd: list[tuple[int, ExactMember]]


def _is_ordinary(member: TarMember) -> bool:
    """Can the compiled walker have made such a member?"""
    kind = member.type
    return (
        member.extra is None
        and kind in _NUMBERS
        and 0 <= member.size <= LARGEST_SIZE
        and (kind == "file" or not member.size)
        and (not member.link or kind in ("symlink", "hardlink"))
        and 0 <= member.mtime <= LARGEST_SIZE
        and member.offset >= 0
        and 0 <= member.mode <= LARGEST_NUMBER
        and 0 <= member.uid <= LARGEST_NUMBER
        and 0 <= member.gid <= LARGEST_NUMBER
    )


def columns_of(members: Sequence[TarMember]) -> Columns:
    """The members as columns."""
    ordinary: list[TarMember] = []
    odd: list[tuple[int, ExactMember]] = []
    for place, member in enumerate(members):
        if _is_ordinary(member):
            ordinary.append(member)
        else:
            odd.append((place, member.exact()))
    ends = chain((0,), (member.offset + member.size + -member.size % BLOCK for member in ordinary))
    return Columns(
        names=[member.name for member in ordinary],
        kinds=bytes(_NUMBERS[member.type] + (_HAS_CONTENT if member.content is not None else 0) for member in ordinary),
        sizes=[member.size for member in ordinary],
        modes=[member.mode for member in ordinary],
        uids=[member.uid for member in ordinary],
        gids=[member.gid for member in ordinary],
        mtimes=[member.mtime for member in ordinary],
        links=[member.link for member in ordinary if member.type in ("symlink", "hardlink")],
        gaps=[member.offset - end for member, end in zip(ordinary, ends, strict=False)],
        contents=b"".join(member.content for member in ordinary if member.content is not None),
        odd=odd,
    )


def members_of(columns: Columns) -> list[TarMember]:
    """The members in their places. Raises ValueError where a column is too short, and IndexError for a wrong place."""
    kinds = columns.kinds.translate(_KIND)
    sizes = columns.sizes
    links = [b""] * len(kinds)
    for at, target in zip(_places(kinds, *_LINKS), columns.links, strict=True):
        links[at] = target
    digests = columns.contents
    contents = iter([digests[at : at + _SHA256] for at in range(0, len(digests), _SHA256)])
    bodies = [size + -size % BLOCK for size in sizes]
    values = zip(
        columns.names,
        kinds,
        sizes,
        columns.modes,
        columns.uids,
        columns.gids,
        columns.mtimes,
        links,
        accumulate(map(add, columns.gaps, chain((0,), bodies))),
        [next(contents, None) if kind & _HAS_CONTENT else None for kind in columns.kinds],
        strict=True,
    )
    ordinary = starmap(_exact if compiled is None else compiled.member, values)
    members: list[TarMember] = []
    for place, member in columns.odd:
        members.extend(islice(ordinary, place - len(members)))
        members.append(member)
    members.extend(ordinary)
    return members


def _exact(
    name: bytes,
    kind: int,
    size: int,
    mode: int,
    uid: int,
    gid: int,
    mtime: int,
    link: bytes,
    offset: int,
    content: bytes | None,
) -> ExactMember:
    return ExactMember(name, _TYPES[kind], size, mode, uid, gid, mtime, link, offset, content)


def _places(kinds: bytes, *wanted: int) -> list[int]:
    """Where these kinds are; most members are files, so this is quicker than to look at each."""
    places: list[int] = []
    for kind in wanted:
        at = kinds.find(kind)
        while at >= 0:
            places.append(at)
            at = kinds.find(kind, at + 1)
    return sorted(places)
