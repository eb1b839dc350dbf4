"""Mode, owner, time and attributes of what is written, each set through a descriptor."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator

import msgspec

from imgtar.extraction.plan import Item
from imgtar.formats.tar.member import CutXattr
from imgtar.layer.metadata import xattrs_of

_NANO = 1_000_000_000


class MetadataRules(msgspec.Struct, frozen=True, kw_only=True):
    """Which metadata are kept.

    `exact` keeps setuid, setgid, sticky and what directories forbid their owner; else the `umask` is taken off, as for
    any new file. `private` lets only the owner read. `owner` and attributes outside `user.` need root.
    """

    exact: bool = False
    owner: bool = False
    xattrs: bool = False
    private: bool = False
    umask: int = 0o022
    root: bool = False

    def mode(self, item: Item) -> int:
        """The permission bits that the item gets."""
        is_directory = item.type == "dir"
        if self.private:
            return 0o700 if is_directory else 0o600
        if self.exact:
            return item.member.mode & 0o7777
        mode = item.member.mode & 0o777 & ~self.umask
        return mode | 0o700 if is_directory else mode

    def apply(self, item: Item, descriptor: int) -> Iterator[tuple[bytes, str]]:
        """Sets the metadata of an open file or directory; yields each attribute that is not set, and why not.

        The owner comes first: the kernel then forgets setuid bits and capabilities. Raises OSError.
        """
        if self.owner:
            os.fchown(descriptor, _id(item.member.uid), _id(item.member.gid))
        if self.xattrs:
            yield from self._attributes(item, descriptor)
        os.fchmod(descriptor, self.mode(item))
        if not item.implied:
            with contextlib.suppress(OverflowError):
                os.utime(descriptor, ns=_times(item))

    def apply_by_name(self, item: Item, name: bytes, folder: int) -> None:
        """Sets owner and time of a symbolic link, device or pipe, which is not opened. Raises OSError."""
        if self.owner:
            os.chown(name, _id(item.member.uid), _id(item.member.gid), dir_fd=folder, follow_symlinks=False)
        with contextlib.suppress(OverflowError):
            os.utime(name, ns=_times(item), dir_fd=folder, follow_symlinks=False)

    def _attributes(self, item: Item, descriptor: int) -> Iterator[tuple[bytes, str]]:
        for name, value in xattrs_of(item.member).items():
            if isinstance(value, CutXattr):
                yield name, f"its {value.size:,} bytes are too many to be kept"
            elif not name.startswith(b"user.") and not self.root:
                yield name, "only root can set it"
            elif sys.platform != "linux":
                yield name, "this system has no such attributes"
            else:
                try:
                    os.setxattr(descriptor, name, value)
                except OSError as problem:
                    yield name, (problem.strerror or "refused").lower()


def _times(item: Item) -> tuple[int, int]:
    extra = item.member.extra
    time = item.member.mtime * _NANO + (0 if extra is None else extra.mtime_ns)
    return time, time


def _id(number: int) -> int:
    """An owner's number as the kernel has it: -1, which stands for no change, and what does not fit are 65534."""
    return number if 0 <= number < 0xFFFFFFFF else 65534
