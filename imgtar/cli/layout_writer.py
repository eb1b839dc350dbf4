"""Adds files to an OCI layout in place, without ever leaving its directory.

Every step starts at the descriptor of the directory that was read, with one bare name at a time, and follows no link: a
link that another process puts into the layout at any moment leads nowhere.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
from collections.abc import Iterator, Mapping

import msgspec

from imgtar.archive.document_names import INDEX
from imgtar.archive.input.folder import OpenFolder
from imgtar.cli.outputs import new_file, output_errors, temporary_name
from imgtar.cli.signals import unfinished
from imgtar.errors import DamageError, OutputError


class _Staged(msgspec.Struct, frozen=True):
    """A whole file under a temporary name in `folder`, to be renamed to `name`."""

    folder: OpenFolder
    temporary: str
    name: str

    def take_place(self) -> None:
        """Renames the file within its directory. Raises OSError."""
        place = self.folder.descriptor
        os.replace(self.temporary, self.name, src_dir_fd=place, dst_dir_fd=place)


def write_into(layout: OpenFolder, path: str, blobs: Mapping[bytes, bytes], index: bytes, read: bytes) -> None:
    """Writes the blobs (by name, `blobs/sha256/…`), and index.json last: no reader sees an entry without its blob.

    `read` is index.json as it was read, `path` the layout in messages. The files are complete before the first gets
    its name, and each takes its place atomically. They have the mode of index.json. Raises OutputError, and DamageError
    where another process has changed index.json since it was read; temporary files do not remain.
    """
    with contextlib.ExitStack() as stack, output_errors(path):
        like = _unchanged_index(layout, read)
        folders = {folder: _made(layout, folder) for folder in {name.rpartition(b"/")[0] for name in blobs}}
        staged = [_stage(stack, folders[name.rpartition(b"/")[0]], name, raw, like) for name, raw in blobs.items()]
        final = _stage(stack, layout, INDEX, index, like)
        for file in staged:
            file.take_place()
        _unchanged_index(layout, read)
        final.take_place()


@contextlib.contextmanager
def locked(path: str) -> Iterator[None]:
    """Holds the lock of a layout's directory, from before it is read until it is written: files come and go meanwhile.

    Raises OutputError where another process holds it. What is not a directory has no lock; the code that reads it says
    so. Without a lock, which some network file systems do not have, a change of index.json is still seen but for the
    moment between the last look at it and its replacement.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        yield
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        message = f"{path}: another process is writing into the layout"
        raise OutputError("attach.locked", message, "run it again when the other one has ended") from None
    except OSError:
        pass  # no locks here
    try:
        yield
    finally:
        os.close(descriptor)


def _unchanged_index(layout: OpenFolder, read: bytes) -> os.stat_result:
    """The status of index.json. Raises OSError, and DamageError where its content is not `read`."""
    with open(layout.file(INDEX), "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode) or file.read(len(read) + 1) != read:
            raise DamageError("attach.changed", "index.json changed while imgtar read the layout", "run it again")
        return status


def _made(layout: OpenFolder, name: bytes) -> OpenFolder:
    """The directory `name`, made where it is missing. Raises OSError, also where a part of its name is a link."""
    folder = layout
    for part in name.split(b"/"):
        with contextlib.suppress(FileExistsError):
            os.mkdir(part, dir_fd=folder.descriptor)
        folder = folder.folder(part)
    return folder


def _stage(stack: contextlib.ExitStack, folder: OpenFolder, name: bytes, raw: bytes, like: os.stat_result) -> _Staged:
    """Writes a whole file under a temporary name, which is removed when the stack ends by an error. Raises OSError."""
    temporary = temporary_name()
    stack.enter_context(unfinished(temporary, folder.descriptor))
    with open(new_file(temporary, like, folder=folder.descriptor), "wb") as out:
        out.write(raw)
    return _Staged(folder, temporary, os.fsdecode(name.rpartition(b"/")[2]))
