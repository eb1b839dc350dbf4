"""`imgtar attach`: reports as OCI 1.1 referrers of an image."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from imgtar.cli import options
from imgtar.cli.command import Command, Example, declared

if TYPE_CHECKING:
    from imgtar.archive.archive import Archive
    from imgtar.archive.attach import Attachment, Referrer
    from imgtar.archive.catalog.records import ImageRecord

_LARGEST = 1 << 30  # bytes of a report


@declared(
    Command(
        name="attach",
        summary="Attach reports to an image in an OCI layout, as referrers.",
        examples=(
            Example("imgtar attach app.tar audit.sarif --output app-audited.tar", "Write a copy with the report in it"),
            Example("imgtar attach layout/ app.json --in-place --statement", "Attach an in-toto Statement in place"),
        ),
    )
)
@options.image_argument
@click.argument("reports", metavar="REPORT…", nargs=-1, required=True, type=click.Path())
@click.option("--output", metavar="FILE", help="Write a copy of the archive with the reports in it.")
@click.option("--in-place", is_flag=True, help="Write into the layout directory IMAGE itself.")
@click.option("--statement", is_flag=True, help="Wrap each JSON report in an in-toto Statement v1 about the image.")
@options.choice_options
@click.option("--debug", is_flag=True, help="Show the traceback of a bug.")
def command(
    image: str,
    reports: tuple[str, ...],
    output: str | None,
    in_place: bool,
    statement: bool,
    reference: str | None,
    platform: str | None,
    debug: bool,  # noqa: ARG001 (read by imgtar.cli.main)
) -> int:
    """Attach reports to an image in an OCI layout, as an OCI 1.1 referrer of the image.

    `oras discover --oci-layout` and `regctl artifact tree` list the reports. Attaching the same reports again changes
    nothing.
    """
    from imgtar.archive.archive import open_archive
    from imgtar.archive.attach import archive_with, referrer, with_referrer
    from imgtar.archive.input.source import parse_input
    from imgtar.cli.errors import errors_name
    from imgtar.cli.outputs import write_file
    from imgtar.limits import Meter

    if (output is None) == (not in_place):
        raise click.UsageError("attach: give --output FILE or, for a layout directory, --in-place")
    with errors_name(image):
        name = parse_input(image)
        archive = open_archive(name, Meter())
        if in_place and archive.source.container != "directory":
            raise click.UsageError("attach: --in-place needs a layout directory; for a file use --output FILE")
        record = _one(archive, reference or name.reference, platform)
        added = referrer(
            _subject(archive, record), [_attachment(path, record, statement=statement) for path in reports]
        )
        if output is not None:
            _refuse_input(output, name.path)
            write_file(output, archive_with(archive.index, added))
        else:
            _write_into(name.path, added, with_referrer(archive.index, added))
    return 0


def _one(archive: Archive, reference: str | None, platform: str | None) -> ImageRecord:
    """The chosen image. Raises click.UsageError for several, InputError for none."""
    from imgtar.image.selection import describe, select

    chosen = select(archive.catalog.images, reference, platform)
    if len(chosen) != 1:
        names = ", ".join(describe(number, record) for number, record in enumerate(chosen))
        raise click.UsageError(f"attach: choose one image with --image or --platform: {names}")
    return chosen[0]


def _subject(archive: Archive, record: ImageRecord) -> dict[str, object]:
    """The descriptor of the image's manifest. Raises InputError for an image without one."""
    from imgtar.errors import InputError

    if record.manifest is None or record.manifest_digest is None or archive.catalog.form == "docker-dir":
        remedy = "convert it to an OCI layout first: `skopeo copy docker-archive:FILE oci:DIRECTORY`"
        raise InputError("attach.no-manifest", "the image has no OCI manifest that a report could refer to", remedy)
    value = record.manifest.value
    stated = value.get("mediaType") if isinstance(value, dict) else None
    return {
        "mediaType": stated if isinstance(stated, str) else "application/vnd.oci.image.manifest.v1+json",
        "digest": str(record.manifest_digest),
        "size": len(record.manifest.raw),
    }


def _attachment(path: str, record: ImageRecord, *, statement: bool) -> Attachment:
    import os

    from imgtar.answers.statement import STATEMENT_TYPE, statement_of
    from imgtar.archive.attach import Attachment
    from imgtar.errors import InputError
    from imgtar.files import read_whole

    def error(sentence: str) -> InputError:
        return InputError("attach.report", sentence, "give a smaller file that can be read")

    content = read_whole(path, _LARGEST, error)
    name = os.path.basename(path)
    try:
        name.encode()
    except UnicodeEncodeError:
        raise InputError("attach.report", f"{path}: the name is not UTF-8", "rename the report") from None
    if not statement:
        return Attachment(name, content)
    wrapped, predicate = statement_of(content, record)
    return Attachment(name, wrapped, STATEMENT_TYPE, {"in-toto.io/predicate-type": predicate})


def _refuse_input(output: str, source: str) -> None:
    import os

    from imgtar.errors import UsageError

    if os.path.exists(output) and os.path.exists(source) and os.path.samefile(output, source):
        raise UsageError("usage.output", f"{output} is the input itself", "write the copy to another file")


def _write_into(folder: str, added: Referrer, index: bytes) -> None:
    """Writes the blobs first and index.json last: a reader never sees an entry without its blob."""
    import os

    from imgtar.archive.document_names import INDEX
    from imgtar.cli.outputs import write_file

    os.makedirs(os.path.join(folder, "blobs", "sha256"), exist_ok=True)
    for digest, content in added.blobs.items():
        place = os.path.join(folder, os.fsdecode(digest.path))
        if not os.path.lexists(place):
            write_file(place, [content])
    write_file(os.path.join(folder, os.fsdecode(INDEX)), [index])
