"""The member index of an archive that passes once and whose file bodies are needed afterwards.

The bytes go to a temporary file without a name, which is walked like an uncompressed archive. Nothing else that imgtar
reads is written anywhere.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable

import msgspec

from imgtar.archive.index.member_index import Member, MemberIndex, MemberReader
from imgtar.archive.index.tar_index import index_file
from imgtar.archive.input.blobs import Blob, OpenFile, StoredFile
from imgtar.archive.input.source import HEAD_SIZE, FileInput, StreamInput
from imgtar.errors import OutputError
from imgtar.findings import Finding
from imgtar.formats.tar import TarWalk
from imgtar.formats.tar import problems as tar_problems
from imgtar.limits import LimitReached, Meter

Announce = Callable[[str], None]
_TEMPORARY = "/tmp"  # noqa: S108 (nothing there has a name, and TMPDIR goes before)


def index_spooled(opened: StreamInput, meter: Meter, announce: Announce) -> tuple[MemberIndex, TarWalk]:
    """Copies the decompressed stream to a temporary file and walks that by its headers alone.

    What a limit cuts is the archive, and a finding says so. Raises what `spool` raises.
    """
    file, reached = spool(opened, meter, announce)
    index, walk = index_file(FileInput(opened.source.path, file, file.read_at(0, HEAD_SIZE)), meter)
    cut = reached is not None or opened.decompressed.failed
    reported = tar_problems.ENDS_EARLY if cut else frozenset()
    findings: list[Finding] = [] if reached is None else [reached.finding()]
    findings += opened.decompressed.findings
    findings += (finding for finding in index.findings if finding.kind not in reported)
    bodies = _SpooledBodies(index.bodies, opened.file)
    whole = index.whole and not cut
    return msgspec.structs.replace(index, findings=tuple(findings), bodies=bodies, whole=whole), walk


def spool(opened: StreamInput, meter: Meter, announce: Announce) -> tuple[OpenFile, LimitReached | None]:
    """The decompressed stream in a temporary file without a name, and the limit that ended the copy.

    `announce` is told the directory of the file before the first byte is written. `spool-bytes` is one of the limits.
    Raises InputError where the stream cannot be read, OutputError where the file cannot be written.
    """
    limit = meter.limits.spool_bytes
    folder = temporary_folder()
    reached: LimitReached | None = None
    written = 0
    try:
        descriptor = unnamed_file(folder)
        try:
            announce(folder)
            for chunk in opened.chunks():
                written += len(chunk)
                if written > limit:
                    raise LimitReached("spool-bytes", limit)
                _write(descriptor, chunk)
        except LimitReached as problem:
            reached = problem
        except BaseException:
            os.close(descriptor)
            raise
    except OSError as error:
        what = f"the temporary file for the archive, in {folder}: cannot be written: {error.strerror or error}"
        raise OutputError("output.spool", what, "set TMPDIR to a directory with more space") from None
    return OpenFile(descriptor, "the temporary file", meter), reached


def temporary_folder() -> str:
    """The directory of temporary files: TMPDIR, else /tmp."""
    return os.environ.get("TMPDIR") or _TEMPORARY


def unnamed_file(folder: str) -> int:
    """A descriptor of a new file without a name in a directory. Raises OSError."""
    flags = os.O_RDWR | os.O_CLOEXEC | os.O_EXCL
    with contextlib.suppress(OSError):  # not every file system makes files without a name, nor every system
        return os.open(folder, flags | getattr(os, "O_TMPFILE", 0), 0o600)
    name = os.path.join(folder, f".imgtar-{os.urandom(8).hex()}.tmp")
    descriptor = os.open(name, flags | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    os.unlink(name)
    return descriptor


def _write(descriptor: int, chunk: bytes) -> None:
    rest = memoryview(chunk)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


class _SpooledBodies:
    """The members of the copy. What may change meanwhile is the compressed file that it was made of, not the copy."""

    def __init__(self, copy: MemberReader, original: StoredFile | None) -> None:
        self._copy = copy
        self._original = original

    def open(self, member: Member, /) -> Blob | None:
        return self._copy.open(member)

    def changed(self) -> bool:
        return self._original is not None and self._original.changed()
