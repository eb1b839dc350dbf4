"""`imgtar explain`: each code has an explanation, a misspelt one the nearest code."""

from __future__ import annotations

import pytest

from imgtar.answers.catalogue import kinds
from imgtar.answers.explain import explain_content
from imgtar.errors import UsageError
from tests.cli.command import imgtar, one_line


def test_the_explanation_of_a_code_is_what_its_kind_says() -> None:
    for code, kind in kinds().items():
        [found] = explain_content(code).explanations
        assert (found.code, found.meaning, found.remedy) == (code, kind.meaning, kind.remedy)
        assert (found.severity, found.effect, found.references) == (kind.severity, kind.effect, kind.references)


@pytest.mark.parametrize(
    ("effect", "says"), [("incomplete", "code is 4"), ("limit", "code is 5"), ("none", "--fail-on")]
)
def test_the_text_says_what_it_means_for_the_exit_code_and_what_to_do(effect: str, says: str) -> None:
    kind = next(kind for kind in kinds().values() if kind.effect == effect and kind.remedy)
    run = imgtar("explain", kind.code)
    text = " ".join(run.stdout.decode().split())
    assert run.returncode == 0
    assert text.startswith(f"{kind.code} {kind.severity}")
    assert kind.meaning in text
    assert f"What to do: {kind.remedy}" in text
    assert says in text


def test_without_a_code_all_are_listed() -> None:
    run = imgtar("explain", env={"COLUMNS": "80"})
    title, *lines = run.stdout.decode().splitlines()
    assert run.returncode == 0
    assert title.split() == ["CODE", "SEVERITY", "MEANING"]
    assert [line.split()[:2] for line in lines] == [[kind.code, kind.severity] for kind in kinds().values()]
    assert max(map(len, [title, *lines])) <= 80


def test_a_misspelt_code_gets_the_nearest_one() -> None:
    with pytest.raises(UsageError, match="no finding has this code"):
        explain_content("tar.truncatd")
    run = imgtar("explain", "tar.truncatd")
    assert run.returncode == 2
    assert one_line(run) == "imgtar: tar.truncatd: no finding has this code; did you mean tar.truncated?"


@pytest.mark.parametrize("code", ["", "x", "\x1b[31mred", "tar\ntruncated", "a" * 10_000])
def test_another_code_exits_2_with_one_line_that_cannot_write_to_the_terminal(code: str) -> None:
    run = imgtar("explain", code)
    assert run.returncode == 2
    assert "\x1b" not in one_line(run)
    assert run.stdout == b""
