"""The one grammar of sizes."""

from __future__ import annotations

import pytest

from imgtar.amounts import LARGEST, size


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("2000000", 2_000_000),
        ("12b", 12),
        ("500MB", 500_000_000),
        ("500mb", 500_000_000),
        ("500 M", 500_000_000),
        (" 64MiB ", 64 << 20),
        ("64Mi", 64 << 20),
        ("1.5GB", 1_500_000_000),
        ("1.5k", 1500),
        ("2.k", 2000),
        (".5KiB", 512),
        ("1.0001kB", 1000),
        ("1PB", 10**15),
        ("1EiB", 1 << 60),
        ("9" * 18, 10**18 - 1),
    ],
)
def test_what_a_size_is(text: str, number: int) -> None:
    assert size(text) == number


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "MB",
            "-1",
            "+1",
            "1.5",
            "1.5b",
            "1,000",
            "1_000",
            "1e6",
            "0x10",
            "1 ib",
            "1ZB",
            "1MBB",
            "1/2",
            "٣",
            "nan",
        ),
        *("8EiB", "9" * 19, str(LARGEST + 1)),
    ],
)
def test_what_a_size_is_not(text: str) -> None:
    with pytest.raises(ValueError, match=r"^(not a size|more than)"):
        size(text)
