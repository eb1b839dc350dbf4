"""The two searches that see every byte: compiled code and Python give the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgtar.audit.secrets import spans
from imgtar.compiled import compiled_module

WORDS = bytes(byte in b"abcdefghijklmnopqrstuvwxyz" for byte in range(256))
needs_compiled = pytest.mark.skipif(
    compiled_module("imgtar.audit.secrets._spans") is None, reason="needs the compiled search"
)
texts = st.lists(st.sampled_from([b"abc", b"a", b"bca", b" ", b"=", b"\0", b"\xff", b"secret"]), max_size=60).map(
    b"".join
)


@pytest.mark.parametrize(
    ("text", "shortest", "before", "found"),
    [
        (b"", 3, 0, b""),
        (b"ab", 3, 0, b""),
        (b"abc", 3, 0, b"abc"),
        (b"  abc  ", 3, 0, b" abc"),
        (b"abc de fgh", 3, 0, b"abc fgh"),
        (b"=1= abc =2= def", 3, 3, b" 1= abc 2= def"),
        (b"=1= abc x defg=", 4, 2, b" x defg"),
        (b"abc==def", 3, 40, b"abc==def"),
    ],
)
def test_spans(text: bytes, shortest: int, before: int, found: bytes) -> None:
    assert spans.spans_python(text, WORDS, shortest, before) == found
    assert spans.spans(text, WORDS, shortest, before) == found


@given(texts, st.integers(1, 8), st.integers(0, 9))
@needs_compiled
def test_compiled_spans_are_those_of_python(text: bytes, shortest: int, before: int) -> None:
    assert spans.spans(text, WORDS, shortest, before) == spans.spans_python(text, WORDS, shortest, before)


@given(texts, st.lists(st.binary(min_size=3, max_size=9) | st.sampled_from([b"abc", b"bca", b"abca"]), max_size=64))
@needs_compiled
def test_compiled_code_finds_the_literals_that_python_finds(text: bytes, literals: list[bytes]) -> None:
    assert spans.present(text, tuple(literals)) == spans.present_python(text, tuple(literals))


def test_literals_at_the_edges_are_found() -> None:
    assert spans.present(b"abc...xyz", (b"abc", b"xyz", b"yz.", b"abc...xyz!")) == 0b11


@needs_compiled
@pytest.mark.parametrize("literals", [(b"ab",), (b"x" * 65,), ("abc",), (b"abc",) * 65], ids=str)
def test_compiled_code_refuses_what_it_cannot_search_for(literals: tuple[bytes, ...]) -> None:
    with pytest.raises(ValueError, match="literal"):
        spans.present(b"text", literals)
