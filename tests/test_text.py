"""The escape: one printable line, reversibly; display width; sizes as docker prints them."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgtar.text import (
    cut,
    cut_middle,
    escape,
    escape_lines,
    escape_stored,
    human_size,
    json_string,
    json_text,
    neutralise,
    unescape,
    width,
)

NASTY = st.text(
    st.one_of(
        st.sampled_from(
            "\\\\xuUn0a1##::[] "
            "\x00\x1b\n\r\t\x7f\x80\x85\x9b\u200b\u202e\u2066\u2028\ufeff\ufe0f\u00ad\ud800\u0301\u034f⏎ |"
        ),
        st.characters(exclude_categories=()),
    ),
    max_size=30,
)


def is_one_printable_line(text: str) -> bool:
    return text.isprintable() and not any(unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") for char in text)


@given(NASTY)
def test_any_text_is_one_printable_line_and_comes_back(text: str) -> None:
    shown = escape(text)
    assert is_one_printable_line(shown)
    assert unescape(shown) == text


@given(NASTY)
def test_ascii_output_holds_ascii_only_and_comes_back(text: str) -> None:
    shown = escape(text, ascii_only=True)
    assert shown.isascii()
    assert is_one_printable_line(shown)
    assert unescape(shown) == text


@given(st.binary(max_size=40))
def test_any_bytes_are_one_printable_line_and_come_back(raw: bytes) -> None:
    shown = escape(raw)
    assert is_one_printable_line(shown)
    assert unescape(shown).encode("utf-8", "surrogateescape") == raw


@given(NASTY)
def test_neutralised_text_is_printable_and_stays_itself_when_it_was_safe(text: str) -> None:
    shown = neutralise(text)
    assert is_one_printable_line(shown)
    assert neutralise(shown) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/etc/passwd", "/etc/passwd"),
        ("déjà-vu-日本語.txt", "déjà-vu-日本語.txt"),
        ("new\nline", r"new\x0aline"),
        ("\x1b[2J", r"\x1b[2J"),
        ("\x9b31m", r"\u009b31m"),
        ("a\u202egpj.exe", r"a\u202egpj.exe"),
        ("pass\u200bwd", r"pass\u200bwd"),
        (b"latin1-\xe9.bin", r"latin1-\xe9.bin"),
        (r"latin1-\xe9.bin", r"latin1-\\xe9.bin"),
        (r"printf 'a\n'", r"printf 'a\n'"),
        (r"C:\Users\x", r"C:\Users\x"),
        (r"\u202e", r"\\u202e"),
        (r"\\", r"\\\ "[:-1]),
        ("\u0301after nothing", r"\u0301after nothing"),
        ("", ""),
    ],
)
def test_what_is_shown(text: str | bytes, shown: str) -> None:
    assert escape(text) == shown


def test_stored_text_is_shown_from_its_bytes_where_it_has_them() -> None:
    raw = b"\xe9\\xe9"
    text, b64 = json_text(raw)
    assert text == r"\xe9\xe9"
    assert escape_stored(text, b64) == r"\xe9\\xe9"
    assert escape_stored("plain") == "plain"


def test_lines_of_an_instruction_are_marked() -> None:
    assert escape_lines("RUN <<EOF\nls ⏎\nEOF") == r"RUN <<EOF⏎ls \u23ce⏎EOF"
    assert escape_lines("a\nb", ascii_only=True) == r"a\x0ab"


def test_json_text_of_utf8_needs_no_bytes_beside_it() -> None:
    assert json_text("né\x00".encode()) == ("né\x00", None)


def test_json_string_holds_no_lone_surrogate() -> None:
    assert json_string("a\ud800b") == r"a\ud800b"
    assert json_string("日本") == "日本"


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("abc", 3),
        ("日本語", 6),
        ("e\u0301", 1),
        ("🐳", 2),
        ("ｆｕｌｌ", 8),
        ("한", 2),
        ("\u1112\u1161\u11ab", 2),
        ("", 0),
    ],
)
def test_display_width(text: str, columns: int) -> None:
    assert width(text) == columns


@given(NASTY, st.integers(0, 12))
def test_a_cut_text_fits(text: str, columns: int) -> None:
    shown = escape(text)
    for cutting in (cut, cut_middle):
        kept = cutting(shown, columns)
        assert width(kept) <= columns
        assert kept == shown or kept.count("…") >= (columns > 0)


def test_a_cut_leaves_no_half_escape() -> None:
    assert cut(r"abc\x1b[2J", 6) == "abc…"
    assert cut(r"ab\u202efg", 7) == "ab…"
    assert cut("日本語", 5) == "日本…"
    assert cut("日本語", 4) == "日…"


def test_a_cut_path_keeps_its_name() -> None:
    assert cut_middle("/usr/share/doc/base/file20.txt", 24) == "/usr/share/d…/file20.txt"
    assert cut_middle("/usr/share/doc/base/file20.txt", 99) == "/usr/share/doc/base/file20.txt"


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 B"),
        (1, "1 B"),
        (999, "999 B"),
        (1000, "1 kB"),
        (1536, "1.54 kB"),
        (999_499, "999 kB"),
        (999_500, "1 MB"),  # docker prints 1e+03kB
        (1_542_981, "1.54 MB"),
        (9_223_372_036_854_775_807, "9.22 EB"),
    ],
)
def test_sizes(size: int, words: str) -> None:
    assert human_size(size) == words


def test_sizes_are_dockers(fixtures: Path) -> None:
    compared = 0
    for recorded in sorted(fixtures.glob("truth/*/docker-d*.json")):
        truth = json.loads(recorded.read_text())
        for image, rows in truth.get("history", {}).items():
            exact = truth["history_bytes"].get(image, [])
            for row, entry in zip(rows, exact, strict=False):
                assert human_size(int(entry["Size"])).replace(" ", "") == row["Size"]
                compared += 1
    assert compared > 100
