"""Paths given by people: what is printed can be given back; links lead inside the root; one dialect of patterns."""

from __future__ import annotations

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imgtar.errors import UsageError
from imgtar.filesystem.given_paths import Resolved, is_pattern, matching, parse_path, resolve
from imgtar.formats.tar.path import clean
from imgtar.text import escape
from tests.builders import directory, file, hardlink, symlink, tar, whiteout
from tests.filesystem.stack import Stack

NAMES = st.binary(min_size=1, max_size=12).filter(lambda name: name not in (b".", b"..") and not set(name) & {0, 0x2F})
TEXTS = st.lists(
    NAMES | st.sampled_from([b"\\", b"\\x41", b"\\\\", b"a*[?]", b"\xe9", " ​".encode()]), min_size=1, max_size=4
)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("/etc/passwd", b"etc/passwd"),
        ("etc/passwd", b"etc/passwd"),
        ("./etc//passwd/", b"etc/passwd"),
        ("/../../etc/./a/../b", b"etc/b"),
        ("/", b""),
        ("", b""),
        (r"/opt/latin1-\xe9.bin", b"opt/latin1-\xe9.bin"),
        ("/opt/é", "opt/é".encode()),
        (r"/opt/\u200b", "opt/​".encode()),
        (r"/a\\b", rb"a\b"),
        (r"/a\b", rb"a\b"),
        (r"/a\\x41", rb"a\x41"),
        (r"/a\x41", b"aA"),
        (os.fsdecode(b"/raw-\xff"), b"raw-\xff"),
    ],
)
def test_a_text_means_one_path(text: str, path: bytes) -> None:
    assert parse_path(text) == path


@pytest.mark.parametrize("text", [r"/a\x00b", "/a\0b", r"/\ud800", "\ud800"])
def test_what_no_path_holds_is_wrong_usage(text: str) -> None:
    with pytest.raises(UsageError):
        parse_path(text)


@given(TEXTS, st.booleans())
@settings(max_examples=2000)
def test_a_printed_path_given_back_is_the_same_path(parts: list[bytes], ascii_only: bool) -> None:
    path = b"/".join(parts)
    assert parse_path(escape(b"/" + path, ascii_only=ascii_only)) == path


@given(TEXTS)
@settings(max_examples=1000)
def test_a_path_in_codes_is_a_pattern_for_itself(parts: list[bytes]) -> None:
    """Where each byte of it is written as a code, no wildcard is left."""
    path = b"/".join(parts) + b"."
    coded = "/" + "".join(f"\\x{byte:02x}" if byte != 0x2F else "/" for byte in path)
    assert matching([path, path + b"x", b"x" + path], coded) == [path]


TREE = Stack(
    tar(
        directory("usr/"),
        file("usr/lib/x", b"x"),
        symlink("lib", "usr/lib"),
        symlink("abs", "/usr"),
        symlink("out", "../../../usr/lib/x"),
        symlink("chain", "abs/lib"),
        hardlink("hard", "chain"),
        symlink("a", "b"),
        symlink("b", "a"),
        symlink("self", "self/x"),
        symlink("nowhere", "/no/where"),
        file("gone", b"g"),
    ),
    tar(whiteout("gone"), symlink("usr/lib/y", "x")),
).tree


@pytest.mark.parametrize(
    ("path", "reached", "via"),
    [
        (b"", b"", []),
        (b"usr/lib/x", b"usr/lib/x", []),
        (b"lib/x", b"usr/lib/x", [(b"lib", b"usr/lib")]),
        (b"lib/y", b"usr/lib/x", [(b"lib", b"usr/lib"), (b"usr/lib/y", b"x")]),
        (b"abs/lib/x", b"usr/lib/x", [(b"abs", b"/usr")]),
        (b"out", b"usr/lib/x", [(b"out", b"../../../usr/lib/x")]),
        (b"chain/x", b"usr/lib/x", [(b"chain", b"abs/lib"), (b"abs", b"/usr")]),
        (b"hard", b"usr/lib", [(b"hard", b"abs/lib"), (b"abs", b"/usr")]),
    ],
)
def test_links_are_followed_inside_the_root(path: bytes, reached: bytes, via: list[tuple[bytes, bytes]]) -> None:
    assert resolve(TREE, path) == Resolved(reached, exists=True, via=tuple(via))


@pytest.mark.parametrize(
    ("path", "reached"),
    [(b"gone", b"gone"), (b"nowhere", b"no/where"), (b"lib/z/q", b"usr/lib/z/q"), (b"lib/x/q", b"usr/lib/x/q")],
)
def test_what_is_not_there_says_where_the_path_leads(path: bytes, reached: bytes) -> None:
    found = resolve(TREE, path)
    assert (found.path, found.exists, found.loops) == (reached, False, False)


@pytest.mark.parametrize("path", [b"a", b"b", b"self", b"a/c"])
def test_links_in_circles(path: bytes) -> None:
    found = resolve(TREE, path)
    assert (found.path, found.exists, found.loops) == (path, False, True)
    assert found.via


@pytest.mark.parametrize(
    ("path", "reached"),
    [(b"lib/y", b"usr/lib/y"), (b"lib", b"lib"), (b"a", b"a"), (b"", b""), (b"lib/y/z", b"usr/lib/x/z")],
)
def test_the_link_at_the_end_may_be_meant_itself(path: bytes, reached: bytes) -> None:
    assert resolve(TREE, path, last=False).path == reached


def test_patterns() -> None:
    assert matching(TREE, "/usr/**/x") == [b"usr/lib/x"]
    assert matching(TREE, "x") == [b"usr/lib/x"]
    assert matching(TREE, "/usr/l[ij]b/?") == [b"usr/lib/x", b"usr/lib/y"]
    assert matching([b"a*b", b"axb"], r"/a\x2ab") == [b"a*b"]
    assert matching([b"a b ", b"ab"], r"/a*\x20") == [b"a b "]
    assert [is_pattern(text) for text in ("/a*", "/a?", "/[a]", "/a")] == [True, True, True, False]
    with pytest.raises(UsageError):
        matching(TREE, "/a[")


@given(TEXTS)
def test_parsing_is_stable(parts: list[bytes]) -> None:
    path = clean(b"/".join(parts))
    assert parse_path(escape(path)) == path
