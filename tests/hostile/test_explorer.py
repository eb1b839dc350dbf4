"""Every hostile case in the model of the explorer, without a terminal: each line is clean text of its width."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import msgspec
import pytest

from imgtar.answers.opening import open_session
from imgtar.answers.options import EVERYTHING, InspectOptions
from imgtar.answers.session import Session
from imgtar.errors import ImgtarError
from imgtar.explore.model.browser import Browser
from imgtar.explore.model.compare_page import ComparePage, compared
from imgtar.explore.model.detail import path_lines, row_lines
from imgtar.explore.model.duplicates_page import DuplicatesPage, duplicates_asked
from imgtar.explore.model.explored import Explored, explored
from imgtar.explore.model.file_lines import FileLines
from imgtar.explore.model.lines import FixedLines, Line, Lines, plain
from imgtar.explore.model.packages_page import PackagesPage, packages_asked
from imgtar.explore.model.page import Page
from imgtar.explore.model.preview import ContentPage, read_content
from imgtar.explore.model.waste_page import WastePage
from imgtar.text import width
from tests.builders import docker_save, file, tar
from tests.hostile.case import CONTROLS, Case
from tests.hostile.test_cases import QUICK

pytestmark = pytest.mark.slow

WIDTHS = (20, 80)
LOOKED_AT = 40  # lines of a list, and files
READ = 3  # rows of the layers, and files whose content is read
OPTIONS = InspectOptions(spool=lambda _folder: None)


def opened(path: Path) -> Session | None:
    """The first image of a case; None where nothing in it can be explored."""
    try:
        session = open_session(path, OPTIONS)
        if len(session.outlines) > 1:
            session = open_session(path, msgspec.structs.replace(OPTIONS, image="@0"))
        session.read(EVERYTHING)
    except ImgtarError:
        return None
    return session


def shown(lines: Lines, columns: int) -> Iterator[Line]:
    """The first lines of a list, and its last one."""
    count = len(lines)
    yield from (lines.line(number, columns) for number in range(min(count, LOOKED_AT)))
    if count:
        yield lines.line(count - 1, columns)


def pages(session: Session, image: Explored, path: Path, other: Path) -> Iterator[Page]:
    yield WastePage(image)
    yield DuplicatesPage(image, duplicates_asked(session))
    packages = packages_asked(session)
    yield from (PackagesPage(image, packages, form) for form in range(4))
    reading = msgspec.structs.replace(OPTIONS, image="@0" if image.choice else None)
    yield ComparePage(image, compared(session, str(path), str(other), reading), str(other))


def panes(image: Explored, columns: int) -> Iterator[Lines]:
    """The layers, the files of each with what is known of them, and contents."""
    browser = Browser(image)
    yield browser.layers
    for row in sorted({*range(min(len(browser.layers), READ)), len(browser.layers) - 1}):
        browser.row = row
        yield FixedLines(row_lines(image, browser.layer_row, columns))
        for _ in browser.list_files():
            pass
        files = browser.files
        if files is None:
            continue
        for _ in islice(files.open_all(), LOOKED_AT):
            pass
        yield FileLines(image, files, attributes=bool(row % 2))
        for path in files.rows[:LOOKED_AT]:
            yield FixedLines(path_lines(image, path, browser.below(path), columns))
        for path in files.rows[:READ]:
            entry = browser.entry(path)
            if entry is not None and entry.member.type == "file" and not entry.broken:
                content = read_content(image, entry)
                yield ContentPage(image, image.path(path), content, browser.content_command(path)).lines(columns)


@pytest.mark.parametrize("case", QUICK)
def test_a_hostile_image_is_clean_text(case: Case, tmp_path: Path) -> None:
    path, other = tmp_path / "case.img", tmp_path / "other.tar"
    path.write_bytes(case.build())
    other.write_bytes(docker_save([tar(file("a", b"a"))]))
    session = opened(path)
    image = None if session is None else explored(session, unicode=True)
    if session is None or image is None:
        return
    found: list[Line] = []
    for page in pages(session, image, path, other):
        for columns in WIDTHS:
            found += shown(page.lines(columns), columns)
        found += [[], *([] for _ in page.commands)]
        assert not any(map(CONTROLS.search, (page.title, page.hint, *page.commands)))
    for columns in WIDTHS:
        for lines in panes(image, columns):
            for line in shown(lines, columns):
                found.append(line)
                assert width(plain(line)) <= max(columns, 80), plain(line)
    assert not [plain(line) for line in found if CONTROLS.search(plain(line)) or "\n" in plain(line)]
