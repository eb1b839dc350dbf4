"""The patterns of the page's search mean what those of imgtar.globs mean: both are asked the same questions."""

from __future__ import annotations

import random
from importlib.resources import files

import pytest

from imgtar.globs import BadGlob, Globs
from tests.report.html.browser import Browser, is_here
from tests.test_globs import test_what_a_pattern_means as meanings
from tests.test_globs import test_what_cannot_match_is_refused as refusals

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not is_here(), reason="chromium and chromedriver are not installed")]

ASK = """
const glob = (pattern) => { try { return new Glob(pattern); } catch (problem) { return problem.message; } };
return arguments[0].map(([pattern, path, isDirectory]) => {
  const found = glob(pattern);
  return typeof found === "string" ? found : found.matches(path, isDirectory);
});
"""
TOKENS = (*"ab.!#-]/ /**?[\\", "**", "**/", "/**", "\\*", "\\ ", "[ab]", "[!a]", "[^b]", "[a-b]")
NAMES = (*"ab.!#- ]", "a", "b", "ab", "A", "é", "😀", "\n", "a*", "\\")


def asked(window: Browser, questions: list[tuple[str, str, bool]]) -> list[bool | str]:
    script = files("imgtar.report").joinpath("assets", "script", "globs.js").read_text()
    answers = window.run(script + ASK, questions)
    assert isinstance(answers, list)
    return answers


def ours(pattern: str, path: str, is_directory: bool) -> bool | str:
    try:
        return Globs([pattern]).match(path, directory=is_directory)
    except BadGlob as problem:
        return str(problem)


def agree(answer: bool | str, expected: bool | str) -> bool:
    """Errors agree in their reason; the page does not repeat the pattern, which stands above it."""
    return answer in expected if isinstance(answer, str) and isinstance(expected, str) else answer == expected


def cases_of(test: object, position: int) -> list[tuple[str, ...]]:
    (mark,) = [mark for mark in test.pytestmark if mark.name == "parametrize"]  # type: ignore[attr-defined]
    return [case[:position] for case in mark.args[1]]


def test_the_cases_of_the_dialect_mean_the_same(window: Browser) -> None:
    matches = [(pattern, path, False) for pattern, path in cases_of(meanings, 2) if path.isprintable() or path == "a\n"]
    refused = [(pattern, "a", False) for (pattern,) in cases_of(refusals, 1)]
    questions = [*matches, *refused, (".git/", "x/.git", True), (".git/", "x/.git", False), ("a/**", "a", True)]
    answers = asked(window, questions)
    assert len(refused) > 5
    assert len(matches) > 25
    for question, answer in zip(questions, answers, strict=True):
        assert agree(answer, ours(*question)), (question, answer)


def test_any_patterns_and_paths_mean_the_same(window: Browser) -> None:
    chance = random.Random(23)
    questions = [
        (
            "".join(chance.choices(TOKENS, k=chance.randint(1, 9))),
            "/".join("".join(chance.choices(NAMES, k=chance.randint(1, 4))) for _ in range(chance.randint(1, 4))),
            chance.random() < 0.3,
        )
        for _ in range(20_000)
    ]
    answers = asked(window, questions)
    assert sum(answer is True for answer in answers) > 1_000
    assert sum(isinstance(answer, str) for answer in answers) > 1_000
    wrong = [
        (*question, answer)
        for question, answer in zip(questions, answers, strict=True)
        if not agree(answer, ours(*question))
    ]
    assert wrong == []


@pytest.mark.parametrize("pattern", ["*a" * 30 + "*b", "**/*a/**/*a/**/*b", "*a*[ab]*?*a*c"])
def test_no_path_costs_more_than_its_length(window: Browser, pattern: str) -> None:
    """Without groups that keep their first match, these would take longer than the driver waits."""
    assert asked(window, [(pattern, "a/a" * 3_000, False), (pattern, "a" * 9_000, False)]) == [False, False]
