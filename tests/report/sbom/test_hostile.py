"""Names from a hostile image in an SBOM: valid documents, printable text, the same bytes each time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.answers.inventories import content_asked
from tests.builders import docker_save, file, image_config, layer
from tests.paths import ROOT
from tests.report.rendering import HOSTILE_NAMES
from tests.report.sbom.boms import LAYERS, bom, text_of, valid

FORMS = ("cyclonedx", "spdx")
HOSTILE = [name if isinstance(name, str) else name.decode("utf-8", "backslashreplace") for name in HOSTILE_NAMES]


def _strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    values = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for one in values for text in _strings(one)]


def _npm(names: list[str], **more: str) -> bytes:
    """A layer with a package of npm for each name, which is its version and its license, too."""
    files = []
    for number, name in enumerate(names):
        manifest = json.dumps({"name": name, "version": name, "license": name} | more)
        files.append(file(f"{number}/node_modules/n{number}/package.json", manifest.encode()))
    return layer(*files)


@pytest.mark.parametrize("form", FORMS)
def test_hostile_names_stay_text(form: str, tmp_path: Path) -> None:
    names = [*HOSTILE, "\udc80\ud800", "##[error]x", "::error::x", "a#2"]
    layers = [_npm(names), layer(file(b"x\xff\x1b/node_modules/m/package.json", b'{"name":"m","version":"1"}'))]
    steps = [{"created_by": "RUN echo \x1b[31m \ud800 \n second ##[error]"}, {"created_by": "\u202e"}]
    config = image_config(layers, history=steps, execution={"Labels": {"org.opencontainers.image.base.name": "\x1b"}})
    document = bom(docker_save(layers, config=config, names=["a\x1b[0m:1"]), tmp_path, form)
    found = _strings(document)
    assert all(text.isprintable() for text in found)
    packages = document["components" if form == "cyclonedx" else "packages"]
    assert len(packages) > len(names)
    assert not any("##[" in text or text.startswith("::") for text in found)


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=40)
@given(names=st.lists(st.text(min_size=1, max_size=12), max_size=5))
def test_any_names_make_a_valid_document(form: str, names: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("bom")
    content = content_asked([_npm(names)], folder)
    text = text_of(content, form)
    assert text == text_of(content, form)
    valid(text, form)


def test_bytes_do_not_depend_on_the_process(tmp_path: Path) -> None:
    path = tmp_path / "image.tar"
    path.write_bytes(docker_save(LAYERS))
    for form in FORMS:
        texts = set()
        for seed, zone in (("0", "UTC"), ("1", "Asia/Tokyo"), ("2", "America/New_York")):
            environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed, "TZ": zone}
            line = [sys.executable, "-m", "imgtar", "packages", "--deleted", "--format", form, str(path)]
            texts.add(subprocess.run(line, env=environment, capture_output=True, check=True).stdout)
        assert len(texts) == 1


@pytest.mark.parametrize("form", FORMS)
def test_a_damaged_archive_has_an_incomplete_document(form: str, tmp_path: Path) -> None:
    whole = docker_save(LAYERS, manifest_first=True)
    for size in (len(whole) // 2, len(whole) - 3000):
        text = json.dumps(bom(whole[:size], tmp_path, form))
        assert "incomplete" in text


@pytest.mark.parametrize("form", FORMS)
def test_the_size_grows_with_the_packages(form: str, tmp_path: Path) -> None:
    sizes = [len(text_of(content_asked([_npm(["x"] * count)], tmp_path), form)) for count in (50, 100, 200)]
    assert 1.9 < (sizes[2] - sizes[1]) / (sizes[1] - sizes[0]) < 2.1
