"""Writes the build context that `dockerfile` has planned: a new directory with a Dockerfile and the files of layers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

import click

from imgtar.answers.build_context import Context, LayerFiles, WrittenContext
from imgtar.answers.dockerfile import Asked, Told, tell
from imgtar.answers.session import Session
from imgtar.cli.extraction_output import disk_space, metadata_rules, tar_of, umask
from imgtar.cli.outputs import inputs, is_within, new_file
from imgtar.cli.request import Request
from imgtar.cli.signals import undone_by
from imgtar.cli.spooling import waiting_contents
from imgtar.contract.content import TextSettings
from imgtar.extraction.directory_writer import DirectoryWriter
from imgtar.extraction.output_directory import OutputDirectory
from imgtar.extraction.plan import Plan, Written
from imgtar.formats.tar.member import BLOCK
from imgtar.report.table.dockerfile import dockerfile_lines
from imgtar.report.table.drawing import encoded

_DOCKERFILE = "Dockerfile"
_AS_FILE = TextSettings()


def check_context(request: Request, asked: Asked, directory: str | None) -> None:
    """Checks the options before the archive is read. Raises click.UsageError."""
    if asked.freeze and directory is None:
        raise click.UsageError("--freeze needs --context DIR")
    if directory is None:
        return
    if asked.source == "provenance":
        raise click.UsageError("--context writes what the layers have; --source provenance has no files")
    for source in inputs(request.image):
        if is_within(directory, source):
            raise click.UsageError(f"--context {directory} is inside the input; choose another directory")


def told(
    session: Session, *, request: Request, asked: Asked, directory: str | None
) -> Mapping[str, Told | WrittenContext | None]:
    """The Dockerfile, and where `directory` is given the context that was written for it.

    Raises as `tell` and `write_context` do.
    """
    told = tell(session, asked)
    written: WrittenContext | None = None
    if told.context is not None and directory is not None:
        if told.context.reached is None:
            announce = waiting_contents(request.image, quiet=request.quiet)
            text = encoded(dockerfile_lines(told.text, _AS_FILE), _AS_FILE)
            written = write_context(session, told.context, directory, text, announce)
        else:
            session.note([told.context.reached])
    return {"told": told, "written": written}


def write_context(
    session: Session, context: Context, path: str, dockerfile: Iterator[bytes], announce: Callable[[str], None]
) -> WrittenContext | None:
    """Writes the new directory `path`, which gets its name when it is whole; `dockerfile` is the text of the file.

    None where a limit ends the work; then nothing is left. Raises OutputError, and DamageError and LimitError where a
    content cannot be read any more.
    """
    output = OutputDirectory(path)
    try:
        with undone_by(output.remove):
            output.make()
            output.check_space(sum(_space(part, output.block) for part in context.files), _files(context))
            done: list[Written] = []
            try:
                for part in context.files:
                    written = _write_part(session, context, part, output.root, announce)
                    session.note(written.findings)
                    if written.stopped:
                        return None
                    done.append(written)
                _write_file(output.root, _DOCKERFILE, dockerfile)
            except OSError as problem:
                raise output.failed(problem) from None
            output.finish(0o777 & ~umask())
            return WrittenContext(path, context, done)
    finally:
        output.close()


def _write_part(
    session: Session, context: Context, part: LayerFiles, root: int, announce: Callable[[str], None]
) -> Written:
    if part.is_tar:

        def write(plan: Plan, chunks: Iterator[bytes]) -> None:
            if plan.items:  # a builder takes a tar without members for a file
                _write_file(root, part.name, chunks)

        return tar_of(session, part.plan, context.scans, write, announce)
    rules = metadata_rules(exact=True, owner=False, xattrs=False, private=False)
    return DirectoryWriter(part.plan, partial(session.bodies, 0), root, rules).write()


def _write_file(folder: int, name: str, chunks: Iterator[bytes]) -> None:
    with open(new_file(name, None, folder=folder), "wb") as out:
        out.writelines(chunks)


def _space(part: LayerFiles, block: int) -> int:
    """The bytes that the files of a layer take."""
    if not part.is_tar:
        return disk_space(part.plan, block)
    return part.plan.content_bytes + BLOCK * len(part.plan.items)


def _files(context: Context) -> int:
    """How many files and directories are made."""
    return 1 + sum(1 if part.is_tar else len(part.plan.items) for part in context.files)
