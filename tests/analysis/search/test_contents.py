"""The probes of a search: a text across the borders of pieces, holes, contents that are cut."""

from __future__ import annotations

import hashlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgtar.analysis.search.contents import DigestProbe, TextProbe
from imgtar.limits import DEFAULT, MIB


def pieces(content: bytes, sizes: list[int]) -> list[bytes]:
    """The content cut into pieces of these sizes, and the rest."""
    cut = []
    for size in sizes:
        cut.append(content[:size])
        content = content[size:]
    return [piece for piece in [*cut, content] if piece]


def has_text(text: bytes, parts: list[bytes | int]) -> bool:
    """Does the probe find the text in a body of these pieces, where a number is a hole?"""
    search = TextProbe(text).watch(b"f", 1)
    for part in parts:
        if isinstance(part, int):
            search.hole(part)
        elif not search.feed(part):
            break
    return search.finish() is True


@given(
    st.text("ab", min_size=1, max_size=4).map(str.encode),
    st.text("abc", max_size=12).map(str.encode),
    st.lists(st.integers(1, 4), max_size=8),
)
def test_a_text_is_found_whatever_the_pieces_are(text: bytes, content: bytes, sizes: list[int]) -> None:
    assert has_text(text, [*pieces(content, sizes)]) == (text in content)


@pytest.mark.parametrize("length", [1, 2, 99, 100, 4_096])
@pytest.mark.parametrize("border", [0, 1, 50, -1])
def test_a_text_of_any_length_is_found_across_a_border(length: int, border: int) -> None:
    text = bytes(1 + number % 250 for number in range(length))
    place = 1000 + border % length
    content = b"\xff" * 1000 + text + b"\xff" * 1000
    assert has_text(text, [content[:place], content[place:]])
    assert has_text(text, [content[at : at + 1] for at in range(len(content))])
    assert not has_text(text, [content[: 1000 + length - 1]])


def test_a_hole_parts_what_is_before_it_from_what_is_behind() -> None:
    assert has_text(b"ab", [b"a", b"b"])
    assert not has_text(b"ab", [b"a", 1, b"b"])
    assert has_text(b"ab", [b"a", 1, b"ab"])


def test_only_bodies_that_are_large_enough_are_searched() -> None:
    assert [TextProbe(b"abc").wants(b"f", size) for size in (2, 3)] == [False, True]


def digest(parts: list[bytes | int], stored: int, probe: DigestProbe | None = None) -> bytes | None:
    body = (probe or DigestProbe(None, DEFAULT)).watch(b"f", stored)
    for part in parts:
        if isinstance(part, int):
            body.hole(part)
        else:
            body.feed(part)
    return body.finish()


def test_a_hole_is_hashed_as_zeros() -> None:
    content = b"a" + bytes(3 * MIB + 5) + b"b" + bytes(7)
    assert digest([b"a", 3 * MIB + 5, b"b", 7], 2) == hashlib.sha256(content).digest()


def test_a_body_that_is_cut_has_no_digest() -> None:
    assert digest([b"ab"], 3) is None


def test_only_wanted_digests_are_kept() -> None:
    wanted = hashlib.sha256(b"a").digest()
    probe = DigestProbe({wanted}, DEFAULT)
    assert digest([b"a"], 1, probe) == wanted
    assert digest([b"b"], 1, probe) is None


def test_the_holes_of_all_bodies_count_together() -> None:
    probe = DigestProbe(None, msgspec.structs.replace(DEFAULT, hole_bytes=10))
    assert digest([10], 0, probe) is not None
    assert probe.unhashed is None
    assert digest([b"a", 1], 1, probe) is None
    assert probe.unhashed is not None
    assert probe.unhashed.code == "limit.hole-bytes"
    assert digest([b"a"], 1, probe) is not None


def test_without_time_no_hole_is_hashed() -> None:
    probe = DigestProbe(None, msgspec.structs.replace(DEFAULT, deadline=0.0))
    assert digest([3 * MIB], 0, probe) is None
    assert probe.unhashed is not None
    assert probe.unhashed.code == "limit.time"
