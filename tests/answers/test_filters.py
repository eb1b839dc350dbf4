"""Which findings a filter takes, by code and by path."""

from __future__ import annotations

import pytest

from imgtar.answers.filters import Filter, IgnoreRule
from imgtar.audit.rules.entries import SETUID
from imgtar.findings import Finding, Where
from imgtar.globs import BadGlob, Globs


def on(path: bytes | None) -> Finding:
    return SETUID.at(Where(layer=0, path=path), path=b"", mode="", runs_as="", removal="")


@pytest.mark.parametrize(
    ("globs", "path", "takes"),
    [
        (["*.pem"], b"etc/a.pem", True),
        (["/etc/"], b"etc/a.pem", True),
        (["/a.pem"], b"etc/a.pem", False),
        (["a?"], b"a\xff", True),
        (["a\udcff"], b"a\xff", True),
        (["*"], None, False),
    ],
)
def test_a_path_is_matched_as_the_image_has_it(globs: list[str], path: bytes | None, *, takes: bool) -> None:
    assert Filter.of(None, (), globs).apply([on(path)]).ignored == takes


def test_a_rule_with_code_and_path_needs_both() -> None:
    here = Globs(["a"])
    assert IgnoreRule("layer.setuid", here).takes(on(b"a"))
    assert not IgnoreRule("layer.device", here).takes(on(b"a"))
    assert not IgnoreRule("layer.setuid", here).takes(on(b"b"))


def test_a_pattern_that_matches_nothing_is_refused() -> None:
    for pattern in ("", "#x", "["):
        with pytest.raises(BadGlob):
            Filter.of(None, (), [pattern])
