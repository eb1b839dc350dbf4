"""The metadata of what several members state: files with hard links, and directories that are listed again.

image-formats.md 3.3. Overlay engines apply every member in turn to the one inode, as the kernel does it. Attributes
are gathered in one dictionary for each inode, so that many members cost no more than they state.
"""

from __future__ import annotations

import msgspec

from imgtar.formats.tar import TarMember
from imgtar.formats.tar.member import CutXattr, Extra

Xattrs = dict[bytes, bytes | CutXattr]
_NO_EXTRA = Extra()
_CAPABILITY = b"security.capability"


class LinkedMetadata:
    """A file and the hard links to it so far: their mode, owner, time and attributes, the last of each."""

    __slots__ = ("_file", "_link", "_xattrs")

    def __init__(self, file: TarMember) -> None:
        self._file = file
        self._link = file
        self._xattrs = xattrs_of(file).copy()

    def add(self, link: TarMember) -> None:
        """Takes in the next link."""
        self._link = link
        # Setting the owner, even to the same one, makes the kernel forget a capability; the link may not repeat it.
        self._xattrs.pop(_CAPABILITY, None)
        self._xattrs.update(xattrs_of(link))

    def finish(self) -> TarMember:
        """The file with what its last link states; the file itself where nothing differs.

        A symbolic link has no mode, and engines differ in whether they set its time: it keeps both.
        """
        file, link = self._file.exact(), self._link
        timed = file if file.type == "symlink" else link
        mtime_ns = (timed.extra or _NO_EXTRA).mtime_ns
        xattrs = self._xattrs or None
        extra = msgspec.structs.replace(file.extra or _NO_EXTRA, mtime_ns=mtime_ns, xattrs=xattrs)
        changed = msgspec.structs.replace(
            file,
            mode=timed.mode,
            uid=link.uid,
            gid=link.gid,
            mtime=timed.mtime,
            extra=None if extra == _NO_EXTRA else extra,
        )
        return self._file if changed == file else changed


def xattrs_of(member: TarMember) -> Xattrs:
    """The attributes that a member states."""
    return (member.extra and member.extra.xattrs) or {}


def with_xattrs(member: TarMember, xattrs: Xattrs) -> TarMember:
    """The member with these attributes instead of its own."""
    return msgspec.structs.replace(
        member.exact(), extra=msgspec.structs.replace(member.extra or _NO_EXTRA, xattrs=xattrs)
    )
