"""Sentences that the reports of one image share: waste of what was not read, lines of docker rmi, steps and layers."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

import imgtar
from imgtar.cli.main import run
from tests import builders
from tests.builders import docker_members, docker_save, file, layer, members_tar
from tests.report.rendering import truncated

FORMS = ["table", "markdown", "html"]
LAYERS = [layer(file("a", b"a" * 1000), file("b", b"b" * 1000)), layer(file("a", b"A" * 1000)), layer(file("c", b"c"))]


def words(form: str, archive: bytes, folder: Path, capture: pytest.CaptureFixture[str]) -> str:
    """The report of `inspect` without tags and markup, on one line."""
    (folder / "image.tar").write_bytes(archive)
    run(["inspect", str(folder / "image.tar"), "--format", form])
    text = capture.readouterr().out
    if form == "html":
        text = unescape(re.sub(r"<[^>]*>", " ", text.partition("<main")[2].partition("<script")[0]))
    return re.sub(r"[ |*`\n]+", " ", text)


def without(content: bytes) -> bytes:
    return members_tar([member for member in docker_members(LAYERS) if member[1] != content])


@pytest.mark.parametrize("form", FORMS)
def test_waste_of_layers_that_were_not_read_is_not_known(
    form: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    text = words(form, without(LAYERS[0]), tmp_path, capfd)
    assert re.search(r"not known: 1 of 3 layers was not read completely", text, re.IGNORECASE)
    assert "every stored byte" not in text
    assert "0 B of" not in text


@pytest.mark.parametrize("form", FORMS)
def test_waste_beside_layers_that_were_not_read_is_at_least_so_much(
    form: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    text = words(form, without(LAYERS[2]), tmp_path, capfd)
    assert re.search(r"at least.{0,40}: 1 of 3 layers was not read completely", text, re.IGNORECASE)
    assert "1 kB of 3 kB" in text


@pytest.mark.parametrize("form", FORMS)
def test_a_cut_layer_was_not_read_completely(form: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert "not read completely" in words(form, truncated(), tmp_path, capfd)


@pytest.mark.parametrize("form", FORMS)
def test_waste_of_an_image_that_was_read_is_known(form: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert "not read completely" not in words(form, docker_save(LAYERS), tmp_path, capfd)
    text = words(form, docker_save(LAYERS[:1]), tmp_path, capfd)
    assert form == "markdown" or "every stored byte is in the final filesystem" in text


def test_the_lines_of_docker_rmi_are_counted_by_their_kind(fixtures: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["ids", str(fixtures / "mysql.tar")]) == 0
    text = " ".join(capfd.readouterr().out.split())
    assert 'docker rmi, classic store: 11 "Deleted:" lines after 1 "Untagged:" Untagged: ' in text
    assert 'docker rmi prints one "Untagged:" line for each name and one more "Deleted:" line than there are' in text
    assert run(["inspect", str(fixtures / "mysql.tar"), "--format", "html"]) == 0
    page = unescape(capfd.readouterr().out)
    assert '<code>docker rmi</code> prints 11 "Deleted:" lines after 1 "Untagged:" (classic store)' in page


def test_an_image_without_a_name_is_only_deleted(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "image.tar").write_bytes(docker_save(LAYERS[:1], names=None))
    assert run(["ids", str(tmp_path / "image.tar")]) == 0
    assert 'docker rmi, classic store: 2 "Deleted:" lines\n' in capfd.readouterr().out


def test_a_finding_about_a_step_names_its_layer(tmp_path: Path) -> None:
    steps = ["/bin/sh -c #(nop) ADD file:0 in / ", "LABEL a=b", "RUN sudo make", "MAINTAINER me"]
    history = [{"created_by": step, "empty_layer": step[0] in "LM"} for step in steps]
    config = builders.image_config(LAYERS[:2], history=history)
    (tmp_path / "image.tar").write_bytes(docker_save(LAYERS[:2], config=config))
    session = imgtar.inspect(tmp_path / "image.tar", imgtar.InspectOptions(audit=True)).session
    messages = {row.code: row.message for row in session.finding_rows}
    assert messages["config.sudo"] == "step 2 (layer 1) uses sudo"
    assert messages["config.maintainer"] == "step 3 uses MAINTAINER"


def test_a_path_object_is_a_source(tmp_path: Path) -> None:
    path = tmp_path / "image.tar"
    path.write_bytes(docker_save(LAYERS))
    for session in (imgtar.inspect(path).session, imgtar.open_session(path)):
        assert session.document == imgtar.inspect(str(path)).document
    assert len(imgtar.open_image(path).layers) == 3
