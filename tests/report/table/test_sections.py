"""The parts that several texts share: the reasons under the first line, and the findings with what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from imgtar.cli.main import run
from tests.builders import docker_members, docker_save, file, layer, members_tar, tar

LAYERS = [layer(file(f"{number}", b"x")) for number in range(5)]


@pytest.mark.parametrize(
    ("command", "rest"),
    [
        (["inspect"], "under Findings"),
        (["verify"], "under Findings"),
        (["audit"], "under Findings"),
        (["history"], "which imgtar inspect lists"),
        (["ids"], "which imgtar inspect lists"),
        (["check", "--max-layers", "9"], "which imgtar inspect lists"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_more_reasons_are_where_the_text_says(
    command: list[str], rest: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "image.tar"
    path.write_bytes(members_tar([member for member in docker_members(LAYERS) if "layer.tar" not in str(member[0])]))
    assert run([*command, str(path)]) == 4
    text = capfd.readouterr().out
    assert f"  and 2 more, {rest}\n" in text
    assert ("\n  Findings  " in text) == (rest == "under Findings")


def test_a_finding_that_needs_nothing_gets_no_advice(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "image.tar"
    path.write_bytes(docker_save([tar(file("a", b"x"), end=b"")]))
    assert run([str(path)]) == 0
    text = capfd.readouterr().out
    assert "tar.no-end-marker" in text
    assert "→" not in text
    path.write_bytes(docker_save([layer(file("a\nb", b"x"))]))
    assert run([str(path)]) == 0
    assert "→ Check why the file has such a name." in capfd.readouterr().out
