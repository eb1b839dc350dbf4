"""`imgtar packages`: which layer brought which package, and what no package owns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from imgtar.cli import options
from imgtar.cli.command import Command, Example, ReportType, declared

if TYPE_CHECKING:
    from imgtar.cli.run_command import Outcome
    from imgtar.contract.packages import Grouping, PackagesContent

PACKAGES = ReportType(
    name="packages",
    content="imgtar.answers.packages:packages_content",
    line="imgtar.report.words.outcome:packages_words",
    note="imgtar.report.words.outcome:packages_note",
    renderers={
        "table": "imgtar.report.table.packages:packages",
        "json": "imgtar.report.json_document:whole",
        "jsonl": "imgtar.report.json_lines:packages",
        "csv": "imgtar.report.csv.packages:packages",
        "cyclonedx": "imgtar.report.sbom.cyclonedx:packages",
        "spdx": "imgtar.report.sbom.spdx:packages",
    },
    schema="imgtar.contract.packages:PackagesReport",
    one_image=True,
    root_filesystem=True,
)


@declared(
    Command(
        name="packages",
        summary="Show which layer brought which package, and what no package owns.",
        examples=(
            Example("imgtar packages app.tar", "Show for each layer the packages that it brings, and their bytes"),
            Example("imgtar packages app.tar --by package --top 20", "List the largest packages"),
            Example("imgtar packages app.tar --deleted", "List packages that a later layer upgrades or removes"),
            Example("imgtar packages app.tar --own --by package", "List packages that the base image lacks"),
            Example("imgtar packages app.tar --type python,npm --format csv", "List the packages of two types as CSV"),
            Example("imgtar packages app.tar -o cyclonedx=app.cdx.json", "Write an SBOM for scanners"),
            Example(
                "imgtar packages app.tar --compare-attested", "Fail if its SBOMs name other packages than its files"
            ),
        ),
        report_types=(PACKAGES,),
    )
)
@options.images_argument
@options.format_options(PACKAGES)
@options.view_options
@click.option("--all-layers", is_flag=True, help="Show layers that change no package, too.")
@click.option("--deleted", is_flag=True, help="List packages that a later layer upgrades or removes.")
@click.option("--unowned", is_flag=True, help="The same as --by directory.")
@click.option(
    "--by",
    type=click.Choice(["layer", "package", "type", "directory"]),
    help="What each row of the text is about; directory: the files that no package owns.  [default: layer]",
)
@click.option(
    "--type",
    "types",
    metavar="T",
    help="Only these types, with commas between: deb, apk, rpm, python, npm, java, go, rust.",
)
@click.option(
    "--compare-attested",
    is_flag=True,
    help="Compare with what SBOMs in the archive and in the image claim; exit 1 where they differ.",
)
@options.base_options
@options.text_options
@options.choice_options
@options.reading_options
@options.common_options
def command(
    images: tuple[str, ...],
    layer: int | None,
    upto: int | None,
    all_layers: bool,
    deleted: bool,
    unowned: bool,
    by: Grouping | None,
    types: str | None,
    compare_attested: bool,
    **given: Any,
) -> int:
    """Show which layer installed, upgraded or removed which package, and how many bytes its files take.

    Every byte that a layer stores belongs to one package or to none. A database that a later layer deletes is read in
    the layer that has it. With --own only what lies above the base image is listed. With --compare-attested the
    packages are compared with those that SBOMs name: attestations and referrers of the image in the archive, and SBOM
    files in the image. IMAGE may also be a root filesystem: what docker export or podman export wrote, a bare tar or a
    directory; rootfs: before its path says so.
    """
    from functools import partial

    from imgtar.answers.packages import Asked, inventory_work
    from imgtar.answers.view import View
    from imgtar.cli.request import Request
    from imgtar.cli.run_each import run_each

    wanted = _types(types)
    rows = _rows(by, all_layers=all_layers, deleted=deleted, unowned=unowned, compares=compare_attested)
    if compare_attested and (layer is not None or upto is not None or given["own"]):
        raise click.UsageError("--compare-attested is about the whole image: leave out --layer, --upto and --own")
    view = View(layer=layer, upto=upto)
    asked = Asked(
        view=view,
        types=wanted,
        by=rows,
        all_layers=all_layers,
        deleted=deleted,
        own=given["own"],
        compares=compare_attested,
    )
    request = Request(report_type=PACKAGES, package_types=wanted, sbom_files=compare_attested, **given)
    work = partial(inventory_work, asked=asked, limits=request.reading_limits())
    return run_each(request, images, needs=view.needs, work=work, outcome=_outcome, asked=asked)


def _rows(by: Grouping | None, *, all_layers: bool, deleted: bool, unowned: bool, compares: bool) -> Grouping:
    """What each row is about. Raises click.UsageError for options that ask for different rows."""
    asked: dict[str, Grouping] = {}
    if all_layers:
        asked["--all-layers"] = "layer"
    if deleted:
        asked["--deleted"] = "package"
    if unowned:
        asked["--unowned"] = "directory"
    if by is not None:
        asked[f"--by {by}"] = by
    if len(set(asked.values())) + compares > 1:
        given = [*asked, "--compare-attested"] if compares else [*asked]
        raise click.UsageError(f"{' and '.join(given)} cannot be used together: each lists other rows; give one")
    return next(iter(asked.values()), "layer")


def _types(stated: str | None) -> tuple[str, ...]:
    """The types of `--type`, all without it. Raises click.UsageError for an unknown one."""
    from imgtar.cli.near import did_you_mean
    from imgtar.packages.inventories import TYPES

    wanted = TYPES if stated is None else tuple(dict.fromkeys(stated.replace(" ", "").split(",")))
    for name in wanted:
        if name not in TYPES:
            what = f"--type {name}: not a type of packages; types are {', '.join(TYPES)}"
            raise click.UsageError(f"{what}{did_you_mean(name, TYPES)}")
    return wanted


def _outcome(content: PackagesContent) -> Outcome:
    from msgspec import UNSET

    from imgtar.cli.run_command import Outcome
    from imgtar.report.words.claims import verdict_words

    attested = content.document.attested
    if attested is UNSET or attested.equal:
        return Outcome()
    return Outcome(passed=False, reason=verdict_words(attested))
