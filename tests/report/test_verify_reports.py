"""What `verify` says in text, Markdown and HTML: each layer's state and digests, and every byte."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

from imgtar.cli.main import run
from tests.builders import digest, docker_members, docker_save, file, layer, members_tar

FORMS = ["table", "markdown", "html"]
GOOD, BAD = layer(file("good", b"good")), layer(file("bad", b"bad"))


def report(form: str, archive: bytes | Path, folder: Path, capture: pytest.CaptureFixture[str], *options: str) -> str:
    """The report as plain words: tags, code spans and emphasis taken away."""
    path = archive
    if isinstance(archive, bytes):
        path = folder / "image.tar"
        path.write_bytes(archive)
    run(["verify", str(path), "--format", form, *options])
    text = capture.readouterr().out
    if form == "html":
        text = unescape(re.sub(r"<[^>]*>", " ", text.partition("<main")[2].replace("</tr>", "\n")))
    return re.sub(r"[ |*`]+", " ", text)


def two_images() -> bytes:
    """Two images share a layer whose stated diffID is wrong."""
    from tests import builders

    config = builders.image_config([GOOD, BAD])
    config["rootfs"]["diff_ids"][1] = f"sha256:{'0' * 64}"
    first = builders.document(config)
    second = builders.document({**config, "author": "other"})
    names = [f"{digest(content)[7:]}/layer.tar" for content in (GOOD, BAD)]
    configs = [f"{digest(text)[7:]}.json" for text in (first, second)]
    manifest = [
        {"Config": name, "RepoTags": [f"app:{number}"], "Layers": names} for number, name in enumerate(configs, 1)
    ]
    return members_tar(
        [
            *zip(names, (GOOD, BAD), strict=True),
            *zip(configs, (first, second), strict=True),
            ("manifest.json", builders.document(manifest)),
        ]
    )


@pytest.mark.parametrize("form", FORMS)
def test_layers_and_bytes_are_there(form: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    archive = docker_save([GOOD, BAD])
    text = report(form, archive, tmp_path, capfd)
    assert re.search(rf"{re.escape(digest(GOOD))}", text)
    assert re.search(rf"1 ok (diffID )?{re.escape(digest(BAD))}", text)
    assert f"{len(archive):,} ({len(archive) / 1000:.3g} kB): every byte is accounted for" in text
    assert re.search(r"\d 2 layers", text)
    assert "Waste" not in text


@pytest.mark.parametrize("options", [[], ["--min-severity", "critical"], ["--ignore", "image.diffid-mismatch"]])
@pytest.mark.parametrize("form", FORMS)
def test_a_wrong_layer_is_wrong_in_every_image_whatever_is_shown(
    form: str, options: list[str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    text = report(form, two_images(), tmp_path, capfd, *options)
    assert len(re.findall(rf"1 WRONG\s+(diffID\s+)?(stated )?sha256:{'0' * 64}", text)) == 2
    assert len(re.findall(rf"0 ok (diffID )?{re.escape(digest(GOOD))}", text)) == 2


@pytest.mark.parametrize("form", FORMS)
def test_an_absent_layer_is_absent(form: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    members = [member for member in docker_members([GOOD, BAD]) if member[1] != BAD]
    text = report(form, members_tar(members), tmp_path, capfd)
    assert re.search(rf"1 absent (diffID )?{re.escape(digest(BAD))}", text)


@pytest.mark.parametrize("form", FORMS)
def test_a_directory_has_no_bytes_to_count(form: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    from tests.builders import oci_layout, write_directory

    text = report(form, write_directory(oci_layout([GOOD]).members(), tmp_path / "layout"), tmp_path, capfd)
    assert "not counted: the input is a directory" in text.lower()


@pytest.mark.parametrize("form", FORMS)
def test_a_digest_that_differs_is_there_as_stated_and_as_computed(
    form: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    text = report(form, two_images(), tmp_path, capfd)
    found = re.findall(rf"(?:stated )?sha256:{'0' * 64}\W+found\s+{re.escape(digest(BAD))}", text)
    assert len(found) == 2


@pytest.mark.parametrize("form", FORMS)
def test_a_config_that_is_another_one_than_its_name_says_is_wrong(
    form: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    text = report(form, docker_save([GOOD], config_name=f"{'0' * 64}.json"), tmp_path, capfd)
    assert re.search(rf"config\s+WRONG\s+(stated\s+)?sha256:{'0' * 64}\W+found\s+sha256:", text)
    assert "manifest WRONG" not in text


@pytest.mark.parametrize("form", FORMS)
def test_bytes_that_were_not_read_stand_first(form: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    archive = docker_save([GOOD])
    text = " ".join(report(form, archive[:-1024] + bytes([1]) * 512 + bytes(512), tmp_path, capfd).split())
    assert re.search(r": [\d,]+ bytes not read; all others are accounted for", text)
    assert "every byte is accounted for" not in text


@pytest.mark.parametrize("form", ["markdown", "html"])
def test_every_range_is_there_and_what_is_outside_of_the_members_twice(
    form: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    archive = docker_save([GOOD]) + b"behind the end"
    text = report(form, archive, tmp_path, capfd)
    assert "every byte is accounted for; 14 bytes of trailing data" in text
    assert len(re.findall(rf"{len(archive) - 14:,}\s+14\s+trailing data", text)) == 2
    every = text.rpartition("Every byte")[2].partition("Findings")[0]
    ranges = re.findall(r"(?m)^\s*(\d[\d,]*)\s+(\d[\d,]*)\s+[a-z]", every)
    at = 0
    for offset, length in ranges:
        assert int(offset.replace(",", "")) == at
        at += int(length.replace(",", ""))
    assert at == len(archive)


@pytest.mark.parametrize("form", ["markdown", "html"])
def test_of_many_ranges_the_first_are_listed(form: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    members = [*docker_members([GOOD]), *((f"more/{number:05}", b"x") for number in range(1500))]
    text = report(form, members_tar(members), tmp_path, capfd)
    assert re.search(r"… [\d,]+ more.*imgtar verify --format json has all of them", text)
    assert len(text) < 400_000
