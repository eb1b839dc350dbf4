"""Which archives a command line means: paths, folders at any depth, patterns and lists, one after another.

Nothing is kept of them here, so a list may have a million lines.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

import msgspec

from imgtar.archive.document_names import DOCUMENTS
from imgtar.archive.input.archive_folder import is_archive, is_root_filesystem
from imgtar.archive.input.input_name import descriptor_in, parse_input
from imgtar.archive.input.missing import missing
from imgtar.archive.input.remote_name import is_remote, public_name
from imgtar.errors import InputError, UsageError
from imgtar.fleet.lists import listed
from imgtar.globs import BadGlob, Globs
from imgtar.text import json_text

_WILD = frozenset("*?[")
_FOLDERS = 1000  # whose real paths are kept: those of a list come one after another, as a rule


class ArchiveFile(msgspec.Struct, frozen=True):
    """An archive as it was named, and by what another run knows that it did not change.

    `size` is None for a directory; both are where there is no such file, and for a URL.
    """

    path: bytes
    size: int | None
    mtime_ns: int | None


def shown_path(path: bytes) -> tuple[str, str | None]:
    """The path as results have it: of a URL without what nobody else may know; `json_text` of any other."""
    text, path_b64 = json_text(path)
    return public_name(text), path_b64


def archives_of(given: Iterable[str], *, without: str) -> Iterator[ArchiveFile]:
    """The archives, in no order; one that is named twice comes twice. Of folders, `without` is left out.

    A folder stands for the archives below it, at any depth; links to folders are not followed. Raises UsageError, and
    InputError for a list that cannot be read and for what is not there. Of a list, each archive has a row that says so.
    """
    for argument in given:
        for path in _paths(argument, os.path.realpath(os.fsencode(without))):
            yield _file(path)


def place_finder() -> Callable[[bytes], bytes]:
    """A function from a path to the place that it names: the same for two spellings of one name (`a.tar`, `./a.tar`).

    A link to a file is a place of its own, as a hard link is. What is no path (a URL, `oci:FOLDER`) stays as it is. The
    current directory may not change between the calls.
    """
    folder_of = lru_cache(_FOLDERS)(os.path.realpath)

    def place(path: bytes) -> bytes:
        if not os.path.lexists(path):
            return path
        folder, name = os.path.split(path.rstrip(b"/"))
        if name in (b"", b".", b".."):
            return os.path.realpath(path)
        return os.path.join(folder_of(folder or b"."), name)

    return place


def _paths(argument: str, without: bytes) -> Iterator[bytes]:
    if argument == "-":
        raise UsageError("usage.stdin", "- is one archive; fleet reads files", "give @- for a list on standard input")
    if argument.startswith("@") and not os.path.lexists(argument):
        yield from listed(argument[1:])
        return
    path = os.fsencode(argument)
    if is_remote(argument):
        yield path
    elif os.path.lexists(path):
        yield from _below(path, without)
    elif os.path.lexists(parse_input(argument).path):  # with a prefix such as `oci:`
        yield path
    elif _WILD.isdisjoint(argument):
        problem = missing(argument, "check the path, and what should be mounted")
        raise InputError(problem.code, f"{argument}: {problem.message}", problem.remedy)
    else:
        for found in _matching(argument):
            yield from _below(found, without)


def is_folder_of_archives(path: bytes) -> bool:
    """Is it a directory that stands for the archives below it, as it is no archive itself?"""
    return os.path.isdir(path) and not _is_unpacked(path) and not is_root_filesystem(path)


def _below(path: bytes, without: bytes) -> Iterator[bytes]:
    """The archive at this path, or the archives below this folder."""
    if not is_folder_of_archives(path):
        yield path
        return
    folders = [path]
    while folders:
        with _entries(folders.pop()) as entries:
            for entry in entries:
                if not entry.is_dir(follow_symlinks=False):
                    if is_archive(os.fsdecode(entry.path)):
                        yield entry.path
                elif _is_unpacked(entry.path):
                    yield entry.path
                elif os.path.realpath(entry.path) != without and not is_root_filesystem(entry.path):
                    folders.append(entry.path)


@contextlib.contextmanager
def _entries(folder: bytes) -> Iterator[Iterable[os.DirEntry[bytes]]]:
    """What is in a folder. Raises InputError where it cannot be read."""
    try:
        with os.scandir(folder) as entries:
            yield entries
    except OSError as error:
        name = os.fsdecode(folder)
        raise InputError(
            "input.unreadable", f"{name}: {error.strerror or error}", "check the path and its permissions"
        ) from None


def _is_unpacked(folder: bytes) -> bool:
    """Is the directory an archive itself: a layout, or an unpacked `docker save`?"""
    return any(os.path.lexists(os.path.join(folder, name)) for name in DOCUMENTS)


def _matching(pattern: str) -> Iterator[bytes]:
    """The paths that a pattern means, in the dialect of `imgtar.globs`; links to folders are not followed."""
    parts = pattern.split("/")
    fixed = next(number for number, part in enumerate(parts) if not _WILD.isdisjoint(part))
    base = os.fsencode("/".join(parts[:fixed])) or (b"/" if pattern.startswith("/") else b".")
    try:
        globs = Globs(["/" + "/".join(parts[fixed:])])
    except BadGlob as problem:
        raise UsageError("usage.pattern", f"{pattern}: {problem}", "correct the pattern") from None
    found = False
    for path in globs.select(_walk(base)):
        found = True
        yield path if base == b"." else os.path.join(base, path)
    if not found:
        raise InputError("input.missing", f"{pattern}: nothing matches", "check the pattern and what should be mounted")


def _walk(base: bytes) -> Iterator[bytes]:
    """All paths below a folder, relative to it."""
    folders = [b""] if os.path.isdir(base) else []
    while folders:
        folder = folders.pop()
        with _entries(os.path.join(base, folder)) as entries:
            for entry in entries:
                path = os.path.join(folder, entry.name)
                if entry.is_dir(follow_symlinks=False):
                    folders.append(path)
                yield path


def _file(path: bytes) -> ArchiveFile:
    """The archive with what the system says of it now. Raises UsageError for a pipe, which no worker has."""
    named = parse_input(os.fsdecode(path)).path
    if descriptor_in(named) is not None:
        raise UsageError("usage.stdin", f"{named} is an open descriptor; fleet reads files", "write it to a file first")
    file = os.fsencode(named)
    try:
        status = os.stat(file)
    except (OSError, ValueError):
        return ArchiveFile(path, None, None)
    if not os.path.isdir(file):
        return ArchiveFile(path, status.st_size, status.st_mtime_ns)
    times = [status.st_mtime_ns]
    for name in DOCUMENTS:
        with contextlib.suppress(OSError):
            times.append(os.stat(os.path.join(file, name)).st_mtime_ns)
    return ArchiveFile(path, None, max(times))
