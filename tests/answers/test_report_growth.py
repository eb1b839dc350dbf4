"""The work of `report` is linear in packages, layers, images, findings and waste, in every format."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from imgtar.cli.registry import report_types
from imgtar.contract.content import TextSettings
from tests.answers.test_packages_growth import layers, packages
from tests.answers.test_report import content_of, images
from tests.builders import docker_save, file, layer, whiteout
from tests.growth import assert_linear


def wasted(count: int) -> bytes:
    """Files in folders of their own, all deleted by another layer, and a setuid program in each folder."""
    names = [f"opt/{number}" for number in range(count)]
    files = (file(f"{name}/{part}", b"waste" * 200, mode=0o4755) for name in names for part in "ab")
    return docker_save([layer(*files), layer(*map(whiteout, names))])


CASES: dict[str, Callable[[int], bytes]] = {
    "packages": lambda count: docker_save(packages(count)),
    "layers": lambda count: docker_save(layers(count)),
    "images": images,
    "waste": wasted,
}


@pytest.mark.parametrize("name", CASES)
def test_growth(name: str, tmp_path: Path) -> None:
    renderers = [report_types()["report"].renderer(form) for form in report_types()["report"].renderers]

    def work(archive: bytes) -> None:
        content = content_of(archive, tmp_path)
        for renderer in renderers:
            assert all(isinstance(piece, bytes) for piece in renderer(content, TextSettings()))

    def prepare(count: int) -> Callable[[], object]:
        archive = CASES[name](count)
        return lambda: work(archive)

    work(CASES[name](1))  # what is imported on first use
    assert_linear(prepare, 15)
