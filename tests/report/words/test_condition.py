"""Every format says the same of an archive: whether it is whole and sound, and what was not checked."""

from __future__ import annotations

import html
from pathlib import Path
from typing import get_args

import pytest

from imgtar.report.words.condition import State
from tests.archive.forms import text
from tests.archive.test_forms import v1
from tests.builders import docker_save, file, gzip, image_config, layer

LAYER = layer(file("a", b"x"))
CUT = docker_save([gzip(LAYER)[:-9]])
LYING = docker_save([LAYER], config=image_config([layer(file("b", b"y"))]))
LEGACY = v1(("a" * 64, None), names={"app": {"1": "a" * 64}})
LIMITED = ("--limit", "layer-entries=0")
# What the first line of the text says, and the title in Markdown and on the page.
STATES: dict[str, tuple[bytes, tuple[str, ...], str, str]] = {
    "limit": (docker_save([LAYER]), LIMITED, "STOPPED BY A LIMIT: some parts were not read", "Stopped by a limit"),
    "incomplete": (CUT, (), "INCOMPLETE: some parts could not be read", "Incomplete"),
    "inconsistent": (LYING, ("--verify",), "INCONSISTENT: the archive contradicts itself", "Inconsistent"),
    "unstated": (LEGACY, (), "complete (this form states no digests to check)", "Complete, states no digests"),
    "verified": (docker_save([LAYER]), ("--verify",), "complete, every digest verified", "Complete and verified"),
    "unchecked": (docker_save([LAYER]), (), "complete (digests not checked: imgtar verify)", "Complete"),
}
HIDDEN = {
    "a limit": (*STATES["limit"][:1], (*LIMITED, "--ignore", "limit.layer-entries"), *STATES["incomplete"][2:]),
    "damage": (CUT, ("--ignore", "gzip.truncated"), *STATES["incomplete"][2:]),
}


@pytest.mark.parametrize("case", [*STATES, *HIDDEN])
def test_all_formats_agree(case: str, tmp_path: Path) -> None:
    """Where a filter hides the reason, no format guesses it."""
    raw, options, words, title = {**STATES, **HIDDEN}[case]
    path = tmp_path / "app.tar"
    path.write_bytes(raw)
    assert words in text("inspect", path, *options).splitlines()[0]
    markdown = text("inspect", path, *options, "--format", "markdown")
    assert f" {title}. " in markdown.partition("---\n")[2]
    page = html.unescape(text("inspect", path, *options, "--format", "html"))
    assert f">{title}</span>" in page


def test_each_state_has_a_case() -> None:
    assert set(STATES) == set(get_args(State))


def test_a_comparison_of_archives_that_state_no_digests_says_so(tmp_path: Path) -> None:
    path = tmp_path / "app.tar"
    path.write_bytes(LEGACY)
    page = text("diff", path, str(path), "--format", "html")
    assert ">Complete, states no digests</span>" in page
    assert "imgtar verify recomputes them" not in page
