"""The run over several archives: read one after another, one report about all, the worst exit code of them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from imgtar.answers.reading import ArchiveReader, ReadArchive, UnreadArchive
from imgtar.cli.errors import errors_name, print_message
from imgtar.cli.outputs import Target
from imgtar.cli.progress_bar import progress_for
from imgtar.cli.request import Request
from imgtar.cli.run_command import Outcome, always_passed, options_of, warn, write_reports
from imgtar.errors import ImgtarError, InputError
from imgtar.exit_codes import Exit, exit_code

Read = ReadArchive | UnreadArchive


def run_archives(
    request: Request,
    archives: Sequence[str],
    *,
    contents: bool = False,
    outcome: Callable[[Any], Outcome] = always_passed,
    **arguments: object,
) -> int:
    """Reads the archives, writes the reports of the request about all of them and returns the exit code.

    One that cannot be used does not stop the others: standard error says why, and the code is 3. The content function
    gets what was read (with `contents` also what is in each file), and `arguments`; `outcome` judges what it returns.
    Raises as `run_command.run` does.
    """
    with errors_name(archives[0], wants_json=request.json_on_stdout):
        targets = _targets(request, archives)
    read = _read(request, archives, contents=contents)
    with errors_name(archives[0], wants_json=request.json_on_stdout):
        content = request.report_type.content_function()(read, **arguments)
        judged = outcome(content)
        write_reports(request, targets, content)
    if not request.quiet:
        _warn(request, archives, read, judged)
    if any(isinstance(archive, UnreadArchive) for archive in read):
        return Exit.INPUT
    effects = {finding.effect for archive in read if isinstance(archive, ReadArchive) for finding in archive.findings}
    return exit_code(effects, gate_failed=not judged.passed)


def _targets(request: Request, archives: Sequence[str]) -> list[Target]:
    """The reports to write, none of them over an archive that is read."""
    checked = [msgspec.structs.replace(request, image=archive).targets() for archive in archives]
    return checked[0]


def _read(request: Request, archives: Sequence[str], *, contents: bool) -> list[Read]:
    """What is kept of each archive. Where none can be used, the error of the last one is raised."""
    bar = progress_for(quiet=request.quiet)
    read: list[Read] = []
    with contextlib.ExitStack() as stack:
        if bar is not None:
            stack.callback(bar.finish)
        with errors_name(archives[0], wants_json=request.json_on_stdout):
            options = options_of(request, bar)
        reader = ArchiveReader(options, several=len(archives) > 1, contents=contents)
        for number, archive in enumerate(archives, 1):
            with errors_name(archive, wants_json=request.json_on_stdout):
                try:
                    read.append(reader.read(archive))
                except (InputError, OSError) as problem:
                    if number == len(archives) and all(isinstance(one, UnreadArchive) for one in read):
                        raise
                    read.append(UnreadArchive(archive, _cause(problem)))
                    _say(read[-1])
    return read


def _cause(problem: InputError | OSError) -> ImgtarError:
    if isinstance(problem, InputError):
        return problem
    return InputError("input.unreadable", f"cannot be read: {problem.strerror or problem}", "copy it again")


def _say(archive: Read) -> None:
    """Says at once, on standard error, why an archive is left out."""
    if isinstance(archive, UnreadArchive):
        error = archive.error
        print_message(f"{error.message}{f'; {error.remedy}' if error.remedy else ''}", archive.path)


def _warn(request: Request, archives: Sequence[str], read: Sequence[Read], judged: Outcome) -> None:
    """A line for each damaged archive, and one for a failed gate."""
    for archive, found in zip(archives, read, strict=True):
        if isinstance(found, ReadArchive):
            warn(msgspec.structs.replace(request, image=archive), found.findings, Outcome())
    if not judged.passed:
        print_message(judged.reason, archives[0] if len(archives) == 1 else f"{len(archives)} archives")
