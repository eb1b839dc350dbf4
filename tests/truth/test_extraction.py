"""What extract writes is what podman and umoci unpacked: the same files with the same bytes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import imgtar
from imgtar.cli.main import run
from tests.extraction.extracting import Facts, tar_tree, tree_of
from tests.paths import FIXTURES

RECORDED = sorted(FIXTURES.glob("truth/*/*.tree.umoci.jsonl"))
_SPECIAL = ("char", "block", "fifo")


def recorded(path: Path) -> dict[bytes, dict[str, Any]]:
    rows = map(json.loads, path.read_text().splitlines())
    return {row["path"].encode("utf-8", "surrogateescape"): row for row in rows if row["path"] != "."}


def words(tree: dict[bytes, Facts]) -> dict[bytes, tuple[str, object]]:
    """Type and content of each path: the SHA-256 of a file, the target of a link."""
    return {
        path: (facts["type"], facts.get("sha256") or facts.get("link"))
        for path, facts in tree.items()
        if facts["type"] != "special"
    }


def recorded_words(path: Path) -> dict[bytes, tuple[str, object]]:
    return {
        name: (row["type"], row["link"].encode("utf-8", "surrogateescape") if "link" in row else row.get("sha256"))
        for name, row in recorded(path).items()
        if row["type"] not in _SPECIAL
    }


def images_of(path: Path) -> list[int]:
    """The images of an archive that a record may be about."""
    images = imgtar.inspect(str(path)).document.images
    amd64 = [number for number, image in enumerate(images) if image.platform.architecture in ("amd64", None)]
    return amd64 or [0]


@pytest.mark.parametrize("truth", RECORDED, ids=[f"{path.parent.name}-{path.name}" for path in RECORDED])
def test_directory_and_tar_hold_what_was_unpacked(truth: Path, tmp_path: Path) -> None:
    archive = FIXTURES / truth.parent.name
    wanted = recorded_words(truth)
    for number in images_of(archive):
        line = ["extract", str(archive), "--image", f"@{number}", "--quiet"]
        out, flat = tmp_path / f"{number}", tmp_path / f"{number}.tar"
        assert run([*line, "--output", str(out)]) == 0
        assert run([*line, "--tar", str(flat)]) == 0
        written = words(tree_of(out))
        assert written == words(tar_tree(flat.read_bytes()))
        if written == wanted:
            return
    pytest.fail("no image of the archive has the recorded files")
