"""Where reports go: standard output, or files that appear whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import BinaryIO

import click
import msgspec

from imgtar.cli.command import TERMINAL, ReportType, format_named
from imgtar.cli.errors import OutputClosed
from imgtar.cli.near import did_you_mean
from imgtar.cli.signals import unfinished
from imgtar.errors import OutputError, UsageError, unwritable

Render = Callable[["Target"], Iterator[bytes]]
Write = Callable[[Iterable[bytes]], None]
_EXTENSIONS = {".json": "json", ".html": "html", ".htm": "html", ".md": "markdown", ".csv": "csv", ".sarif": "sarif"}
_EXTENSIONS |= {".jsonl": "jsonl", ".txt": TERMINAL, ".xml": "junit", ".cdx.json": "cyclonedx", ".spdx.json": "spdx"}
ENDINGS = {name: ending for ending, name in _EXTENSIONS.items() if ending != ".htm"} | {"csv-layers": ".layers.csv"}

_BLOCK = 1 << 16


class Target(msgspec.Struct, frozen=True):
    """One report to write, in format `format_name`, to `path` (None: standard output)."""

    format_name: str
    path: str | None


def targets(report_type: ReportType, format_name: str | None, outputs: Sequence[str]) -> list[Target]:
    """The reports of `report_type` that `--format` and `-o` ask for, files first; `-o FILE` is named by its ending.

    Raises click.UsageError for a format that the report lacks, and for two reports that go to one place.
    """
    found = [] if format_name is None else [_target(report_type, "--format", format_name, None)]
    for output in outputs:
        name, _, path = output.partition("=")
        found.append(_target(report_type, "-o", name, None if path in ("", "-") else path))
    on_stdout = [target for target in found if target.path is None]
    if len(on_stdout) > 1:
        names = " and ".join(target.format_name for target in on_stdout)
        raise click.UsageError(f"two reports for standard output ({names}); write one of them to a file: -o F=FILE")
    paths = [target.path for target in found if target.path is not None]
    if len({os.path.realpath(path) for path in paths}) < len(paths):
        raise click.UsageError("two reports for the same file; give each a file of its own")
    if not found:
        found.append(Target(report_type.default_format, None))
    return sorted(found, key=lambda target: target.path is None)


def _target(report_type: ReportType, option: str, name: str, path: str | None) -> Target:
    known = report_type.renderers
    if format_named(name) in known:
        return Target(format_named(name), path)
    by_ending = _by_ending(name.lower())
    if option == "-o" and path is None and by_ending in known:
        return Target(by_ending, name)
    what = f"{option} {name}: {report_type.name} does not have this format; choose {', '.join(known)}"
    raise click.UsageError(f"{what}{did_you_mean(name, known)}")


def _by_ending(name: str) -> str:
    """The format that the ending of a lower-case name means, empty without one; a longer ending counts first."""
    endings = (name[place:] for place, char in enumerate(name) if char == ".")
    return next((_EXTENSIONS[ending] for ending in endings if ending in _EXTENSIONS), "")


def check_files(found: Iterable[Target], image: str) -> None:
    """Checks before the archive is read that the reports can be written.

    Raises UsageError where a report would overwrite the input, OutputError where it cannot be written.
    """
    for target in found:
        if target.path is not None:
            _check_file(target.path, image)


def _check_file(path: str, image: str) -> None:
    folder = os.path.dirname(path) or "."
    if os.path.isdir(path) or path.endswith("/"):
        raise _unwritable(path, "it is a directory")
    if not os.path.isdir(folder):
        raise _unwritable(path, "its folder does not exist", "make its folder first or choose another file")
    if not _written_in_place(path) and not os.access(folder, os.W_OK | os.X_OK):
        raise _unwritable(path, os.strerror(errno.EACCES))
    for source in inputs(image):
        if is_same(path, source) or (os.path.lexists(path) and is_within(path, source)):
            raise UsageError(
                "output.is-input", f"-o would overwrite {path}, a part of the input", "choose another file"
            )


def is_same(path: str, other: str) -> bool:
    """Are these one file, through links or as names of one file? False where one of them does not exist."""
    try:
        return os.path.samefile(path, other)
    except (OSError, ValueError):
        return False


def is_within(path: str, folder: str) -> bool:
    """Is `path` below the directory `folder`: the name itself, which need not exist, or what it leads to as a link?"""
    if not os.path.isdir(folder):
        return False
    below = os.path.join(os.path.realpath(folder), "")
    named = os.path.join(os.path.realpath(os.path.dirname(path) or "."), os.path.basename(path))
    return named.startswith(below) or os.path.realpath(path).startswith(below)


def inputs(image: str) -> Iterator[str]:
    """The paths that IMAGE may mean: itself, and itself without skopeo's prefix and without `:REF` at its end."""
    yield image
    path = image.partition(":")[2]
    while path:
        yield path
        path = path.rpartition(":")[0]


