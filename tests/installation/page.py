"""The shell commands of docs/install.md, so that tests run what people read."""

from __future__ import annotations

import re

from tests.paths import ROOT

PAGE = (ROOT / "docs/install.md").read_text()


def commands(heading: str) -> list[str]:
    """The shell blocks below a heading of the page."""
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    blocks: list[str] = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    return blocks
