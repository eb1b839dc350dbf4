"""What a comparison reads and how its work grows: linear in the files and the layers together."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from imgtar.analysis.comparison.comparison import compare_images
from imgtar.answers.opening import open_session
from imgtar.answers.options import FILES, InspectOptions
from imgtar.image import layer_scans
from imgtar.image.twins import Twins
from imgtar.limits import DEFAULT
from tests.answers.comparing import content_of_two
from tests.builders import docker_save, file, hardlink, layer, oci_archive
from tests.growth import assert_linear

Built = tuple[list[bytes], list[bytes]]


def touched_files(count: int) -> Built:
    first, second = (layer(*(file(f"d/{number}", b"x", mtime=time) for number in range(count))) for time in (1, 2))
    return [first], [second]


def renamed_files(count: int) -> Built:
    """All have one size, and each content is moved."""
    first, second = (
        layer(*(file(f"{name}/{number}", b"%08d" % number) for number in range(count))) for name in ("old", "new")
    )
    return [first], [second]


def equal_contents(count: int) -> Built:
    first, second = (layer(*(file(f"{name}/{number}", b"x") for number in range(count))) for name in ("old", "new"))
    return [first], [second]


def hard_links(count: int) -> Built:
    links = [hardlink(f"{number}", "f") for number in range(count)]
    return [layer(file("f", b"1"), *links)], [layer(file("f", b"2"), *links)]


def inserted_files(count: int) -> Built:
    shared = [layer(file("a"))]
    return shared, [*shared, layer(*(file(f"d/{number}", b"x") for number in range(count)))]


CASES = [touched_files, renamed_files, equal_contents, hard_links, inserted_files]


@pytest.mark.parametrize("build", CASES, ids=lambda one: one.__name__)
@pytest.mark.parametrize("level", ["default", "strict"])
def test_work_is_linear(build: Callable[[int], Built], level: str, tmp_path: Path) -> None:
    def prepare(count: int) -> Callable[[], object]:
        sessions = []
        for name, layers in zip("ab", build(count), strict=True):
            (tmp_path / f"{name}{count}").write_bytes(docker_save(layers))
            sessions.append(open_session(tmp_path / f"{name}{count}"))
        a, b = (session.stacked(0) for session in sessions)
        return lambda: compare_images(a, b, DEFAULT, level=level)  # type: ignore[arg-type]

    assert_linear(prepare, 100)


@pytest.fixture
def scanned(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes of the blobs that are scanned."""
    sizes: list[int] = []
    scan = layer_scans.scan_layer

    def counted(blob: layer_scans.Blob, *arguments: object, **named: object) -> object:
        sizes.append(blob.size)
        return scan(blob, *arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(layer_scans, "scan_layer", counted)
    return sizes


LAYERS = [layer(file("a", b"a")), layer(file("b", bytes(3000))), layer(file("c", bytes(9000)))]


@pytest.mark.parametrize("verify", [False, True])
@pytest.mark.parametrize("save", [docker_save, oci_archive])
def test_a_layer_that_both_have_is_read_once(
    save: Callable[[list[bytes]], bytes], scanned: list[int], verify: bool, tmp_path: Path
) -> None:
    (tmp_path / "a").write_bytes(save(LAYERS))
    (tmp_path / "b").write_bytes(save([*LAYERS[:2], layer(file("d", bytes(20000)))]))
    [pair] = content_of_two(tmp_path / "a", tmp_path / "b", verify=verify, jobs=1).pairs
    assert [row.status for row in pair.document.layers][:2] == ["same", "same"]
    assert len(scanned) == (6 if verify else 4)


def test_a_layer_of_another_size_is_no_twin(tmp_path: Path) -> None:
    """The config of OTHER says that its layer is one of IMAGE, and the layer is longer: it is read."""
    (tmp_path / "a").write_bytes(docker_save(LAYERS[:1]))
    diff_ids = open_session(tmp_path / "a").outlines[0].record.diff_ids
    liar = docker_save([LAYERS[1]], rootfs={"type": "layers", "diff_ids": [str(diff_id) for diff_id in diff_ids]})
    (tmp_path / "b").write_bytes(liar)
    first = open_session(tmp_path / "a", InspectOptions(twins=Twins()))
    first.read(FILES)
    second = open_session(tmp_path / "b", InspectOptions(twins=Twins(first.images[0].layers)))
    assert set(second.tree(0)) == {b"b"}
