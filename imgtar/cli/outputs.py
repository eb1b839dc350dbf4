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

from imgtar.cli.errors import Closed
from imgtar.cli.signals import unfinished
from imgtar.errors import OutputError, UsageError
from imgtar.report.formats import RENDERERS, TERMINAL, default_format

Render = Callable[["Target"], Iterator[bytes]]
_EXTENSIONS = {".json": "json", ".html": "html", ".htm": "html", ".md": "markdown", ".csv": "csv", ".sarif": "sarif"}
_EXTENSIONS |= {".jsonl": "jsonl", ".txt": TERMINAL, ".xml": "junit"}


_BLOCK = 1 << 16


class Target(msgspec.Struct, frozen=True):
    """One report to write, in format `format_name`, to `path` (None: standard output)."""

    format_name: str
    path: str | None


def targets(command: str, format_name: str | None, outputs: Sequence[str]) -> list[Target]:
    """The reports that `--format` and `-o` ask for, files first. Raises click.UsageError."""
    found = [] if format_name is None else [_target(command, "--format", format_name, None)]
    for output in outputs:
        name, _, path = output.partition("=")
        found.append(_target(command, "-o", name, None if path in ("", "-") else path))
    on_stdout = [target for target in found if target.path is None]
    if len(on_stdout) > 1:
        names = " and ".join(target.format_name for target in on_stdout)
        raise click.UsageError(f"two reports for standard output ({names}); give one a file: -o F=FILE")
    paths = [target.path for target in found if target.path is not None]
    if len({os.path.realpath(path) for path in paths}) < len(paths):
        raise click.UsageError("two reports for one file; give each its own")
    if not found:
        found.append(Target(default_format(command), None))
    return sorted(found, key=lambda target: target.path is None)


def _target(command: str, option: str, name: str, path: str | None) -> Target:
    known = RENDERERS[command]
    if name in known:
        return Target(name, path)
    extension = _EXTENSIONS.get(os.path.splitext(name)[1].lower())
    if option == "-o" and path is None and extension in known:
        raise click.UsageError(f"-o {name}: the format comes first: -o {extension}={name}")
    raise click.UsageError(f"{option} {name}: {command} has no such format; it has {', '.join(known)}")


def check_files(found: Iterable[Target], image: str) -> None:
    """Finds before the reading what would fail after it.

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
        raise _unwritable(path, "its directory does not exist")
    if not _written_in_place(path) and not os.access(folder, os.W_OK | os.X_OK):
        raise _unwritable(path, os.strerror(errno.EACCES))
    for source in _inputs(image):
        within = os.path.isdir(source) and os.path.realpath(path).startswith(os.path.realpath(source) + os.sep)
        with contextlib.suppress(OSError):
            if os.path.samefile(path, source) or (within and os.path.exists(path)):
                raise UsageError("output.is-input", f"-o would overwrite {path}, a part of the input", "name another")


def _inputs(image: str) -> Iterator[str]:
    """The paths that IMAGE may mean: itself, and what stands behind skopeo's prefix and before its `:REF`."""
    yield image
    path = image.partition(":")[2]
    while path:
        yield path
        path = path.rpartition(":")[0]


def _unwritable(path: str, reason: str) -> OutputError:
    return OutputError("output.unwritable", f"{path}: cannot be written: {reason}", "name another file")


def write(found: Iterable[Target], render: Render) -> None:
    """Writes every report. Raises OutputError, and Closed when nobody reads standard output."""
    for target in found:
        if target.path is None:
            write_stdout(render(target))
        else:
            write_file(target.path, render(target))


def write_stdout(chunks: Iterable[bytes]) -> None:
    """Writes to standard output and flushes it."""
    if sys.stdout is None:
        raise OutputError("output.unwritable", "standard output is closed", "write to a file with -o F=FILE")
    _copy(chunks, sys.stdout.buffer, "standard output")


def write_file(path: str, chunks: Iterable[bytes]) -> None:
    """Writes a file that appears under its name whole or not at all; a link of that name is replaced.

    Devices and pipes, which cannot appear, are written in place.
    """
    if _written_in_place(path):
        with _output_errors(path), open(path, "wb") as out:
            _copy(chunks, out, path)
        return
    folder, name = os.path.split(path)
    temporary = os.path.join(folder, f".{name[:200]}.{os.urandom(6).hex()}.tmp")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    with unfinished(temporary):
        with _output_errors(path), open(os.open(temporary, flags, 0o666), "wb") as out:
            _copy(chunks, out, path)
        with _output_errors(path):
            os.replace(temporary, path)


def _copy(chunks: Iterable[bytes], out: BinaryIO, name: str) -> None:
    """Writes the chunks in blocks: only the errors of writing are errors of the output, not those of rendering."""
    for block in _blocks(chunks):
        with _output_errors(name):
            out.write(block)
    with _output_errors(name):
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
def _output_errors(name: str) -> Iterator[None]:
    """Turns the system's errors about output `name` into ours."""
    try:
        yield
    except BrokenPipeError:
        raise Closed from None
    except OSError as problem:
        reason = problem.strerror or "unknown error"
        raise OutputError(
            "output.unwritable", f"{name}: cannot be written: {reason}", "free some space or name another file"
        ) from problem
