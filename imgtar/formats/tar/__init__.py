"""The tar format: v7, ustar, GNU, old GNU and pax, read as Go's archive/tar reads them, and strictly.

POSIX.1-2017 pax, section «pax Interchange Format»; GNU tar manual, appendix E «Tar Internals». An archive is never
in memory as a whole: `TarWalk` yields one member at a time over a cursor (`RegionCursor`: bytes that can be read by
offset, bodies untouched; `StreamCursor`: bytes that pass once).
"""

from imgtar.formats.tar.bodies import BodyWatcher, ReadAt, Want, Watch
from imgtar.formats.tar.content import ContentDigest
from imgtar.formats.tar.cursor import PAGE, Cursor, RegionCursor, StreamCursor
from imgtar.formats.tar.member import BLOCK, CutXattr, ExactMember, Extra, MemberType, TarMember
from imgtar.formats.tar.sparse import Hole, Piece
from imgtar.formats.tar.walk import TarWalk

__all__ = [
    "BLOCK",
    "PAGE",
    "BodyWatcher",
    "ContentDigest",
    "Cursor",
    "CutXattr",
    "ExactMember",
    "Extra",
    "Hole",
    "MemberType",
    "Piece",
    "ReadAt",
    "RegionCursor",
    "StreamCursor",
    "TarMember",
    "TarWalk",
    "Want",
    "Watch",
]
