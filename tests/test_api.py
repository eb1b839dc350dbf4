"""The public API: the examples of its page run, and it is what it says."""

from __future__ import annotations

import re

import pytest

import imgtar
from tests.paths import ROOT

EXAMPLES = re.findall(r"```python\n(.*?)```", (ROOT / "docs/api.md").read_text(), re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_example_of_the_page_runs(
    example: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    for module in re.findall(r"^import (pandas|polars)$", example, re.MULTILINE):
        pytest.importorskip(module)
    exec(compile(example, "docs/api.md", "exec"), {})
    assert capsys.readouterr().out or "assert" in example


def test_every_public_name_exists() -> None:
    for name in imgtar.__all__:
        assert getattr(imgtar, name) is not None
    with pytest.raises(AttributeError):
        imgtar.nothing  # noqa: B018


def test_open_image_wants_one_image() -> None:
    with pytest.raises(imgtar.UsageError):
        imgtar.open_image(str(ROOT / "tests/fixtures/p5-multi.tar"))
    image = imgtar.open_image(str(ROOT / "tests/fixtures/p5-multi.tar"), image="@1")
    assert image.record.names == ("localhost/r/sibling:layers",)
    assert len(image.layers) == 3


def test_changes_of_a_layer_are_sorted_rows() -> None:
    report = imgtar.inspect(str(ROOT / "tests/fixtures/mysql.tar"))
    rows = list(report.changes(0, 4))
    assert [row.path for row in rows] == sorted((row.path for row in rows), key=str.encode)
    layer = report.document.images[0].layers[4]
    assert [sum(row.kind == kind for row in rows) for kind in ("added", "modified", "deleted")] == [
        layer.added.count,
        layer.modified.count,
        layer.deleted.count,
    ]
