"""The text of `packages --compare-attested`, its exit codes, and what else it may be asked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from imgtar.cli.main import run
from tests.answers.attesting import attested_layout, json_file, spdx
from tests.answers.inventories import dpkg
from tests.builders import docker_save, file, layer, oci_archive
from tests.cli.command import imgtar, one_line

LAYERS = [layer(dpkg("a=1", "b=2", "c=3"))]
SAME = ("pkg:deb/debian/a@1", "pkg:deb/debian/b@2", "pkg:deb/debian/c@3")
OTHER = ("pkg:deb/debian/a@1", "pkg:deb/debian/b@1", "pkg:deb/debian/gone@1", "pkg:github/x/y@1")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    return tmp_path


def test_equal(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "app.tar").write_bytes(attested_layout(LAYERS, spdx(*SAME)).tar())
    assert run(["packages", "app.tar", "--compare-attested"]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first == "the SBOM names the packages that the files name: 3 in the same versions"
    kind, _, *form = second.split()
    assert (kind, form) == ("attestation", ["SPDX,", "3", "packages"])


def test_different(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    inner = file("var/lib/db/sbom/x.spdx.json", json_file(spdx(*OTHER)))
    (folder / "app.tar").write_bytes(docker_save([*LAYERS, layer(inner)]))
    assert run(["packages", "app.tar", "--compare-attested"]) == 1
    told = capsys.readouterr()
    verdict = (
        "the SBOM names other packages than the files: 1 not in the files, 1 not in the SBOM, 1 in another version"
    )
    assert f"{verdict}; 1 the same" in told.err
    assert told.out.splitlines() == [
        "the SBOM names other packages than the files: 1 not in the files, 1 not in the",
        "SBOM, 1 in another version; 1 the same",
        "  file /var/lib/db/sbom/x.spdx.json: SPDX, 4 packages",
        "not compared: 1 github",
        "",
        "claimed, and not in the files: 1",
        "  TYPE  NAME  CLAIMED",
        "  deb   gone  1",
        "",
        "in the files, and not claimed: 1",
        "  TYPE  NAME  FOUND",
        "  deb   c     3",
        "",
        "another version: 1",
        "  TYPE  NAME  CLAIMED  FOUND",
        "  deb   b     1        2",
    ]


def test_top_shortens_each_list(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    inner = [file(f"var/lib/db/sbom/{number}.spdx.json", json_file(spdx())) for number in range(3)]
    (folder / "app.tar").write_bytes(docker_save([*LAYERS, layer(*inner)]))
    assert run(["packages", "app.tar", "--compare-attested", "--top", "1"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert sum("2 more (--top 0 shows all)" in line for line in lines) == 2


def test_each_format_that_has_the_comparison(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "app.tar").write_bytes(attested_layout(LAYERS, spdx(*OTHER)).tar())
    assert run(["packages", "app.tar", "--compare-attested", "--format", "json"]) == 1
    attested = json.loads(capsys.readouterr().out)["attested"]
    assert (attested["equal"], len(attested["differences"])) == (False, 3)
    assert run(["packages", "app.tar", "--compare-attested", "--format", "jsonl"]) == 1
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["name"] for row in records if row["record"] == "claim"] == ["b", "c", "gone"]
    assert [row["state"] for row in records if row["record"] == "sbom"] == ["read"]
    assert [row["type"] for row in records if row["record"] == "uncompared"] == ["github"]
    assert (records[-1]["equal"], records[-1]["counts"]["same"]) == (False, 1)
    assert run(["packages", "app.tar", "--format", "json"]) == 0
    assert "attested" not in json.loads(capsys.readouterr().out)


def test_of_several_archives_the_last_lines_say_which_differ(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "a.tar").write_bytes(attested_layout(LAYERS, spdx(*SAME)).tar())
    (folder / "b.tar").write_bytes(attested_layout(LAYERS, spdx(*OTHER)).tar())
    assert run(["packages", "a.tar", "b.tar", "--compare-attested"]) == 1
    first, second = capsys.readouterr().out.splitlines()[-2:]
    assert "a.tar" in first
    assert "the SBOM names the packages that the files name" in first
    assert "failed" in second
    assert "the SBOM names other packages than the files" in second


@pytest.mark.parametrize("choice", [["--layer", "0"], ["--upto", "0"], ["--own"]])
def test_it_is_about_the_whole_image(choice: list[str], folder: Path) -> None:
    (folder / "app.tar").write_bytes(attested_layout(LAYERS, spdx(*SAME)).tar())
    told = imgtar("packages", "app.tar", "--compare-attested", *choice, cwd=folder)
    assert told.returncode == 2
    assert "--compare-attested is about the whole image" in one_line(told)


def test_without_an_sbom_the_exit_code_is_3(folder: Path) -> None:
    (folder / "app.tar").write_bytes(docker_save(LAYERS))
    told = imgtar("packages", "app.tar", "--compare-attested", cwd=folder)
    assert (told.returncode, told.stdout) == (3, b"")
    assert "there is no SBOM to compare with: none is attached to the image" in one_line(told)


@pytest.mark.parametrize("more", [(), ("--statement",)])
def test_what_imgtar_wrote_and_attached_is_equal(more: tuple[str, ...], folder: Path) -> None:
    """Both formats, as referrers and as statements, also where the archive comes through a pipe."""
    (folder / "app.tar").write_bytes(oci_archive(LAYERS))
    assert imgtar("packages", "app.tar", "-o", "a.cdx.json", "-o", "a.spdx.json", cwd=folder).returncode == 0
    line = ("attach", "app.tar", "a.cdx.json", "a.spdx.json", *more, "--output", "copy.tar")
    assert imgtar(*line, cwd=folder).returncode == 0
    told = imgtar("packages", "-", "--compare-attested", "--format", "json", stdin=(folder / "copy.tar").read_bytes())
    assert told.returncode == 0, told.stderr
    attested = json.loads(told.stdout)["attested"]
    assert [(row["format"], row["state"]) for row in attested["sboms"]] == [("cyclonedx", "read"), ("spdx", "read")]
    assert attested["counts"]["same"] == 3


def test_hostile_names_stay_text(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = "\x1b[31m\u202e::error::\r\n<b>|=1+1"
    encoded = "%1B[31m%E2%80%AE%0A::error::x"
    inner = [
        file(
            "var/lib/db/sbom/a.spdx.json", json_file(spdx(f"pkg:deb/x/{encoded}@1", f"pkg:{name}/a@1", **{name: "1"}))
        ),
        file("var/lib/db/sbom/\x1b[2J.spdx.json", json_file(spdx())),
    ]
    (folder / "app.tar").write_bytes(docker_save([*LAYERS, layer(*inner)]))
    for form in ("table", "jsonl", "json"):
        assert run(["packages", "app.tar", "--compare-attested", "--format", form, "--top", "0"]) == 1
        told = capsys.readouterr()
        for text in (told.out, told.err):
            assert "\x1b" not in text
            assert "\u202e" not in text or form != "table"  # JSON keeps every character that is no control
            assert "\n::error" not in text
