"""A tree of directories removed through descriptors; no link is ever followed."""

from __future__ import annotations

import contextlib
import errno
import os

from imgtar.archive.input.open_folders import FOLDER

_O_PATH = getattr(os, "O_PATH", 0)


def remove_tree(name: bytes, *, folder: int) -> None:
    """Removes the directory `name` of the open directory `folder` with all that is below, however deep.

    What lies deeper is first moved up into `name`, so that two descriptors are enough. Links are removed, never
    followed. Raises OSError.
    """
    top = _opened(name, folder)
    try:
        number = 0
        while below := _emptied(top):
            for directory in below:
                inner = _opened(directory, top)
                try:
                    for deeper in _emptied(inner):
                        number = _move_up(deeper, inner, top, number)
                finally:
                    os.close(inner)
                os.rmdir(directory, dir_fd=top)
    finally:
        os.close(top)
    os.rmdir(name, dir_fd=folder)


def _emptied(folder: int) -> list[bytes]:
    """Removes the files of a directory; returns the names of the directories in it."""
    directories = []
    with os.scandir(folder) as entries:
        found = [(os.fsencode(entry.name), entry.is_dir(follow_symlinks=False)) for entry in entries]
    for name, is_directory in found:
        if is_directory:
            directories.append(name)
        else:
            os.unlink(name, dir_fd=folder)
    return directories


def _move_up(name: bytes, folder: int, top: int, number: int) -> int:
    """Moves a directory into `top` under a name that is free; returns the number of that name."""
    while True:
        number += 1
        try:
            os.rename(name, b"%d" % number, src_dir_fd=folder, dst_dir_fd=top)
        except PermissionError:  # a directory that moves needs the right to be written itself
            if not _permit(name, folder):
                raise
        except OSError as problem:
            if problem.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
                raise
        else:
            return number


def _opened(name: bytes, folder: int) -> int:
    """Opens a directory to empty it; one that its owner may not list or change gets the rights first."""
    try:
        descriptor = os.open(name, FOLDER, dir_fd=folder)
    except PermissionError:
        if not _permit(name, folder):
            raise
        return os.open(name, FOLDER, dir_fd=folder)
    if os.fstat(descriptor).st_mode & 0o700 != 0o700:
        with contextlib.suppress(PermissionError):
            os.fchmod(descriptor, 0o700)
    return descriptor


def _permit(name: bytes, folder: int) -> bool:
    """Gives the owner all rights to a directory; False where the owner has them already or none can be given."""
    if not _O_PATH:
        return False
    inner = os.open(name, _O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    try:
        if os.fstat(inner).st_mode & 0o700 == 0o700:
            return False
        os.chmod(f"/proc/self/fd/{inner}", 0o700)  # through the descriptor: no link is followed
        return True
    finally:
        os.close(inner)
