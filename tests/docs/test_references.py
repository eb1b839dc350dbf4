"""Every reference of the pages, and of comments and docstrings to pages, leads somewhere within the project."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path

import pytest

from tests.paths import ROOT

DOCS = ROOT / "docs"
PAGES = sorted(
    path
    for path in chain(
        ROOT.glob("*.md"), DOCS.rglob("*.md"), (ROOT / ".github").rglob("*.md"), (ROOT / "tests").rglob("*.md")
    )
)
SOURCES = sorted(path for room in ("imgtar", "tests", "scripts", "fuzz") for path in (ROOT / room).rglob("*.py"))
FENCED = re.compile(r"^(```|~~~).*?^\1[^\S\n]*$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
# A name in backticks that looks like a path of the project; words in capitals stand for a name to be chosen.
OURS = re.compile(r"(?:imgtar|tests|docs|scripts|fuzz|\.github)/[\w./*-]*")
CHOSEN = re.compile(r"(?:^|[/_.-])[A-Z]{2,}(?:[/_.-]|$)")
PAGE_NAME = re.compile(r"(?<![\w/.:=-])([a-z][\w-]*\.md)\b(?:#[\w-]+)?(?:,? (?:section )?(\d+(?:\.\d+)?)(?![\w%]))?")
# The pages of the OCI image specification, which the code cites by name.
SPECIFICATION = {
    f"{page}.md"
    for page in (
        "annotations",
        "config",
        "descriptor",
        "image-index",
        "image-layout",
        "layer",
        "manifest",
        "media-types",
    )
}
SECTION = re.compile(r"^#+ (\d+(?:\.\d+)?)\.? ", re.MULTILINE)


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def prose(page: Path) -> str:
    """A page without its fenced blocks."""
    return FENCED.sub("", page.read_text())


@cache
def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def page_of(file_name: str) -> Path | None:
    """The page of this name: in docs/, or at the root."""
    return next((place / file_name for place in (DOCS, ROOT) if (place / file_name).exists()), None)


def wrong_names(text: str) -> Iterator[str]:
    """What a text cites that is not there: pages by name, and their sections by number."""
    for cited, section in PAGE_NAME.findall(text):
        if cited in SPECIFICATION:
            continue
        page = page_of(cited)
        if page is None:
            yield cited
        elif section and section not in SECTION.findall(prose(page)):
            yield f"{cited} {section}"


def remarks(source: Path) -> str:
    """The comments and docstrings of a module."""
    text = source.read_text()
    found = [
        token.string for token in tokenize.generate_tokens(io.StringIO(text).readline) if token.type == tokenize.COMMENT
    ]
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    found += [ast.get_docstring(node) or "" for node in ast.walk(ast.parse(text)) if isinstance(node, kinds)]
    return "\n".join(found)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_to_a_place_in_the_project(page: Path) -> None:
    for link in LINK.findall(prose(page)):
        if re.match(r"https?://", link):
            continue
        target, _, anchor = link.partition("#")
        place = (page.parent / target).resolve() if target else page
        assert place.is_relative_to(ROOT), link
        assert place.exists(), link
        assert not anchor or anchor in anchors(place), link


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_paths_of_the_project_exist(page: Path) -> None:
    for code in CODE.findall(prose(page)):
        for path in OURS.findall(code):
            if not CHOSEN.search(path):
                assert any(ROOT.glob(path.rstrip("/."))), path


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_pages_cite_pages_and_sections_that_exist(page: Path) -> None:
    assert not list(wrong_names(prose(page)))


@pytest.mark.parametrize("source", SOURCES, ids=name)
def test_code_cites_pages_and_sections_that_exist(source: Path) -> None:
    assert not list(wrong_names(remarks(source)))


def test_code_cites_pages() -> None:
    """The tests above look at something."""
    assert sum(len(PAGE_NAME.findall(remarks(source))) for source in SOURCES) > 10


def test_every_page_is_in_the_index() -> None:
    index = (DOCS / "README.md").read_text()
    listed = {(DOCS / link.partition("#")[0]).resolve() for link in LINK.findall(index)}
    assert {page for page in DOCS.rglob("*.md") if page.name != "README.md"} <= listed
    assert {ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", ROOT / "CHANGELOG.md"} <= listed


def test_the_recipe_for_a_command_has_every_decorator() -> None:
    """The table of CONTRIBUTING.md names the decorators of imgtar/cli/options.py, and no other."""
    source = ast.parse((ROOT / "imgtar/cli/options.py").read_text())
    names = {node.name for node in source.body if isinstance(node, ast.FunctionDef)}
    table = (ROOT / "CONTRIBUTING.md").read_text().split("| decorator |")[1].split("\n\n")[0]
    assert set(re.findall(r"^ *\| `(\w+)", table, re.MULTILINE)) == names


def test_the_index_has_every_page() -> None:
    listed = set(LINK.findall((DOCS / "README.md").read_text()))
    assert {path.name for path in DOCS.glob("*.md")} - listed == {"README.md"}
