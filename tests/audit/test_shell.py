"""The words and commands of a shell's text, and that reading them is linear."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgtar.audit.shell import expanded, shell_commands
from tests.growth import assert_linear


def words(text: str) -> list[list[str]]:
    return [[word.text for word in command.words] for command in shell_commands(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a b;c", [["a", "b"], ["c"]]),
        ("a 'b c' \"d e\" f\\ g", [["a", "b c", "d e", "f g"]]),
        ("a'b'\"c\"d ''", [["abcd", ""]]),
        ("a && b || c & d\ne", [["a"], ["b"], ["c"], ["d"], ["e"]]),
        ("if a; then b; else c; fi", [["a"], ["b"], ["c"], ["fi"]]),
        ("! a; { b; }; (c)", [["a"], ["b"], ["}"], ["c"]]),
        ("X=1 Y='2 3' a b=4", [["a", "b=4"]]),
        ("a # b; c\nd#e", [["a"], ["d#e"]]),
        ("a \\\n  b", [["a", "b"]]),
        ("sh -c 'a; b c'", [["sh", "-c", "a; b c"], ["a"], ["b", "c"]]),
        ("/bin/bash -exc 'a'", [["/bin/bash", "-exc", "a"], ["a"]]),
        ('a "$(b c)" `d`', [["a", "$(", "$("], ["b", "c"], ["d"]]),
        ("a <(b '(' c)", [["a", "$("], ["b", "(", "c"]]),
        ('a "\\"\\x" \'', [["a", '"\\x', ""]]),
        ("sudo -u root -E env A=b c", [["c"]]),
        ("sudo -v", [["sudo"]]),
        ("a $", [["a", "$"]]),
        ("", []),
    ],
)
def test_words(text: str, expected: list[list[str]]) -> None:
    assert words(text) == expected


def test_a_pipe_says_who_reads_from_whom() -> None:
    first, second, third, alone = shell_commands("a | sudo -E b |& c; d")
    assert (first.reads, alone.reads) == ((), ())
    assert [command.program for command in third.reads] == ["a", "b"]
    assert second.runners == ("sudo",)


@pytest.mark.parametrize(
    ("word", "paths"),
    [
        ("/a/{b,c}", ["/a/b", "/a/c"]),
        ("{a,b}{1,2}", ["a1", "a2", "b1", "b2"]),
        ("{a}", ["{a}"]),
        ("a{,b}", ["a", "ab"]),
        ("a", ["a"]),
    ],
)
def test_braces(word: str, paths: list[str]) -> None:
    assert expanded(word) == paths
    assert len(expanded("{a,b}" * 40)) <= 128


@given(st.text(alphabet="ab '\"\\$()`<>|;&#\n{},=-", max_size=60))
def test_any_text_is_read(text: str) -> None:
    assert all(command.words for command in shell_commands(text))


@pytest.mark.parametrize("part", ["a|", "$(", '"$(', "`", "'", '\\"', "sh -c '", "((", "a;", "{a,b} ", "sudo "])
def test_the_cost_is_linear(part: str) -> None:
    assert_linear(lambda count: lambda: list(shell_commands(part * count)), 500)
