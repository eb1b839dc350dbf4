"""Sentences in Markdown: a parser shows them as they are, and no backslash is there that changes nothing."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from imgtar.report.markdown.fit import table_head, table_row
from imgtar.report.markdown.sections import prose

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
PLACES = ("{}", "> {}", "> - {}", "- {}", "\n".join([*table_head("A", "B"), table_row(["{}", "b"])]))
TEXT = (
    st.text(st.sampled_from("ab1_.,;:()'/%+-#*`~[]<>!&@\\ =$^\"{}…→×"), min_size=1, max_size=12)
    .map(str.strip)
    .filter(bool)
)
ORDINARY = (
    "57 archives: 49 ok, 4 damaged; 20.4 MB.",
    "On docker's disk 164 layers are 127 distinct ones (at least 8.22 MB instead of 15.2 MB)",
    "config.no-healthcheck",
    "the key created_by is missing",
    "the creation time is 2026-11-24T03:22:05Z",
    "0.1.0.dev1+g0123abc",
)


def shown(markdown: str) -> str:
    """The text that a parser shows of a document, without its structure."""
    inline = (token for token in PARSER.parse(markdown) if token.type == "inline")
    return "".join(child.content for token in inline for child in token.children or [])


def structure(markdown: str) -> list[str]:
    inner = ("text", "code_inline")
    tokens = [part.type for token in PARSER.parse(markdown) for part in (token, *(token.children or []))]
    return [kind for kind in tokens if kind not in inner]


@pytest.mark.parametrize("place", PLACES)
@given(text=TEXT)
def test_a_sentence_is_shown_as_it_is(place: str, text: str) -> None:
    document = place.format(prose(text))
    assert structure(document) == structure(place.format("word"))
    wanted = shown(place.format("word")).replace("word", text)
    assert " ".join(shown(document).split()) == " ".join(wanted.split())


@given(text=TEXT)
def test_every_backslash_is_needed(text: str) -> None:
    marked = prose(text)
    if not marked.startswith("`"):
        for found in re.finditer(r"\\", marked):
            without = marked[: found.start()] + marked[found.end() :]
            changed = [place for place in PLACES if structure(place.format(without)) != structure(place.format("word"))]
            assert changed or without.startswith(":")  # a definition in other dialects


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_sentences_need_nothing(text: str) -> None:
    assert prose(text) == text


@pytest.mark.parametrize("text", ["1. a list", "- a list", "---", "+", "12) a list", ": a definition"])
def test_what_starts_a_block_is_escaped(text: str) -> None:
    assert prose(text).count("\\") == 1
    assert shown(f"> - {prose(text)}") == text


@pytest.mark.parametrize(
    "text",
    [
        "www.example.org",
        "http://a",
        "see GH-12",
        "#12",
        "@all",
        "a :smile: b",
        ":100:",
        "%12",
        "_a_",
        "a*b*",
        "<b>",
        "a@b.c",
    ],
)
def test_what_a_platform_finds_in_text_is_code(text: str) -> None:
    assert prose(text) == f"`{text}`"