def _unwritable(path: str, reason: str, remedy: str = "choose another file") -> OutputError:
    return OutputError("output.unwritable", f"{path}: cannot be written: {reason}", remedy)


def write(found: Iterable[Target], render: Render) -> None:
    """Writes every report. Raises as `output` does."""
    for target in found:
        with output(target) as write_chunks:
            write_chunks(render(target))


def write_stdout(chunks: Iterable[bytes]) -> None:
    """Writes to standard output and flushes it. Raises OutputError and OutputClosed."""
    if sys.stdout is None:
        raise OutputError("output.unwritable", "standard output is closed", "write to a file with -o F=FILE")
    _copy(chunks, sys.stdout.buffer, "standard output")


def write_file(path: str, chunks: Iterable[bytes]) -> None:
    """Writes a file as `file_output` does."""
    with file_output(path) as write_chunks:
        write_chunks(chunks)


@contextlib.contextmanager
def output(target: Target) -> Iterator[Write]:
    """What takes the chunks of a report, as often as it is called. Raises as `write_stdout` and `file_output` do."""
    if target.path is None:
        yield write_stdout
    else:
        with file_output(target.path) as write_chunks:
            yield write_chunks


@contextlib.contextmanager
def file_output(path: str) -> Iterator[Write]:
    """What writes a file, which has its name when the block ends, whole or not at all; a link of that name is replaced.

    A file that is replaced leaves its mode to the new one. Devices and pipes are written in place. Raises OutputError,
    and OutputClosed for a pipe that its reader has closed.
    """
    if _written_in_place(path):
        with _opened(path, lambda: open(path, "wb")) as out:
            yield lambda chunks: _copy(chunks, out, path)
        return
    temporary = os.path.join(os.path.dirname(path), temporary_name())
    with unfinished(temporary):
        with _opened(path, lambda: open(new_file(temporary, _status(path)), "wb")) as out:
            yield lambda chunks: _copy(chunks, out, path)
        with output_errors(path):
            os.replace(temporary, path)


@contextlib.contextmanager
def _opened(name: str, opener: Callable[[], BinaryIO]) -> Iterator[BinaryIO]:
    """A file that is closed when the block ends. Only errors of opening and closing it are errors of the output."""
    with output_errors(name):
        out = opener()
    try:
        yield out
    except BaseException:
        with contextlib.suppress(OSError):
            out.close()
        raise
    with output_errors(name):
        out.close()


def temporary_name() -> str:
    """A name for a file that is renamed when it is whole. It is short, however long the name of the output is."""
    return f".imgtar-{os.urandom(8).hex()}.tmp"


def new_file(path: str, like: os.stat_result | None, *, folder: int | None = None) -> int:
    """A descriptor to write a file that does not exist yet; `folder` is the directory's descriptor for a bare name.

    The mode is that of `like`, the file in whose place it comes; without one the umask decides. Where the group of
    `like` cannot be kept, the new file's group gets no rights. Raises OSError.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(path, flags, 0o666 if like is None else 0o600, dir_fd=folder)
    if like is not None:
        try:
            _take_rights(descriptor, like)
        except OSError:
            os.close(descriptor)
            raise
    return descriptor


def _take_rights(descriptor: int, like: os.stat_result) -> None:
    mode = like.st_mode & 0o777
    now = os.fstat(descriptor)
    if now.st_gid != like.st_gid:
        try:
            os.fchown(descriptor, -1, like.st_gid)
        except OSError:
            mode &= ~0o070
    if now.st_mode & 0o777 != mode:  # a file system without modes (FAT) refuses every change
        os.fchmod(descriptor, mode)


def _status(path: str) -> os.stat_result | None:
    """The status of the file that `path` leads to; None where there is none."""
    try:
        return os.stat(path)
    except OSError:
        return None


def _copy(chunks: Iterable[bytes], out: BinaryIO, name: str) -> None:
    """Writes the chunks in blocks: only the errors of writing are errors of the output, not those of rendering."""
    for block in _blocks(chunks):
        with output_errors(name):
            out.write(block)
    with output_errors(name):
        out.flush()


def _blocks(chunks: Iterable[bytes]) -> Iterator[bytes]:
    block = bytearray()
    for chunk in chunks:
        block += chunk
        if len(block) >= _BLOCK:
            yield bytes(block)
            block.clear()
    yield bytes(block)


def _written_in_place(path: str) -> bool:
    """Is it a device, a pipe or one of the process's own descriptors?"""
    real = os.path.join(os.path.realpath(os.path.dirname(path) or "."), os.path.basename(path))
    if real.startswith(("/dev/", "/proc/")):
        return True
    try:
        return not stat.S_ISREG(os.stat(path).st_mode)
    except OSError:
        return False


@contextlib.contextmanager
def output_errors(name: str) -> Iterator[None]:
    """Turns the system's errors about output `name` into OutputError and OutputClosed."""
    try:
        yield
    except BrokenPipeError:
        raise OutputClosed from None
    except OSError as problem:
        raise unwritable(name, problem, "another file") from problem
