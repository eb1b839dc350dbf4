"""Writes what `extract` has planned: into a new directory, or as a tar to a file or to standard output."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

import click

from imgtar.answers.extract import Extraction, Planned, plan_extraction
from imgtar.answers.session import Session
from imgtar.cli.outputs import Target, check_files, inputs, is_within, output_errors, write_file, write_stdout
from imgtar.cli.request import Request
from imgtar.cli.signals import undone_by
from imgtar.cli.spooling import waiting_contents
from imgtar.errors import OutputError
from imgtar.extraction import tar_writer
from imgtar.extraction.directory_writer import Bodies, DirectoryWriter
from imgtar.extraction.metadata import MetadataRules
from imgtar.extraction.output_directory import OutputDirectory
from imgtar.extraction.plan import DAMAGED, Item, Plan, Written
from imgtar.findings import Finding
from imgtar.formats.tar.member import BLOCK as _BLOCK
from imgtar.layer.scan import LayerScan


def written(
    session: Session, *, request: Request, extraction: Extraction, rules: MetadataRules
) -> Mapping[str, Planned | Written | None]:
    """Plans and writes what `extraction` asks for: `planned`, and `written` where something was.

    Raises as its two ways of writing do.
    """
    planned = plan_extraction(session, extraction, request.reading_limits())
    done: Written | None = None
    if planned.is_written:
        if extraction.is_tar:
            announce = waiting_contents(request.image, quiet=request.quiet)
            done = to_tar(session, planned, extraction.output, announce)
        else:
            done = to_directory(session, planned, extraction.output, rules)
        session.note(done.findings)
    session.note([] if planned.reached is None else [planned.reached])
    return {"planned": planned, "written": None if done is None or done.stopped else done}


def to_directory(session: Session, planned: Planned, path: str, rules: MetadataRules) -> Written:
    """Writes the plan into the new directory `path`, which gets its name when it is whole.

    Where a limit ends the work nothing is left. Raises OutputError.
    """
    output = OutputDirectory(path)
    try:
        with undone_by(output.remove):
            output.make()
            output.check_space(disk_space(planned.plan, output.block), len(planned.plan.items))
            writer = DirectoryWriter(planned.plan, partial(session.bodies, 0), output.root, rules)
            try:
                written = writer.write()
            except OSError as problem:
                raise output.failed(problem) from None
            if not written.stopped:
                output.finish(0o777 & ~rules.umask if not rules.private else 0o700)
            return written
    finally:
        output.close()


def disk_space(plan: Plan, block: int) -> int:
    """The bytes that the files take on a file system with blocks of this size; holes take none."""
    return sum(
        -(-item.member.stored_size // block) * block if item.type == "file" else block
        for item in plan.items
        if item.type in ("file", "dir")
    )


def to_tar(session: Session, planned: Planned, path: str, announce: Callable[[str], None]) -> Written:
    """Writes the plan as a tar to the file `path`, or to standard output for `-`.

    Raises as `tar_of` does.
    """

    def write(plan: Plan, chunks: Iterator[bytes]) -> None:
        if path == "-":
            write_stdout(chunks)
        else:
            _check_room(path, plan)
            write_file(path, chunks)

    return tar_of(session, planned.plan, planned.scans, write, announce)


def tar_of(
    session: Session,
    plan: Plan,
    scans: Sequence[LayerScan | None],
    write: Callable[[Plan, Iterator[bytes]], None],
    announce: Callable[[str], None],
) -> Written:
    """Makes a tar of the plan, whose pieces `write` gets with what is left of the plan.

    Contents of compressed layers wait in a temporary file without a name, whose directory `announce` is told. Where a
    limit ends the work nothing is written.
    Raises OutputError, and DamageError and LimitError where a content cannot be read any more.
    """
    bodies: Bodies = partial(session.bodies, 0)
    plan, cut = _without_cut(plan, scans, bodies)
    with output_errors("temporary file"):
        waiting = tar_writer.set_aside(plan, bodies, partial(_is_passing, scans), announce)
    with waiting.file:
        plan = plan.without(waiting.damaged, DAMAGED)
        findings = (*plan.findings, *cut, *waiting.findings)
        if waiting.stopped:
            return Written((), plan.skipped, findings, stopped=True)
        write(plan, tar_writer.tar_chunks(plan, bodies, waiting))
    return Written(plan.items, plan.skipped, findings)


def _is_passing(scans: Sequence[LayerScan | None], layer: int) -> bool:
    """Do the bytes of a layer pass in order only?"""
    scan = scans[layer]
    return scan is not None and scan.compression != "none"


def _without_cut(plan: Plan, scans: Sequence[LayerScan | None], bodies: Bodies) -> tuple[Plan, list[Finding]]:
    """The plan without the contents that the archive cuts in layers read by offset, and the findings about them."""
    suspects = [item for item in plan.items if _may_be_cut(item, scans)]
    suspects.sort(key=lambda item: (item.layer, item.member.offset))
    cut: list[Item] = []
    findings: list[Finding] = []
    for item, body in zip(suspects, bodies((item.layer, item.member) for item in suspects), strict=True):
        for _ in body.pieces():
            pass
        if body.finding is not None:
            cut.append(item)
            findings.append(body.finding)
    return plan.without(cut, DAMAGED), findings


def _may_be_cut(item: Item, scans: Sequence[LayerScan | None]) -> bool:
    scan = scans[item.layer]
    if scan is None or scan.complete or scan.compression != "none" or item.type != "file" or not item.member.size:
        return False
    return item.member.offset + item.member.stored_size > (scan.stopped_at or 0)


def _check_room(path: str, plan: Plan) -> None:
    """Raises OutputError where the file system of a new file has no room for the tar."""
    if os.path.exists(path) and not os.path.isfile(path):
        return
    with output_errors(path):
        disk = shutil.disk_usage(os.path.dirname(path) or ".")
    needed = plan.content_bytes + _BLOCK * len(plan.items)
    if needed > disk.free and disk.total:  # some file systems count nothing
        reason = f"{needed:,} bytes are needed and {disk.free:,} are free"
        remedy = "free some space or choose another file"
        raise OutputError("output.unwritable", f"{path}: cannot be written: {reason}", remedy)


def check_output(request: Request, output: str | None, tar: str | None) -> None:
    """Checks before the archive is read where the files and the report go.

    Raises click.UsageError for `-o DIR`, for an output that is in the input, and for a tar on a terminal.
    """
    try:
        request.targets()
    except click.UsageError as problem:
        if request.outputs:
            raise click.UsageError(f"{problem.message}; -o writes a report, --output DIR the files") from None
        raise
    if (output is None) == (tar is None):
        raise click.UsageError("extract: give --output DIR or --tar FILE")
    if tar == "-" and sys.stdout is not None and sys.stdout.isatty():
        raise click.UsageError("--tar - does not write to a terminal; give --tar FILE")
    if tar is not None and tar != "-":
        check_files([Target("tar", tar)], request.image)
    for source in inputs(request.image):
        if output is not None and is_within(output, source):
            raise click.UsageError(f"--output {output} is inside the input; choose another directory")


def metadata_rules(*, exact: bool, owner: bool, xattrs: bool, private: bool) -> MetadataRules:
    """The rules for this user. Raises click.UsageError where only root may."""
    root = os.geteuid() == 0
    if owner and not root:
        raise click.UsageError("--owner: only root can give files to other users; leave it out")
    return MetadataRules(exact=exact, owner=owner, xattrs=xattrs, private=private, umask=umask(), root=root)


def umask() -> int:
    """The umask of the process, which only setting it tells."""
    found = os.umask(0o077)
    os.umask(found)
    return found
