"""TOML whose keys or nesting would cost too much is refused before the standard library sees it."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgtar.errors import UsageError
from imgtar.policy import toml
from imgtar.policy.ignores import parse_ignores
from imgtar.policy.policy import parse_policy
from imgtar.policy.toml import DEPTH, PARTS, read_toml
from tests.growth import assert_linear, bounded_work

OURS = ("tool", "imgtar")
LONG_KEY = "a" + ".a" * 16_000


@pytest.fixture
def unread(monkeypatch: pytest.MonkeyPatch) -> None:
    def loads(_text: str) -> dict[str, Any]:
        raise AssertionError("tomllib sees the text")

    monkeypatch.setattr(toml.tomllib, "loads", loads)


COSTLY = {
    "dotted key": LONG_KEY + " = 1",
    "header": f"[{LONG_KEY}]",
    "list header": f"[[{LONG_KEY}]]",
    "quoted parts": '"a"' + ".'b'" * 100 + " = 1",
    "blanks": "a" + " . a" * 100 + " = 1",
    "inline table": "x = { " + LONG_KEY + " = 1 }",
    "behind a comma": "x = { a = 1, " + LONG_KEY + " = 1 }",
    "in a list": "x = [\n 1,\n { " + LONG_KEY + " = 1 },\n]",
    "without a value": LONG_KEY,
    "behind strings": 'x = """\na"\\""""\ny = \'\'\'\'\'\'\nz = "\\"" # "\n' + LONG_KEY + " = 1",
    "deep list": "x = " + "[" * 1000 + "]" * 1000,
    "deep table": "x = " + "{a=" * 1000 + "1" + "}" * 1000,
    "deep lines": "x = " + "[\n" * 1000 + "]\n" * 1000,
}


@pytest.mark.usefixtures("unread")
@pytest.mark.parametrize("name", COSTLY)
def test_what_costs_too_much_is_refused_unread(name: str) -> None:
    text = COSTLY[name].encode()
    with pytest.raises(ValueError, match=r"a key has more than 8 parts|nest deeper than 8"):
        read_toml(text)
    with pytest.raises(UsageError, match=r"imgtar\.toml: not valid TOML: "):
        parse_policy("imgtar.toml", text)
    with pytest.raises(UsageError, match=r"ignores: not valid TOML: "):
        parse_ignores("ignores", text, ())


def test_a_number_of_thousands_of_digits_is_no_number() -> None:
    with pytest.raises(ValueError, match=r"^a number has thousands of digits$"):
        read_toml(b"a = " + b"1" * 5000)


def test_the_message_has_the_line() -> None:
    with pytest.raises(ValueError, match=r"^a key has more than 8 parts \(at line 3\)$"):
        read_toml(f"a = 1\n\n{LONG_KEY} = 1\n".encode())
    with pytest.raises(ValueError, match=r"^arrays and tables nest deeper than 8 \(at line 2\)$"):
        read_toml(b"a = 1\nb = " + b"[" * 9 + b"]" * 9)
    for quotes in ('"', "'", '"""', "'''"):
        with pytest.raises(ValueError, match=r"^a string has no end \(at line 2\)$"):
            read_toml(f"a = 1\nb = {quotes}x".encode())


def test_the_bounds_themselves_are_allowed() -> None:
    key = ".".join("a" * PARTS)
    nested = "[" * DEPTH + "]" * DEPTH
    text = f"[{key}]\n{key} = {nested}\nx = 1.5\ny = 1979-05-27T07:32:00.5\n"
    assert read_toml(text.encode()) == tomllib.loads(text)


def test_dots_and_brackets_in_strings_and_comments_do_not_count() -> None:
    dots, brackets = "." * 50, "[{" * 50
    text = f'a = "{dots}\\"{brackets}" # {dots}{brackets}\nb = \'{dots}\'\nc = """\n{dots}"{brackets}"""""\nd = 1\n'
    text += f"e = '''{dots}'{brackets}'''''\nf = \"\"\n\"{dots}\" = '{brackets}'\n"
    assert read_toml(text.encode()) == tomllib.loads(text)


PIECES = st.sampled_from(
    ["a", "b", ".", "=", "1", "\n", "\n", "[", "]", "[[", "]]", "{", "}", ",", '"', "'", '"""', "'''", "\\", "#", " ",
     "tool", "imgtar", "x = 1\n", "[tool.imgtar]\n", "[tool.other]\n", "['tool'.\"imgtar\".a]\n",
     "y = '''\n[tool.b]\n'''\n"]
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=14).map("".join)


def outcome(read: Callable[[], dict[str, Any]]) -> dict[str, Any] | None:
    try:
        return read()
    except ValueError:
        return None


@given(text=TEXTS)
def test_texts_within_the_bounds_are_read_as_the_standard_library_reads_them(text: str) -> None:
    assert outcome(lambda: read_toml(text.encode())) == outcome(lambda: tomllib.loads(text))


@given(text=TEXTS)
def test_our_section_is_read_as_from_the_whole_file(text: str) -> None:
    whole = outcome(lambda: tomllib.loads(text))
    if whole is not None:
        tool = whole.get("tool", {})
        own = read_toml(text.encode(), OURS).get("tool", {})
        known = tool.get("imgtar") if isinstance(tool, dict) else tool
        assert (own.get("imgtar") if isinstance(own, dict) else own) == known


PYPROJECT = """\
[project]
name = "x"

[tool.imgtar]
fail-on = "high"

[tool.x]
{costly}

[tool.imgtar.check]
max-layers = 3

[[tool.x.y]]
z = '''
[tool.imgtar.check]
max-layers = 4
'''
"""


@pytest.mark.parametrize("name", [name for name in COSTLY if name not in ("header", "list header", "behind strings")])
def test_the_sections_of_other_tools_do_no_harm(name: str) -> None:
    with bounded_work():
        policy = parse_policy("pyproject.toml", PYPROJECT.format(costly=COSTLY[name]).encode())
    assert (policy.gates.max_layers, policy.gates.fail_on) == (3, "high")


def test_our_own_section_of_a_pyproject_is_bounded_too() -> None:
    for costly in (f"[tool.imgtar]\n{LONG_KEY} = 1", f"[tool.imgtar.{LONG_KEY}]", f"[tool]\n{LONG_KEY} = 1", LONG_KEY):
        with pytest.raises(UsageError, match="a key has more than 8 parts"):
            parse_policy("pyproject.toml", costly.encode())


def test_a_line_of_a_message_is_the_line_of_the_file() -> None:
    with pytest.raises(UsageError, match="at line 5"):
        parse_policy("pyproject.toml", b"[project]\nname = 'x'\n\n[tool.imgtar]\nfail-on = \n")


@pytest.mark.parametrize(
    "line", ["a.b.c.d.e.f.g.k{n} = 1", "[a.b.c.d.e.f.g.k{n}]", "[[a.b.c.d.e.f.g.h]]", "k{n} = [[], []]", "# {n}"]
)
def test_the_work_grows_with_the_text(line: str) -> None:
    def prepare(count: int) -> Callable[[], object]:
        text = "\n".join(line.format(n=number) for number in range(count)).encode()
        return lambda: read_toml(text)

    assert_linear(prepare, 40)


@pytest.mark.parametrize("piece", ['"""a" ', '"" ', "'", "[x]", "\n[ ", "a.", '"\\', "{", "x = '''''' "])
def test_no_text_is_gone_through_twice(piece: str) -> None:
    with bounded_work():
        outcome(lambda: read_toml((piece * 200_000).encode()))
        outcome(lambda: read_toml((piece * 200_000).encode(), OURS))
