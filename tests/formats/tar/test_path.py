"""What names mean as paths."""

from __future__ import annotations

import pytest

from imgtar.formats.tar.path import clean


@pytest.mark.parametrize(
    ("name", "path"),
    [
        (b"", b""),
        (b".", b""),
        (b"/", b""),
        (b"a", b"a"),
        (b"./a/", b"a"),
        (b"/a//b/./c", b"a/b/c"),
        (b"a/../b", b"b"),
        (b"../../a", b"a"),
        (b"a/../../b", b"b"),
        (b"..", b""),
        (b"...", b"..."),
        (b"\xff/\0", b"\xff/\0"),
    ],
)
def test_from_the_root(name: bytes, path: bytes) -> None:
    assert clean(name) == path
    assert clean(path) == path


@pytest.mark.parametrize(
    ("name", "path"),
    [(b"x", b"a/b/x"), (b"../x", b"a/x"), (b"../../../x", b"x"), (b"/x", b"x"), (b"", b"a/b")],
)
def test_from_a_directory(name: bytes, path: bytes) -> None:
    assert clean(name, b"a/b") == path
