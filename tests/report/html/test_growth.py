"""The page grows with what is in the image: its work and its bytes in proportion, its elements hardly at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.builders import docker_save, file, layer, whiteout
from tests.growth import SLACK, assert_linear
from tests.report.html.browser import Browser, is_here
from tests.report.rendering import content_of, rendered


def files(count: int) -> bytes:
    """`count` files, a third of them deleted again."""
    paths = [f"srv/{number % 50}/file-{number:06}.js" for number in range(count)]
    return docker_save([layer(*(file(path, b"x" * 9) for path in paths)), layer(*map(whiteout, paths[::3]))])


def layers(count: int) -> bytes:
    """`count` layers with a file each that is writable by everyone."""
    return docker_save([layer(file(f"tmp/{number}", b"x", mode=0o666)) for number in range(count)])


def findings(count: int) -> bytes:
    """Layers with `count` files that are writable by everyone, at most 100 in each, so that all are listed."""
    open_files = [file(f"srv/{number:06}", b"x", mode=0o666) for number in range(count)]
    return docker_save([layer(*open_files[start : start + 100]) for start in range(0, count, 100)])


LAST_ROW_IS_THERE = """
const last = document.querySelector(".grid").getAttribute("aria-rowcount");
return document.querySelector(`.sizer .row[aria-rowindex="${last}"]`) !== null;
"""
KINDS: list[tuple[Callable[[int], bytes], int]] = [(files, 400), (layers, 50), (findings, 300)]


@pytest.mark.parametrize(("images", "size"), KINDS, ids=lambda case: getattr(case, "__name__", ""))
def test_work_and_bytes_grow_with_the_image(tmp_path: Path, images: Callable[[int], bytes], size: int) -> None:
    lengths: list[int] = []

    def prepare(count: int) -> Callable[[], object]:
        path = tmp_path / f"{count}.tar"
        path.write_bytes(images(count))
        content = content_of(path, audit=True)
        return lambda: lengths.append(len(rendered(content, "html", full=True)))

    prepare(1)()  # compiles the templates
    assert_linear(prepare, size)
    _, small, middle, large = lengths
    assert small < middle < large
    assert large - middle <= 2 * SLACK * (middle - small)


@pytest.mark.slow
@pytest.mark.skipif(not is_here(), reason="chromium and chromedriver are not installed")
def test_four_times_the_files_are_hardly_more_elements(window: Browser, tmp_path: Path) -> None:
    counts = []
    for count in (2_000, 8_000):
        (tmp_path / "image.tar").write_bytes(files(count))
        page = tmp_path / "page.html"
        page.write_text(rendered(content_of(tmp_path / "image.tar"), "html"))
        window.open(page)
        window.run("document.querySelector('.viewport').scrollTop = 1e6")
        window.wait(LAST_ROW_IS_THERE)
        counts.append(window.run("return document.querySelectorAll(':not(.map *)').length"))
    assert counts[1] < 1.1 * counts[0]
