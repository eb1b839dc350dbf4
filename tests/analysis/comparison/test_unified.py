"""A unified diff: applied to one text it gives the other one, it is what difflib writes, and its cost is bounded."""

from __future__ import annotations

import difflib
import re
from random import Random

import pytest

from imgtar.analysis.comparison.unified import unified_lines

HEAD = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
NO_END = "\\ No newline at end of file"


def applied(before: str, hunks: list[str]) -> str:
    """What a program that applies patches makes of `before`."""
    old = re.findall(r"[^\n]*\n|[^\n]+", before)
    new: list[str] = []
    position = 0
    for line in hunks:
        if head := HEAD.fullmatch(line):
            start = int(head[1]) - (head[2] != "0")
            new += old[position:start]
            position = start
        elif line == NO_END:
            pass
        elif line[0] == "+":
            new.append(line[1:] + "\n")
        else:
            assert old[position].removesuffix("\n") == line[1:]
            new += [old[position]] if line[0] == " " else []
            position += 1
    new += old[position:]
    text = "".join(new)
    ends_open = hunks[-1] == NO_END and hunks[-2][0] in "+ "
    return text.removesuffix("\n") if ends_open else text


def text(random: Random, lines: int) -> str:
    made = "".join(f"{random.choice('abcdef')}\n" for _ in range(random.randrange(lines)))
    return made.removesuffix("\n") if random.random() < 0.3 else made


@pytest.mark.parametrize("seed", range(300))
def test_applied_it_gives_the_other_text(seed: int) -> None:
    random = Random(seed)
    before, after = text(random, 40), text(random, 40)
    hunks = unified_lines(before, after)
    assert (applied(before, hunks) if hunks else before) == after
    assert all(len(line.encode()) < 100 for line in hunks)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "a\n"),
        ("a\n", ""),
        ("a\nb\nc\n", "a\nB\nc\n"),
        ("".join(f"{n}\n" for n in range(60)), "".join(f"{n}\n" for n in range(60) if n not in (20, 50))),
        ("x\n" + "same\n" * 6 + "y\n", "X\n" + "same\n" * 6 + "Y\n"),
        ("x\n" + "same\n" * 7 + "y\n", "X\n" + "same\n" * 7 + "Y\n"),
    ],
)
def test_it_is_what_difflib_writes(before: str, after: str) -> None:
    theirs = list(difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm=""))[2:]
    assert unified_lines(before, after) == theirs


def test_a_last_line_without_a_newline_is_said() -> None:
    assert unified_lines("a\n", "a") == ["@@ -1 +1 @@", "-a", "+a", NO_END]


def test_equal_texts_have_no_lines() -> None:
    assert unified_lines("a\nb", "a\nb") == []


def test_many_different_lines_are_one_hunk_that_replaces_them() -> None:
    before, after = ("".join(f"{n % 7}{side}\n" for n in range(200_000)) for side in "ab")
    hunks = unified_lines(f"head\n{before}tail\n", f"head\n{after}tail\n")
    assert hunks[0] == "@@ -1,200002 +1,200002 @@"
    assert [line[0] for line in hunks[1:]] == [" ", *"-" * 200_000, *"+" * 200_000, " "]
