"""How the work of the explorer grows with the image: lists in proportion to it, a line of them not at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from imgtar.answers.opening import open_session
from imgtar.answers.options import EVERYTHING, InspectOptions
from imgtar.explore.model.browser import Browser
from imgtar.explore.model.duplicates_page import DuplicatesPage, duplicates_asked
from imgtar.explore.model.explored import Explored, explored
from imgtar.explore.model.file_lines import FileLines
from imgtar.explore.model.packages_page import PackagesPage, packages_asked
from imgtar.explore.model.page import Target
from imgtar.explore.model.preview import Content, ContentPage
from imgtar.explore.model.search import next_line
from imgtar.explore.model.waste_page import WastePage
from tests.answers.inventories import dpkg
from tests.builders import docker_save, file, tar, whiteout
from tests.growth import assert_linear, steps

SIZE = 150
SHOWN = 50  # lines of a screen
BODY = bytes(4000)


def opened(folder: Path, count: int) -> Explored:
    """An image with so many files, deleted files, duplicates and packages."""
    path = folder / f"{count}.tar"
    if not path.exists():
        files = [file(f"d{number % 10}/e{number % 7}/f{number}", BODY) for number in range(count)]
        gone = [file(f"gone/{number}", b"1") for number in range(count)]
        packages = dpkg(*(f"p{number}=1" for number in range(count)))
        path.write_bytes(docker_save([tar(packages, *files, *gone), tar(whiteout("gone"))]))
    session = open_session(path, InspectOptions())
    session.read(EVERYTHING)
    image = explored(session, unicode=True)
    assert image is not None
    return image


def listed(image: Explored, text: str = "", *, sorts: int = 0, row: int = 0) -> Browser:
    browser = Browser(image)
    browser.set_text(text)
    browser.row = row
    for _ in browser.list_files():
        pass
    for _ in range(sorts):
        for _ in browser.toggle_order():
            pass
    assert browser.files is not None
    for _ in browser.files.open_all():
        pass
    return browser


def gone_to(image: Explored, count: int) -> Browser:
    browser = Browser(image)
    target = Target(f"d{(count - 1) % 10}/e{(count - 1) % 7}/f{count - 1}".encode())
    browser.aim(target)
    for _ in browser.list_files_at(target.path):
        pass
    assert browser.files is not None
    assert target.path in browser.files.rows
    return browser


WORK: dict[str, Callable[[Explored, int], object]] = {
    "list": lambda image, _: listed(image),
    "filter": lambda image, _: listed(image, "f1"),
    "sort": lambda image, _: listed(image, sorts=1),
    "sort-net": lambda image, _: listed(image, sorts=2, row=2),
    "go-to": gone_to,
    "duplicates": lambda image, _: duplicates_asked(image.session),
    "packages": lambda image, _: packages_asked(image.session),
    "search": lambda image, _: next_line(WastePage(image).lines(80), "nowhere", 0, 1, 80),
    "search-content": lambda image, n: next_line(
        ContentPage(image, "", Content(b"a line\n" * n, n, 0), "").lines(80), "nowhere", 0, 1, 80
    ),
    "found-everywhere": lambda image, n: next_line(
        ContentPage(image, "", Content(b"aaaa" * n, n, 0), "").lines(80), "a", 0, 1, 80
    ),
}


@pytest.mark.parametrize("name", WORK)
def test_work_grows_with_the_image(name: str, tmp_path: Path) -> None:
    def prepare(count: int) -> Callable[[], object]:
        image = opened(tmp_path, count)
        return lambda: WORK[name](image, count)

    assert_linear(prepare, SIZE)


LINES: dict[str, Callable[[Explored], Callable[[int], object]]] = {
    "files": lambda image: _line_of_files(image),
    "waste": lambda image: _line_of(WastePage(image)),
    "duplicates": lambda image: _line_of(DuplicatesPage(image, duplicates_asked(image.session))),
    "packages": lambda image: _line_of(PackagesPage(image, packages_asked(image.session))),
    "unowned": lambda image: _line_of(PackagesPage(image, packages_asked(image.session), 2)),
}


def _line_of(page: WastePage | DuplicatesPage | PackagesPage) -> Callable[[int], object]:
    lines = page.lines(80)
    return lambda number: lines.line(number, 80)


def _line_of_files(image: Explored) -> Callable[[int], object]:
    files = listed(image).files
    assert files is not None
    lines = FileLines(image, files, attributes=True)
    return lambda number: lines.line(number, 80)


@pytest.mark.parametrize("name", LINES)
def test_a_screen_costs_the_same_however_large_the_image_is(name: str, tmp_path: Path) -> None:
    def screen(count: int) -> int:
        line = LINES[name](opened(tmp_path, count))
        return steps(lambda: [line(number) for number in range(SHOWN)])

    small, large = screen(SIZE), screen(4 * SIZE)
    assert large < 1.2 * small, (small, large)


def test_a_path_of_many_levels_is_one_row(tmp_path: Path) -> None:
    path = tmp_path / "deep.tar"
    path.write_bytes(docker_save([tar(file("a/" * 60_000 + "f", b"x"), file("b/c", b"y"))]))
    session = open_session(path)
    session.read(EVERYTHING)
    image = explored(session, unicode=True)
    assert image is not None
    browser = listed(image)
    assert browser.files is not None
    assert [len(row) for row in browser.files.rows] == [120_001, 1, 3]
    browser.aim(Target(browser.files.rows[0]))
    assert steps(lambda: list(browser.list_files_at(browser.files.rows[0]))) < 5_000  # type: ignore[union-attr]


def test_a_directory_that_is_closed_takes_no_path_with_it_that_is_too_long_to_be_in_it(tmp_path: Path) -> None:
    path = tmp_path / "deep.tar"
    path.write_bytes(docker_save([tar(file("a/" * 60_000 + "f", b"x"), file("a/c", b"y"), file("a/d/e", b"z"))]))
    session = open_session(path)
    session.read(EVERYTHING)
    image = explored(session, unicode=True)
    assert image is not None
    files = listed(image).files
    assert files is not None
    shown = [row if len(row) < 9 else b"long" for row in files.rows]
    assert shown == [b"a", b"a/c", b"a/d", b"a/d/e", b"long"]
    files.toggle(0)
    assert [len(row) for row in files.rows] == [1, 120_001]
