"""Which files of a layer another layer may be compared with."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from imgtar.layer.scan import LayerScan


class ComparableFiles:
    """The files of `others` by name and size: of a layer not yet scanned, only such files need a hash.

    Only the last part of a path counts, so links among directories hide nothing.
    """

    def __init__(self, others: Iterable[LayerScan]) -> None:
        self._others = tuple(others)
        # The content of a link into another layer lies under a name that its own layer does not tell.
        links = (link for scan in self._others for link in scan.links.values())
        self.everything = any(link.inode is None and not link.broken for link in links)

    @cached_property
    def _files(self) -> frozenset[tuple[bytes, int]]:
        """Name and size of each file; made when the first file asks, which those of a plain layer never do."""
        files: set[tuple[bytes, int]] = set()
        for scan in self._others:
            files.update(
                (path[path.rfind(b"/") + 1 :], member.size)
                for path, member in scan.entries.items()
                if member.type == "file"
            )
            files.update(
                (path[path.rfind(b"/") + 1 :], link.inode.member.size)
                for path, link in scan.links.items()
                if link.inode is not None
            )
        return frozenset(files)

    def __call__(self, name: bytes, size: int) -> bool:
        return self.everything or (name[name.rfind(b"/") + 1 :], size) in self._files

    def satisfied_by(self, scan: LayerScan) -> bool:
        """Was everything hashed that may be asked for? A file may have got another name by a hard link."""
        for path, link in scan.links.items():
            if link.inode is None:
                continue
            member = link.inode.member
            if member.type == "file" and member.size and member.digest.comparable is None and self(path, member.size):
                return False
        return True
