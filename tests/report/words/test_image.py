"""An image without a name is called the same in every format."""

from __future__ import annotations

import pytest

from tests.cli.command import imgtar
from tests.paths import FIXTURES

ID = "e72180e48c9a"
BESIDE_THE_ID = {
    ("inspect", "table"): f"\nuntagged  {ID}  ",
    ("inspect", "markdown"): f"## `untagged`\n\n|  |  |\n| --- | --- |\n| **ID** | `{ID}` |",
    ("inspect", "html"): "<h1>untagged</h1>",
    ("audit", "markdown"): f"| `untagged` | `{ID}` |",
    ("audit", "html"): "<span>untagged</span>",
}
ALONE = {
    ("inspect", "csv"): f"\n{ID},0,",
    ("inspect", "csv-layers"): f"\n{ID},0,",
    ("audit", "csv"): f",{ID},3,",
    ("audit", "sarif"): f'"fullyQualifiedName": "{ID} > layer 3 > /root/.ssh/id_rsa"',
    ("check", "markdown"): f"## `{ID}`",
    ("check", "html"): f"<h2>{ID}</h2>",
    ("check", "junit"): f'classname="imgtar.check.{ID}"',
}


@pytest.mark.parametrize(
    ("command", "form", "words"),
    [pytest.param(*case, words, id="-".join(case)) for case, words in (BESIDE_THE_ID | ALONE).items()],
)
def test_untagged_image(command: str, form: str, words: str) -> None:
    gate = ["--max-layers", "1"] if command == "check" else []
    ran = imgtar(command, FIXTURES / "d20-by-id.tar", "--format", form, *gate)
    assert words in ran.stdout.decode()
