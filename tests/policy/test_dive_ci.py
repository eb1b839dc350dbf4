"""What is no YAML in a `.dive-ci` is an error with words, whatever the YAML reader raises."""

from __future__ import annotations

import pytest

from imgtar.policy.dive_ci import LARGEST, parse_dive_ci


@pytest.mark.parametrize(
    "raw",
    [
        rb'["\UBBBBBBBB"]',  # beyond a C integer
        rb'["\U00110000"]',  # beyond Unicode
        rb'["\xZZ"]',
        b"rules: \xff",
        b"\0",
        b"[" * 5_000,
        b"%YAML 99999999999999999999.1\n---\n",
        b"&a [*b]",
        b" " * (LARGEST + 1),
    ],
)
def test_bad_yaml_is_a_value_error(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_dive_ci(raw)
