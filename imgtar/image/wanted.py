"""Which bodies of a stream deserve a hash: those that another layer may be compared with."""

from __future__ import annotations

from collections.abc import Iterable

from imgtar.layer.scan import LayerScan


class Wanted:
    """Asks, of a file of a layer not yet scanned, whether any of the `others` stores one of that name and size.

    Only the last part of a path counts, so links among directories hide nothing.
    """

    def __init__(self, others: Iterable[LayerScan]) -> None:
        self._files: set[tuple[bytes, int]] = set()
        self.everything = False
        for scan in others:
            for path, member in scan.entries.items():
                if member.type == "file":
                    self._files.add((path[path.rfind(b"/") + 1 :], member.size))
            for path, link in scan.links.items():
                if link.inode is not None:
                    self._files.add((path[path.rfind(b"/") + 1 :], link.inode.member.size))
                elif not link.broken:
                    self.everything = True  # its content lies below, under a name that this layer does not tell

    def __call__(self, name: bytes, size: int) -> bool:
        return self.everything or (name[name.rfind(b"/") + 1 :], size) in self._files

    def satisfied_by(self, scan: LayerScan) -> bool:
        """Was everything hashed that may be asked for? A file may have got another name by a hard link."""
        for path, link in scan.links.items():
            if link.inode is None:
                continue
            member = link.inode.member
            if member.type == "file" and member.size and member.content is None and self(path, member.size):
                return False
        return True
