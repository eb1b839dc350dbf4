"""The text of `history`: every step, or with `--top N` the N steps with the largest layers."""

from __future__ import annotations

from pathlib import Path

import pytest

from imgtar.cli.main import run


def lines(capture: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    assert run(["history", *arguments]) == 0
    return capture.readouterr().out.splitlines()


def test_top_shows_the_steps_with_the_largest_layers_in_their_order(
    fixtures: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    archive = str(fixtures / "mysql.tar")
    whole = lines(capfd, archive)
    assert len(whole) == 6 + 19 + 1
    assert whole[-1] == "  STEP counts history rows, LAYER layers; BLOB is the layer as stored"
    assert lines(capfd, archive, "--top", "0") == whole
    top = lines(capfd, archive, "--top", "3")
    assert [line.split()[:3] for line in top[6:-2]] == [["0", "layer", "0"], ["5", "layer", "3"], ["10", "layer", "6"]]
    assert top[-2] == "  … 16 more (--top 0 shows all)"
    assert lines(capfd, archive, "--top", "10")[-2] == "  … 9 more (--top 0 shows all)"
