"""`diff` where the time is up, where archives contradict each other, and where a number is not known."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from imgtar.answers.diff import DiffSettings, diff_content
from imgtar.answers.opening import open_session
from imgtar.answers.options import FILES, InspectOptions
from imgtar.formats.oci.platform import Platform
from imgtar.gates.differences import DifferenceGates
from imgtar.image.counterparts import Counterparts
from imgtar.limits import DEFAULT
from imgtar.policy.values import growth
from imgtar.report.words.diff import verdict_words
from tests.answers.comparing import compared, content_of_two, file_rows, layer_rows
from tests.builders import docker_save, file, image_config, layer, tar
from tests.growth import assert_linear

LATE = msgspec.structs.replace(DEFAULT, deadline=0.0)
BODY = bytes(17 << 20)  # more than is read between two looks at the deadline


@pytest.mark.parametrize("after", ["x", "y"], ids=["changed", "moved"])
def test_time_that_is_up_while_contents_are_compared(after: str, tmp_path: Path) -> None:
    a, b = tmp_path / "a.tar", tmp_path / "b.tar"
    a.write_bytes(docker_save([layer(file("x", BODY, mtime=1))]))
    b.write_bytes(docker_save([layer(file(after, BODY, mtime=2))]))
    [pair] = content_of_two(a, b, limits=LATE).pairs
    assert [(row.code, row.effect) for row in pair.document.findings] == [("limit.time", "limit")]
    assert pair.document.equal is None


def test_layers_that_were_read_and_differ_are_not_the_same_whatever_they_say(tmp_path: Path) -> None:
    good, evil = layer(file("bin/sh", b"good")), layer(file("bin/sh", b"evil" * 1000))
    pair = compared(docker_save([good]), docker_save([evil], config=image_config([good])), tmp_path)
    assert layer_rows(pair) == [("changed", 0, 0, ("content",))]
    assert file_rows(pair) == [("modified", "/bin/sh", ("content",))]
    assert pair.document.equal is False
    [finding] = [row for row in pair.document.findings if row.code == "image.layer-differs"]
    assert (finding.where.input, finding.where.image, finding.where.layer) == ("b", 0, 0)


def test_a_pull_that_is_not_known_fails(tmp_path: Path) -> None:
    (tmp_path / "a.tar").write_bytes(docker_save([layer(file("etc/x", b"1"))]))
    (tmp_path / "b.tar").write_bytes(tar(file("etc/x", b"1")))
    pair = compared(tmp_path / "a.tar", tmp_path / "a.tar", tmp_path, gates=DifferenceGates(max_pull=growth("1MB")))
    assert verdict_words([pair.document]) == "verdict: ok"
    sessions = [open_session(tmp_path / name, InspectOptions(root_filesystem=True)) for name in ("a.tar", "b.tar")]
    for session in sessions:
        session.read(FILES)
    settings = DiffSettings(gates=DifferenceGates(max_pull=growth("1MB")))
    [unknown] = diff_content(sessions[0], sessions[1], settings)[0].pairs
    assert unknown.document.passed is False
    assert verdict_words([unknown.document]) == "verdict: failed pull not known"


class Named(msgspec.Struct, frozen=True):
    """An image by its names."""

    names: tuple[str, ...]
    platform: Platform = Platform("linux", "amd64")


def test_counterparts_are_found_in_linear_time() -> None:
    def prepare(size: int) -> object:
        images = [Named((f"r/app{number}:1", f"r/other{number}:1")) for number in range(size)]

        def work() -> None:
            found = Counterparts(images)
            assert [found.of(image, size) for image in images] == list(range(size))

        return work

    assert_linear(prepare, 100)
