"""The text of `diff`: what differs, with the verdict in the last line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.builders import docker_save, file, image_config, layer
from tests.cli.command import imgtar
from tests.paths import FIXTURES

CLASSIC, BUILDKIT = FIXTURES / "d20-classic-mysqlish.tar.gz", FIXTURES / "d26-buildkit-mysqlish.tar"


def lines(*arguments: str | Path) -> tuple[int, list[str]]:
    ran = imgtar("diff", *arguments)
    return ran.returncode, ran.stdout.decode().splitlines()


def test_rebuilt_layers_are_pulled_for_nothing() -> None:
    code, text = lines(CLASSIC, BUILDKIT)
    assert (code, text[-1]) == (0, "verdict: equal")
    assert "the same size; pull 1.28 MB uncompressed in 9 of 10 layers, 1.28 MB of it for" in text
    assert sum(" rebuilt " in line for line in text) == 9
    assert "no path differs; 86 paths differ in time only" in text


def test_the_last_line_says_which_gate_failed(tmp_path: Path) -> None:
    small, large = tmp_path / "small.tar", tmp_path / "large.tar"
    small.write_bytes(docker_save([layer(file("a", bytes(1000)))]))
    large.write_bytes(docker_save([layer(file("a", bytes(1054)))]))
    assert lines(small, large)[1][-1] == "verdict: different"
    assert lines(small, large, "--max-growth", "6%") == (0, [*lines(small, large)[1][:-1], "verdict: ok"])
    assert lines(small, large, "--max-growth", "3%", "--allow", "b")[1][-1] == (
        "verdict: failed growth 5.4 % > 3 %; 1 difference outside --allow"
    )
    assert lines(small, large, "--max-growth", "53")[0] == 1


def test_layers_alone_have_no_files(tmp_path: Path) -> None:
    code, text = lines(CLASSIC, FIXTURES / "p5-docker-archive.tar", "--layers")
    assert (code, text[-1]) == (1, "verdict: different")
    assert not any("/etc/hostname" in line for line in text)


def test_one_of_both_may_be_a_pipe() -> None:
    raw = BUILDKIT.read_bytes()
    for arguments in (("-", BUILDKIT), (BUILDKIT, "-")):
        ran = imgtar("diff", *map(str, arguments), stdin=raw)
        assert (ran.returncode, ran.stdout.decode().splitlines()[-1]) == (0, "verdict: equal")
    assert imgtar("diff", "-", "-", stdin=raw).returncode == 2


def test_each_operand_chooses_its_image() -> None:
    both = FIXTURES / "d20-two-images-shared.tar"
    one, other = (f"docker-archive:{both}:r/{name}:bk" for name in ("mysqlish", "sibling"))
    assert lines(one, one)[0] == 0
    code, text = lines(one, other)
    assert (code, text[-1]) == (1, "verdict: different")
    assert imgtar("diff", one, both).returncode == 2


def test_where_no_image_could_be_read_nothing_was_compared(tmp_path: Path) -> None:
    cut = tmp_path / "cut.tar"
    cut.write_bytes((FIXTURES / "mysql.tar").read_bytes()[:900_000])
    for sides, unread in (((BUILDKIT, cut), "B"), ((cut, BUILDKIT), "A"), ((cut, cut), "A and B")):
        code, text = lines(*sides)
        assert (code, text[-1]) == (4, "verdict: unknown")
        assert f"nothing was compared: no image could be read in {unread}" in text
        assert "paths were not compared" in text
        assert not any("differs" in line or "%" in line for line in text)


@pytest.mark.parametrize("output", ["table", "markdown", "html"])
def test_it_says_that_layers_of_one_diff_id_are_taken_as_stated(output: str, tmp_path: Path) -> None:
    lower, good, bad = (layer(file("a", content)) for content in (b"lower", b"good", b"baad"))
    (tmp_path / "a.tar").write_bytes(docker_save([lower, good]))
    (tmp_path / "b.tar").write_bytes(docker_save([lower, bad], config=image_config([lower, good])))
    (tmp_path / "c.tar").write_bytes(docker_save([bad]))
    says = "--verify reads them in B too."

    def printed(*given: str) -> tuple[int, str]:
        run = imgtar("diff", *given, "--format", output, cwd=tmp_path)
        return run.returncode, " ".join(run.stdout.decode().split())

    code, text = printed("a.tar", "b.tar")
    assert (code, says in text) == (0, True)
    assert "verdict: equal" in text
    code, text = printed("a.tar", "b.tar", "--verify")
    assert (code, says in text) == (4, False)
    assert says not in printed("a.tar", "c.tar")[1]
