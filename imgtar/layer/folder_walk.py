"""The walk over a directory that is a root filesystem: the members that a tar of it would have."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from imgtar.archive.input.root_folder import RootFolder
from imgtar.findings import Effect
from imgtar.formats.tar import ExactMember, RegionCursor, TarMember, Want, Watch
from imgtar.formats.tar.bodies import Bodies
from imgtar.limits import Meter


class FolderWalk:
    """Says of a directory what `TarWalk` says of a tar, with the same attributes."""

    recognised = True
    stopped_at: int | None = None

    def __init__(self, folder: RootFolder, meter: Meter, want: Want | None, watch: Watch | None) -> None:
        self._folder = folder
        self._bodies = Bodies(RegionCursor(folder.read_at, sys.maxsize), meter, want, watch)
        self.findings = meter.finding_log()
        self.end_offset = 0

    @property
    def complete(self) -> bool:
        """Was everything in the directory read?"""
        return not self.findings.has(Effect.INCOMPLETE)

    @property
    def tar_size(self) -> int:
        return self.end_offset

    def batches(self) -> Iterator[tuple[TarMember]]:
        """The members, one by one. Raises what `RootFolder.members` raises."""
        for member in self._folder.members(self.findings):
            self.end_offset = member.offset + member.size
            yield (self._passed(member),)

    def _passed(self, member: ExactMember) -> TarMember:
        """The member, its body watched and hashed as it is wanted."""
        return self._bodies.passed(member) if self._bodies.passes and member.type == "file" else member
