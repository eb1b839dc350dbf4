"""What `report` says: the same as the commands whose parts it has, from one reading of each layer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from imgtar.analysis.inventory.inventory import Inventory, inventory_of
from imgtar.analysis.stacked_image import StackedImage
from imgtar.answers.audit import AuditSettings
from imgtar.answers.filters import Filter
from imgtar.answers.opening import open_session
from imgtar.answers.options import EVERYTHING, InspectOptions
from imgtar.answers.report import report_content, report_work
from imgtar.cli.main import run
from imgtar.contract.content import ReportContent
from imgtar.findings import Ignores
from imgtar.limits import DEFAULT, Limits, Meter
from imgtar.packages.inventories import TYPES
from imgtar.policy.policy import Policy
from tests.answers.inventories import dpkg, listed
from tests.builders import (
    docker_members,
    docker_save,
    document,
    file,
    hardlink,
    image_config,
    layer,
    members_tar,
    oci_archive,
    whiteout,
)
from tests.paths import FIXTURES

TOKEN = "ghp_" + "Zx9Kq2Lm4Np6Rs8Tu0Vw1Ay3Bc5De7Fg9Hi1"
EQUAL = [layer(*(file(f"d/{number}", bytes([number]) * 5000) for number in range(40)), hardlink("link", "d/3"))] * 2
LAYERS = [
    layer(
        dpkg("one=1", "two=2"),
        listed("one", "usr/bin/one"),
        file("usr/bin/one", b"one" * 3000),
        file("opt/large", b"waste" * 2000),
    ),
    layer(whiteout("opt/large"), file("srv/app.env", b"password=Tr0ub4dor&3-xyz")),
]
Asked = Any


@pytest.fixture
def asked(capfdbinary: pytest.CaptureFixture[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Runs `imgtar COMMAND image.tar … --format json` in a folder of its own; the exit code and what it printed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795564800")

    def ask(command: str, archive: bytes | Path, *options: str, form: str = "json") -> tuple[int, Any]:
        (tmp_path / "image.tar").write_bytes(archive if isinstance(archive, bytes) else archive.read_bytes())
        code = run([command, "image.tar", "--format", form, *options])
        out = capfdbinary.readouterr().out
        return code, json.loads(out) if form == "json" else out.decode()

    return ask


def content_of(archive: bytes, folder: Path) -> ReportContent:
    """The content of the report, made as the command makes it."""
    path = folder / "image.tar"
    path.write_bytes(archive)
    options = InspectOptions(verify=True, audit=True, one_pass=True, redacts=True, package_types=TYPES)
    found = open_session(str(path), options)
    found.read(EVERYTHING)
    worked = report_work(found, DEFAULT)
    filtered = Filter().apply(found.findings)
    settings = AuditSettings(judged_on=date(2026, 11, 25))
    return report_content(found, filtered, settings, Policy(), **worked)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["mysql.tar", "d26-duplayers.tar", "p5-multi.tar"])
def test_its_parts_are_those_of_the_other_commands(name: str, asked: Asked) -> None:
    (_, report), (_, inspected) = asked("report", FIXTURES / name), asked("inspect", FIXTURES / name, "--verify")
    (_, verified), (_, audited) = asked("verify", FIXTURES / name), asked("audit", FIXTURES / name, "--verify")
    assert [report[key] for key in ("source", "complete", "integrity")] == [
        verified[key] for key in ("source", "complete", "integrity")
    ]
    assert report["findings"] == audited["findings"]
    assert report["audit"]["judged_on"] == audited["judged_on"]
    assert sum(kind["bytes"] for kind in report["bytes"]) == sum(span["length"] for span in verified["ranges"])
    for image, other in zip(report["images"], inspected["images"], strict=True):
        for key in ("names", "id", "manifest_digest", "platform", "base", "totals", "dive", "waste_groups", "advice"):
            assert image[key] == other[key], key
        assert image["largest_waste"] == other["waste"][:10]
        for row, whole in zip(image["layers"], other["layers"], strict=True):
            assert "changes" not in row
            assert (row["digest"], row["content_size"]) == (whole["digest"], whole["content_size"])


def test_packages_are_those_of_packages(asked: Asked) -> None:
    archive = docker_save(LAYERS)
    (_, report), (_, packages) = asked("report", archive), asked("packages", archive)
    [image] = report["images"]
    assert image["packages"]["totals"] == packages["totals"]
    assert image["packages"]["coverage"] == packages["coverage"]
    assert image["packages"]["layers"] == packages["layers"]
    assert [row["name"] for row in image["packages"]["largest"]] == ["one", "two"]


def test_a_limit_that_two_parts_meet_is_told_once(asked: Asked) -> None:
    code, report = asked("report", docker_save(LAYERS), "--limit", "package-list-bytes=10")
    assert code == 5
    assert [row["where"]["layer"] for row in report["findings"] if row["code"] == "limit.package-list-bytes"] == [0]


@pytest.mark.parametrize("form", ["html", "markdown"])
def test_what_is_not_known_of_packages_is_said(form: str, asked: Asked) -> None:
    text = asked("report", FIXTURES / "packages/dpkg-layers.tar.gz", form=form)[1]
    assert "deb: its database is deleted (/var/lib/dpkg/status)" in text
    assert "2 packages (deb) of Fixture Linux 1 own " in text.replace("\\", "")


@pytest.mark.parametrize("compression", ["none", "gzip", "zstd"])
def test_each_layer_is_read_once(compression: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    meters: list[Meter] = []

    def meter_of(limits: Limits, ignores: Ignores | None) -> Meter:
        meters.append(Meter(limits, ignores))
        return meters[-1]

    monkeypatch.setattr("imgtar.answers.opening.Meter", meter_of)
    other = layer(*(file(f"d/{number}", bytes([number | 1]) * 5000) for number in range(40)), hardlink("g", "d/3"))
    layers = [EQUAL[0], other, *LAYERS]
    archive = oci_archive(layers, compression=compression)
    assert content_of(archive, tmp_path).document.integrity == "verified"
    [meter] = meters
    assert meter.decompressed == (0 if compression == "none" else sum(map(len, layers)))
    assert meter.bytes_read < len(archive) + 6000  # documents and headers may lie in two windows


def test_images_with_the_same_layers_have_their_packages_read_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[StackedImage] = []

    def counting(stacked: StackedImage, types: Sequence[str], limits: Limits) -> Inventory:
        counted.append(stacked)
        return inventory_of(stacked, types, limits)

    monkeypatch.setattr("imgtar.answers.report.inventory_of", counting)
    content = content_of(images(5), tmp_path)
    assert len(content.document.images) == 5
    assert len(counted) == 1
    assert [image.packages.totals.packages for image in content.document.images] == [2] * 5


def images(count: int) -> bytes:
    """Images with the same layers and different configurations."""
    members = [(f"{number}/layer.tar", content) for number, content in enumerate(LAYERS)]
    entries = []
    for number in range(count):
        config = document(image_config(LAYERS, author=f"author {number}"))
        members.append((f"{number}.json", config))
        names = [name for name, _ in members[: len(LAYERS)]]
        entries.append({"Config": f"{number}.json", "RepoTags": [f"app:{number}"], "Layers": names})
    return members_tar([*members, ("manifest.json", document(entries))])


@pytest.mark.parametrize("form", ["html", "markdown"])
def test_every_image_has_its_section(form: str, asked: Asked) -> None:
    code, text = asked("report", images(3), form=form)
    assert code == 0
    for number in range(3):
        assert f"app:{number}" in text
    assert text.count("2 layers: 2 ok") >= 3


def test_without_gates_it_says_so(asked: Asked) -> None:
    code, report = asked("report", docker_save(LAYERS))
    assert (code, report["gates"], report["config"]) == (0, None, None)
    assert "o gates are configured" in asked("report", docker_save(LAYERS), form="html")[1]


GATES = '[check]\nmax-layers = 1\nrequire-path = ["usr/bin/one"]\n'


@pytest.mark.parametrize("form", ["html", "markdown", "json"])
def test_gates_are_those_of_check(form: str, asked: Asked, tmp_path: Path) -> None:
    (tmp_path / "imgtar.toml").write_text(GATES)
    code, printed = asked("report", docker_save(LAYERS), form=form)
    assert code == 1
    if form == "json":
        checked = asked("check", docker_save(LAYERS))[1]
        assert printed["config"] == checked["config"] == "imgtar.toml"
        assert printed["gates"]["rules"] == checked["rules"]
        assert printed["gates"]["images"] == checked["images"]
    else:
        assert "1 of 2 gates failed" in printed
        assert "max-layers" in printed
        assert "require-path" in printed


def test_gates_that_pass_and_findings_that_are_too_severe(asked: Asked, tmp_path: Path) -> None:
    (tmp_path / "imgtar.toml").write_text("[check]\nmax-layers = 9\n")
    assert asked("report", docker_save(LAYERS))[0] == 0
    assert asked("report", docker_save(LAYERS), "--fail-on", "high")[0] == 1
    assert asked("report", docker_save(LAYERS), "--fail-on", "critical")[0] == 0


def test_a_gate_without_what_it_compares_with_is_wrong_usage(asked: Asked, tmp_path: Path) -> None:
    (tmp_path / "imgtar.toml").write_text('[check]\nmax-growth = "5%"\n')
    assert asked("report", docker_save(LAYERS), form="html") == (2, "")


def test_damage_ranks_above_a_gate(asked: Asked, tmp_path: Path) -> None:
    (tmp_path / "imgtar.toml").write_text(GATES)
    members = [(name, content) for name, content in docker_members(LAYERS) if content != LAYERS[1]]
    code, report = asked("report", members_tar(members))
    assert code == 4
    assert [row["state"] for row in report["images"][0]["verification"]["layers"]] == ["ok", "absent"]
    assert report["gates"]["passed"] is False


@pytest.mark.parametrize("form", ["html", "markdown", "json"])
def test_no_part_quotes_a_secret(form: str, asked: Asked) -> None:
    config = image_config(
        LAYERS,
        author=TOKEN,
        history=[{"created_by": f"RUN fetch --token {TOKEN}"}, {"created_by": f"COPY {TOKEN} /srv"}],
    )
    status = f"Package: {TOKEN}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {TOKEN}\n\n".encode()
    layers = [
        layer(
            file("var/lib/dpkg/status", status),
            file("etc/os-release", f'ID=x\nPRETTY_NAME="{TOKEN}"\n'.encode()),
            *(file(f"opt/{TOKEN}/{number}", b"waste" * 2000) for number in range(5)),
        ),
        layer(whiteout(f"opt/{TOKEN}")),
    ]
    config["rootfs"] = image_config(layers)["rootfs"]
    code, text = asked("report", docker_save(layers, config=config, names=[f"app:{TOKEN}"]), form=form)
    assert code == 0
    assert TOKEN not in json.dumps(text)
    assert "ghp_" in json.dumps(text)
