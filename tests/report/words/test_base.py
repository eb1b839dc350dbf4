"""The line of the base image, and the one row that its layers become where the base is certain."""

from __future__ import annotations

from pathlib import Path

import pytest

import imgtar
from imgtar.report.words.base import base_facts, base_name, folded_layers, own_words
from tests.analysis.base.archives import BASE_DIGEST, BASE_NAME, COPIED, DIGEST, LAYERS, attested, provenance, purl
from tests.builders import docker_save, image_config, oci_archive
from tests.cli.command import imgtar as run

HISTORY = [{"created_by": "ADD x /"}, {"created_by": "COPY y /y"}, {"created_by": "COPY z /z"}]


def words(folder: Path, archive: bytes, **options: object) -> tuple[str, str, int]:
    path = folder / "image.tar"
    path.write_bytes(archive)
    [image] = imgtar.inspect(path, imgtar.InspectOptions(**options)).document.images  # type: ignore[arg-type]
    assert image.base is not None
    return base_name(image.base), base_facts(image, image.base), folded_layers(image)


def test_the_words_say_how_certain_the_base_is(tmp_path: Path) -> None:
    labels = {"Labels": {BASE_NAME: "debian:12"}}
    assert words(tmp_path, docker_save(LAYERS)) == ("", "1 layer, 1 B (guessed from the history)", 0)
    assert words(tmp_path, docker_save(LAYERS), base=2) == ("", "2 layers, 2 B (given)", 2)
    named = docker_save(LAYERS, config=image_config(LAYERS, execution=labels))
    assert words(tmp_path, named, base=2) == ("debian:12", "2 layers, 2 B (given, named by a label)", 2)
    unknown = oci_archive(LAYERS, execution=labels, history=COPIED)
    assert words(tmp_path, unknown) == ("debian:12", "(stated by a label; its layers are not known)", 0)
    digest = oci_archive(LAYERS, execution={"Labels": {BASE_DIGEST: DIGEST}}, history=COPIED)
    assert words(tmp_path, digest)[0] == DIGEST
    proven = attested(provenance([purl("debian@12")]))
    assert words(tmp_path, proven)[1] == "1 layer, 1 B (guessed from the history, named by the provenance)"


def test_one_layer_is_not_folded(tmp_path: Path) -> None:
    assert words(tmp_path, docker_save(LAYERS), base=1)[2] == 0


def test_without_own_nothing_is_said_of_it(tmp_path: Path) -> None:
    path = tmp_path / "image.tar"
    path.write_bytes(docker_save(LAYERS))
    for options, expected in (
        (imgtar.InspectOptions(), ""),
        (imgtar.InspectOptions(own=True, base=0), "no layer is known to be the base's, so nothing is left out"),
        (
            imgtar.InspectOptions(own=True, base=1),
            "2 layers above the base, 2 B: only their changes, files and waste are listed",
        ),
    ):
        assert own_words(imgtar.inspect(path, options).document.images[0]) == expected


@pytest.mark.parametrize("form", ["table", "markdown", "html"])
def test_a_certain_base_is_one_row(form: str, tmp_path: Path) -> None:
    (tmp_path / "app.tar").write_bytes(docker_save(LAYERS, history=HISTORY))

    def listed(*options: str) -> int:
        printed = run("inspect", "app.tar", "--format", form, *options, cwd=tmp_path).stdout.decode()
        assert "base" in printed.lower()
        return sum(step in printed for step in ("x /", "y /y", "z /z"))

    folds = ("--base", "2")
    assert listed() == 3
    assert listed(*folds) == (3 if form == "html" else 1), "the page keeps the steps, closed"
    assert listed(*folds, "--top", "0") == 3
    if form == "table":
        assert listed(*folds, "--no-trunc") == 3
