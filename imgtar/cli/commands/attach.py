"""`imgtar attach`: reports as OCI 1.1 referrers of an image."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import click

from imgtar.cli import options
from imgtar.cli.command import Command, Example, declared

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgtar.archive.archive import Archive
    from imgtar.archive.attach import Attachment, Referrers
    from imgtar.archive.catalog.records import ImageRecord
    from imgtar.limits import Meter

_LARGEST = 1 << 30  # bytes of a report


@declared(
    Command(
        name="attach",
        summary="Attach reports to an image in an OCI layout, as referrers.",
        examples=(
            Example("imgtar attach app.tar audit.sarif --output app-audited.tar", "Write a copy with the report in it"),
            Example("imgtar attach app.tar app.cdx.json --output app-with-sbom.tar", "Attach an SBOM"),
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
@options.limit_option
@options.common_options
def command(
    image: str,
    reports: tuple[str, ...],
    output: str | None,
    in_place: bool,
    statement: bool,
    reference: str | None,
    platform: str | None,
    limits: tuple[str, ...],
    quiet: bool,
    **_unused: object,
) -> int:
    """Attach reports to an image in an OCI layout, as OCI 1.1 referrers of the image.

    An SBOM (CycloneDX or SPDX as JSON) becomes a referrer with its own type, under which tools look for it.
    `oras discover --oci-layout` and `regctl artifact tree` list the reports. Attaching the same reports again changes
    nothing.
    """
    from imgtar.archive.archive import open_archive
    from imgtar.archive.attach import wrong_blobs
    from imgtar.archive.input.input_name import parse_input
    from imgtar.cli.errors import errors_name, print_message
    from imgtar.cli.request import limits_of
    from imgtar.limits import Meter

    if (output is None) == (not in_place):
        raise click.UsageError("attach: give --output FILE or, for a layout directory, --in-place")
    name = parse_input(image)
    with errors_name(image), _claimed(name.path, output, reports):
        meter = Meter(limits_of(limits))
        archive = open_archive(name, meter)
        if in_place and archive.folder is None:
            raise click.UsageError("attach: --in-place needs a layout directory; for a file use --output FILE")
        record = _one(archive, reference or name.reference, platform)
        added = _added(archive, record, meter, reports, statement=statement)
        _write(archive, added, output)
        for digest in () if quiet else wrong_blobs(archive.index, added):
            print_message(f"blob {digest} had other content and is replaced", image)
    return 0


@contextlib.contextmanager
def _claimed(source: str, output: str | None, reports: tuple[str, ...]) -> Iterator[None]:
    """Refuses an `output` that is an input. Without one the layout directory is written to, so it is locked inside."""
    if output is not None:
        _refuse_inputs(output, source, reports)
        yield
        return
    from imgtar.cli.layout_writer import locked

    with locked(source):
        yield


def _added(
    archive: Archive, record: ImageRecord, meter: Meter, reports: tuple[str, ...], *, statement: bool
) -> Referrers:
    """The reports as referrers of the image. Raises InputError, and DamageError or LimitError for a damaged archive."""
    from imgtar.archive.attach import referrers

    subject = _subject(archive, record)
    _refuse_damage(archive, record, meter)
    return referrers(subject, [_attachment(path, record, statement=statement) for path in reports])


def _one(archive: Archive, reference: str | None, platform: str | None) -> ImageRecord:
    """The chosen image. Raises click.UsageError for several, InputError for none."""
    from imgtar.errors import InputError
    from imgtar.image.selection import choices, select

    if not archive.catalog.images:
        remedy = "`imgtar verify IMAGE` says what is missing or damaged"
        raise InputError("attach.no-image", "no image in the archive can be read", remedy)
    chosen = select(archive.catalog.images, reference, platform)
    if len(chosen) != 1:
        raise click.UsageError(f"attach: choose one image with --image or --platform: {choices(chosen)}")
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


def _refuse_damage(archive: Archive, record: ImageRecord, meter: Meter) -> None:
    """Refuses what `imgtar inspect` calls damaged or does not read to the end: a copy would hide that.

    An absent foreign layer is not damage: the format leaves it out. Raises DamageError and LimitError.
    """
    from imgtar.answers.finding_rows import sentence
    from imgtar.errors import DamageError, LimitError
    from imgtar.exit_codes import Exit, exit_code
    from imgtar.findings import Effect
    from imgtar.image.layer_scans import Scans
    from imgtar.image.reader import ImageReader

    reader = ImageReader(archive, meter, [record], Scans(archive, meter))
    [image] = reader.outlines
    findings = [*reader.findings, *image.findings]
    for layer in image.layers:
        findings += () if layer.ref.foreign and layer.ref.member is None else layer.ref.findings
    code = exit_code(finding.effect for finding in findings)
    if code is Exit.OK:
        return
    limited = code is Exit.LIMIT
    cause = next(finding for finding in findings if finding.effect is not Effect.NONE)
    error = LimitError if limited else DamageError
    what = "was not read to its end" if limited else "is damaged"
    remedy = "`imgtar verify IMAGE` lists everything"
    raise error("attach.damaged", f"the archive {what}, so nothing was written: {sentence(cause)}", remedy)


def _attachment(path: str, record: ImageRecord, *, statement: bool) -> Attachment:
    import os

    from imgtar.answers.statement import STATEMENT_TYPE, statement_of
    from imgtar.archive.attach import Attachment
    from imgtar.errors import InputError
    from imgtar.files import read_whole

    def error(sentence: str) -> InputError:
        return InputError("attach.report", sentence, "give a regular file that can be read")

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


def _refuse_inputs(output: str, source: str, reports: tuple[str, ...]) -> None:
    """Raises UsageError where the output is the input, lies in the input's directory, or is one of the reports."""
    from imgtar.cli.outputs import is_same, is_within
    from imgtar.errors import UsageError

    if is_same(output, source):
        what = f"{output} is the input itself"
    elif is_within(output, source):
        what = f"{output} is inside the input"
    elif any(is_same(output, report) for report in reports):
        what = f"{output} is one of the reports"
    else:
        return
    raise UsageError("usage.output", what, "write the copy to another file")


def _write(archive: Archive, added: Referrers, output: str | None) -> None:
    """Writes the copy or, without `output`, into the directory that was read."""
    from imgtar.archive.attach import archive_with, missing_blobs, with_referrers
    from imgtar.cli.layout_writer import write_into
    from imgtar.cli.outputs import write_file

    if output is not None:
        write_file(output, archive_with(archive.index, added))
        return
    assert archive.folder is not None
    before, after = with_referrers(archive.index, added)
    write_into(archive.folder, archive.source.path, missing_blobs(archive.index, added), after, before)
