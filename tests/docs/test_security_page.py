"""The security page lists the limits that exist, with their defaults."""

from __future__ import annotations

import re

from imgtar.limits import DEFAULT, NAMES
from tests.paths import ROOT

PAGE = (ROOT / "docs/security.md").read_text()
UNITS = {"": 1, "s": 1, "MiB": 1 << 20, "GiB": 1 << 30}


def test_limits_of_the_page_are_those_of_the_code() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| ([0-9,]+) ?(\w*) \|", PAGE, re.MULTILINE)
    listed = {name: int(number.replace(",", "")) * UNITS[unit] for name, number, unit in rows}
    assert listed == {name: getattr(DEFAULT, name.replace("-", "_")) for name in NAMES}
