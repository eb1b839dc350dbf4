"""`inspect`: the report with its long lists, or without them."""

from __future__ import annotations

from pathlib import Path

from msgspec import UNSET

from imgtar.answers.inspect import inspect_content
from tests.answers.asking import content_of
from tests.builders import docker_save, file, layer, whiteout

LAYERS = [layer(file("a", b"first"), file("b", b"second")), layer(file("a", b"third"), whiteout("b"))]


def test_the_long_lists_agree_with_the_counts(tmp_path: Path) -> None:
    content = content_of(inspect_content, docker_save(LAYERS), tmp_path)
    top = content.document.images[0].layers[1]
    rows = [(row.path, row.kind) for row in content.changes(0, 1)]
    assert rows == [("/a", "modified"), ("/b", "deleted")]
    assert (top.added.count, top.modified.count, top.deleted.count) == (0, 1, 1)
    assert [row.path for row in content.files(0)] == ["/a"]


def test_a_summary_keeps_the_counts_and_has_no_lists(tmp_path: Path) -> None:
    content = content_of(inspect_content, docker_save(LAYERS), tmp_path, summary=True)
    [image] = content.document.images
    assert (list(content.changes(0, 1)), list(content.files(0)), image.waste) == ([], [], UNSET)
    assert image.totals.wasted_bytes == len(b"first") + len(b"second")
