"""docs/architecture.md: its picture and its table of rooms are those of the code."""

from __future__ import annotations

import ast
import importlib.util
import re
from types import ModuleType

import pytest

from tests.paths import ROOT

PAGE = (ROOT / "docs/architecture.md").read_text()
ROOMS = {f"{path.parent.relative_to(ROOT)}/" for path in (ROOT / "imgtar").rglob("__init__.py")}


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("architecture", ROOT / "scripts/architecture.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_picture_is_fresh(script: ModuleType) -> None:
    assert script.page() == PAGE, "run: python scripts/architecture.py"


def test_the_picture_has_every_room(script: ModuleType) -> None:
    drawn = set(re.findall(r'^    (\w+)\["', PAGE, re.MULTILINE))
    assert drawn == {room.split("/")[1] for room in ROOMS if room.count("/") == 2} | {script.GROUND}


def test_imports_are_found_wherever_they_stand(script: ModuleType) -> None:
    lines = (
        "import imgtar.a",
        "import os",
        "if x:",
        "    from imgtar.b import y",
        "def f():",
        "    from imgtar import c",
    )
    source = "\n".join(lines)
    assert set(script.imported(source)) == {"imgtar.a", "imgtar.b", "imgtar.c", "os"}


def test_arrows_that_a_longer_way_implies_are_left_out(script: ModuleType) -> None:
    drawn = script.picture({"cli": {"image", "formats"}, "image": {"formats"}, "formats": set()})
    assert re.findall(r"\w+ --> \w+", drawn) == ["cli --> image", "image --> formats"]


def test_a_circle_is_an_error(script: ModuleType) -> None:
    with pytest.raises(ValueError, match="answers, report"):
        script.picture({"cli": {"report"}, "report": {"answers"}, "answers": {"report"}})


def test_every_room_has_a_line() -> None:
    assert set(re.findall(r"^\| `(imgtar/[\w/]*)` \|", PAGE, re.MULTILINE)) == ROOMS


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_every_room_says_what_it_is_for(room: str) -> None:
    """A sentence, an empty line, and what belongs into the room or not."""
    docstring = ast.get_docstring(ast.parse((ROOT / room / "__init__.py").read_text()))
    assert docstring
    assert len(docstring.splitlines()) >= 3
