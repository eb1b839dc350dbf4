"""A session reads what a question needs and no more, and several live at once."""

from __future__ import annotations

import itertools
from pathlib import Path

import msgspec
import pytest

import imgtar
from imgtar.answers.ls import Listing, ls_content
from imgtar.answers.options import CATALOG, EVERYTHING, Needs
from imgtar.answers.view import View
from imgtar.cli.command import ReportType
from imgtar.contract.content import TextSettings
from imgtar.errors import InputError, UsageError
from tests.answers.asking import all_findings, opened
from tests.builders import docker_members, docker_oci, docker_save, file, members_tar, oci_archive, tar, whiteout
from tests.image.test_image import docker25
from tests.paths import FIXTURES
from tests.runs import REPORTS

LAYERS = [
    tar(file("a", b"first" * 900), file("b", b"x" * 700)),
    tar(file("a", b"other" * 900), file("c", b"y" * 800)),
    tar(whiteout("b"), file("a", b"other" * 900, mode=0o600)),
    tar(file("d", b"z" * 9_000)),
]


@pytest.fixture(params=["docker", "docker+oci", "oci-gzip", "oci-zstd"])
def image(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "image.tar"
    form, _, compression = request.param.partition("-")
    builds = {"docker": docker_save, "docker+oci": docker_oci}
    path.write_bytes(builds[form](LAYERS) if form in builds else oci_archive(LAYERS, compression=compression))
    return path


@pytest.mark.parametrize(
    "report", [report for report in REPORTS.values() if report.reads == "catalog"], ids=lambda report: report.name
)
def test_the_catalog_reads_no_layer(report: ReportType, image: Path) -> None:
    session, meter = opened(image)
    session.read(CATALOG)
    content = report.content_function()(session, all_findings(session))
    for form in report.renderers:
        assert list(report.renderer(form)(content, TextSettings()))
    assert len(session.outlines[0].layers) == 4
    assert session.envelope.complete
    assert (meter.entries, meter.decompressed) == (0, 0)


@pytest.mark.parametrize("top", range(4))
def test_a_layer_reads_those_below_it_and_none_above(image: Path, top: int) -> None:
    session, meter = opened(image)
    session.read(Needs(top=top))
    rows = list(session.layer_files(0, top))
    assert meter.entries == sum(layer.scan.entry_count for layer in imgtar.open_image(str(image)).layers[: top + 1])
    assert rows == list(imgtar.inspect(str(image)).layer_files(0, top))


def test_more_layers_make_no_change_out_of_what_was_not_hashed(image: Path) -> None:
    """The largest compressed layer is hashed for those below it alone, until more are asked for."""
    session, _ = opened(image)
    for top in (0, 1, 2, None):
        session.read(Needs(top=top))
    whole = imgtar.inspect(str(image)).session
    assert msgspec.json.encode(session.document) == msgspec.json.encode(whole.document)
    for layer in range(4):
        assert list(session.changes(0, layer)) == list(whole.changes(0, layer))


def test_verifying_reads_the_layers_for_every_question(image: Path) -> None:
    session, meter = opened(image, verify=True)
    session.read(CATALOG)
    assert session.envelope.integrity == "verified"
    assert session.outlines[0].layers
    assert meter.entries == 7


def test_lists_that_disagree_are_decided_by_reading(tmp_path: Path) -> None:
    path = tmp_path / "image.tar"
    path.write_bytes(docker25(lambda layers: layers[::-1]))
    session, meter = opened(path)
    session.read(CATALOG)
    assert [layer.diff_id for layer in session.outlines[0].layers] == [
        layer.digest for layer in session.outlines[0].layers
    ]
    assert meter.entries > 0
    assert {finding.code for finding in session.findings} == {"image.forms-disagree"}


def test_damage_in_a_layer_is_found_by_who_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "image.tar"
    broken = LAYERS[1][:512] + b"\xff" * 512 + LAYERS[1][1024:]
    members = docker_members([LAYERS[0], broken[:-2048]])
    path.write_bytes(members_tar(members))
    session, _ = opened(path)
    session.read(CATALOG)
    catalog = session.findings
    session.read(Needs(top=0))
    assert session.findings == catalog == ()
    session.read(EVERYTHING)
    assert {finding.where.layer for finding in session.findings} == {1}
    assert not session.envelope.complete


@pytest.mark.parametrize(
    "listing", [Listing(), Listing(view=View(layer=0)), Listing(view=View(upto=0)), Listing(all_layers=True)]
)
def test_ls_wants_one_image_before_it_reads_a_layer(listing: Listing) -> None:
    session, meter = opened(FIXTURES / "p5-multi.tar")
    with pytest.raises(UsageError, match="@1"):
        ls_content(session, all_findings(session), listing)
    assert meter.entries == 0


@pytest.mark.parametrize("view", [View(layer=4), View(upto=4)])
def test_ls_of_a_layer_that_is_not_there(image: Path, view: View) -> None:
    session, meter = opened(image)
    with pytest.raises(InputError, match="no layer 4"):
        ls_content(session, all_findings(session), Listing(view=view))
    assert meter.entries == 0


def test_sessions_live_side_by_side() -> None:
    names = ["mysql.tar", "d26-duplayers.tar", "ctr5-export-platform.tar"]
    alone = [msgspec.json.encode(imgtar.inspect(str(FIXTURES / name)).document) for name in names]
    sessions = [imgtar.open_session(str(FIXTURES / name)) for name in names]
    lists = [session.layer_files(0, 0) for session in sessions]
    assert all(itertools.chain(*itertools.zip_longest(*lists, fillvalue=True)))
    assert [msgspec.json.encode(session.document) for session in sessions] == alone
