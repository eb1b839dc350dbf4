"""The same image in every form gives the same layers, changes, history and totals."""

from __future__ import annotations

import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import msgspec
import pytest

import imgtar
from tests.paths import FIXTURES, ROOT

STORED = {"digest", "blob_size", "compression", "media_type", "present", "stored"}
SAME = [
    ["mysql.tar", "d20-classic-mysqlish.tar.gz", "d20-classic-mysqlish.tar.zst"],
    ["p5-docker-archive.tar", "p5-oci-archive.tar", "b5-oci-archive-zstd-chunked.tar", ("p5-multi.tar", "@0")],
    ["d20-by-id.tar", "crane-pull-tarball.tar", ("d20-two-images-shared.tar", "@0")],
    ["d26c-mysqlish.tar", "d26c-buildx-oci-zstd.tar"],
    ["d26-buildkit-mysqlish.tar", "d26-multi-tags.tar"],
    ["p5-docker-dir", ("p5-multi.tar", "@1")],
    ["s5-oci", "s5-oci-dotslash.tar.gz"],
    ["d26c-buildx-docker-zstd.tar", "d26c-buildx-oci-dir"],
]


def answers(report: imgtar.Session) -> dict[str, Any]:
    """What must not depend on the form."""
    image = msgspec.to_builtins(report.document.images[0])
    for index, layer in enumerate(image["layers"]):
        layer["changes"] = [msgspec.to_builtins(row) for row in report.changes(0, index)]
        for key in STORED:
            del layer[key]
    del image["totals"]["blob_size"]
    return {key: image[key] for key in ("id", "layers", "history", "totals", "waste", "dive", "config")}


def read(form: str | tuple[str, str]) -> dict[str, Any]:
    name, choice = form if isinstance(form, tuple) else (form, None)
    return answers(imgtar.inspect(str(FIXTURES / name), imgtar.InspectOptions(image=choice)).session)


@pytest.mark.parametrize("forms", SAME, ids=[str(forms[0]) for forms in SAME])
def test_forms_agree(forms: list[str | tuple[str, str]]) -> None:
    first, *others = [read(form) for form in forms]
    for other in others:
        assert other == first


@pytest.mark.parametrize("name", ["mysql.tar", "d26c-mysqlish.tar", "d20-duplayers.tar"])
def test_unpacked_directory_agrees(name: str, tmp_path: Path) -> None:
    with tarfile.open(FIXTURES / name) as archive:
        archive.extractall(tmp_path, filter="fully_trusted")
    assert answers(imgtar.inspect(str(tmp_path)).session) == read(name)


@pytest.mark.parametrize("name", ["mysql.tar", "d26c-mysqlish.tar", "p5-multi.tar", "d20-duplayers.tar"])
def test_pipe_agrees(name: str) -> None:
    script = (
        "import msgspec, sys, imgtar; from tests.truth.test_forms import answers; "
        "sys.stdout.buffer.write(msgspec.json.encode(answers(imgtar.inspect('-').session)))"
    )
    root = ROOT
    with (FIXTURES / name).open("rb") as archive:
        ran = subprocess.run(["cat"], stdin=archive, stdout=subprocess.PIPE, check=True)
    piped = subprocess.run(
        [sys.executable, "-c", script], input=ran.stdout, stdout=subprocess.PIPE, cwd=root, check=True
    )
    assert msgspec.json.decode(piped.stdout) == msgspec.json.decode(msgspec.json.encode(read(name)))
