"""What docker itself said of the archives that it loaded: IDs, names, diffIDs, sizes, history."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import imgtar
from tests.paths import FIXTURES

RECORDED = [
    pytest.param(truth.parent.name, truth, id=f"{truth.parent.name}-{truth.stem[-3:]}")
    for truth in sorted(FIXTURES.glob("truth/*/docker-d2[06].json"))
    if json.loads(truth.read_text()).get("inspect")
]


def test_truth_is_here() -> None:
    assert len(RECORDED) > 20


@pytest.mark.parametrize(("name", "truth"), RECORDED)
def test_image_is_what_docker_loaded(name: str, truth: Path) -> None:
    recorded: dict[str, Any] = json.loads(truth.read_text())
    images = {image.id: image for image in imgtar.inspect(str(FIXTURES / name)).document.images}
    for inspected in recorded["inspect"]:
        image = images[inspected["Id"]]
        assert [layer.diff_id for layer in image.layers] == (inspected["RootFS"].get("Layers") or [])
        assert image.totals.content_size == inspected["Size"]
        # Newest first; one row per history entry, "0" for metadata only.
        sizes = [int(row["Size"]) for row in reversed(recorded["history_bytes"].get(inspected["Id"], []))]
        contents = {layer.history_index: layer.content_size for layer in image.layers}
        assert sizes == [contents.get(row.index, 0) for row in image.history]
        assert image.platform.architecture == inspected["Architecture"]
        for tag in inspected["RepoTags"]:
            assert tag in image.names
