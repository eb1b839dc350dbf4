"""Files inside of which something could not be read, counted for each layer."""

from __future__ import annotations

import heapq

from imgtar.audit.secrets.inside.search import UnreadInside
from imgtar.findings import Finding, Kind, Severity, Where

_NAMED = 3

NOT_READ = Kind(
    code="secret.unread-inside",
    severity=Severity.INFO,
    sentence="not all inside {files} ({size:,} bytes) could be searched for secrets: {names}{more}",
    meaning="Something inside these files is encrypted, damaged, nested too deep or expands too much, or they are "
    "credential files of more than 8 MiB.",
    remedy="Look into the files, or leave them out of the image.",
    is_group=True,
)
KINDS = (NOT_READ,)


class UnreadFiles:
    """Counts the files of one layer inside of which something could not be read."""

    def __init__(self) -> None:
        self._files: dict[bytes, UnreadInside] = {}

    def __bool__(self) -> bool:
        return bool(self._files)

    def add(self, path: bytes, unread: UnreadInside) -> None:
        """Counts the file at a path."""
        self._files[path] = unread

    def finding(self, where: Where) -> Finding:
        """The count as a finding, with the largest files by name."""
        count = len(self._files)
        named = heapq.nsmallest(_NAMED, self._files.items(), key=lambda row: (-row[1].size, row[0]))
        finding = NOT_READ.at(
            where,
            None,
            files="1 file" if count == 1 else f"{count:,} files",
            size=f"{sum(file.size for file in self._files.values()):,}",
            names=b", ".join(_words(path, file) for path, file in named),
            more=f" and {count - _NAMED:,} more" if count > _NAMED else "",
        )
        return finding.counted(count)


def _words(path: bytes, file: UnreadInside) -> bytes:
    reason = file.reason + (f", and {file.count - 1:,} more inside" if file.count > 1 else "")
    return b"/%s%s (%s)" % (path, file.inside, reason.encode())
