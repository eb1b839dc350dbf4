"""Where an image says that it comes from, and when it was made."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.audit.audited import audited_bytes, of
from tests.builders import docker_save, good_layers, image_config

LAYERS = good_layers()[:1]


def test_a_base_image_is_told_by_label_or_else_by_history(tmp_path: Path) -> None:
    debian = "docker.io/library/debian:12"
    label = {"Labels": {"org.opencontainers.image.base.name": debian}}
    history = [{"created_by": "COPY x / # buildkit", "comment": "FROM busybox:1.36"}]
    for more, name, source in (
        ({"config": label, "history": history}, debian, "label"),
        ({"history": history}, "busybox:1.36", "history"),
    ):
        [row] = of(audited_bytes(docker_save(LAYERS, config=image_config(LAYERS, **more)), tmp_path), "supply.base")
        assert name in row.message
        assert source in row.message
    assert not of(audited_bytes(docker_save(LAYERS), tmp_path), "supply.base")


@pytest.mark.parametrize("created", [None, "1970-01-01T00:00:00Z"])
def test_an_image_without_a_time_is_told(created: str | None, tmp_path: Path) -> None:
    [row] = of(audited_bytes(docker_save(LAYERS, created=created), tmp_path), "supply.no-time")
    assert (created or "not stated") in row.message
    assert not of(audited_bytes(docker_save(LAYERS), tmp_path), "supply.no-time")
