"""The documentation is what the code says: help texts, findings, exit codes, outputs shown, links."""

from __future__ import annotations

import importlib.util
import pkgutil
import re
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import imgtar
from imgtar import errors
from imgtar.answers.catalogue import kinds
from imgtar.findings import Kind
from tests.paths import ROOT


def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs", ROOT / "scripts/docs.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_pages_are_fresh() -> None:
    stale = [path.name for path, text in script().pages().items() if not path.exists() or path.read_text() != text]
    assert stale == [], "run: python scripts/docs.py"


def test_every_kind_that_a_module_declares_is_in_the_catalogue() -> None:
    names = [module.name for module in pkgutil.walk_packages(imgtar.__path__, "imgtar.")]
    modules = [import_module(name) for name in names if "__main__" not in name]
    declared = {value.code for module in modules for value in vars(module).values() if isinstance(value, Kind)}
    listed = [getattr(module, "KINDS", ()) for module in modules]
    declared |= {kind.code for some in listed for kind in (some.values() if isinstance(some, dict) else some)}
    there = "add its module's KINDS to RULE_FAMILIES in imgtar/audit/auditor.py, or to imgtar/answers/catalogue.py"
    assert declared == set(kinds()), there


def test_every_code_has_a_heading() -> None:
    prefixes = {code.partition(".")[0] for code in kinds()}
    assert set(script().HEADINGS) == prefixes, "HEADINGS in scripts/docs.py has a heading for what is before the dot"


def test_what_harms_has_a_remedy_and_a_remedy_is_something_to_do() -> None:
    assert [kind.code for kind in kinds().values() if kind.effect != "none" and not kind.remedy] == []
    assert [kind.code for kind in kinds().values() if kind.remedy.lower().startswith(("nothing", "none"))] == []


def test_exit_codes_of_the_page_are_those_of_the_errors() -> None:
    page = (ROOT / "docs/exit-codes.md").read_text()
    listed = {int(code) for code in re.findall(r"^\| `?(\d+)`?", page, re.MULTILINE)}
    raised = {kind.exit_code for kind in vars(errors).values() if isinstance(kind, type) and hasattr(kind, "exit_code")}
    assert raised | {0, 1, 4, 5, 70, 130, 141, 143} <= listed


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))], ids=lambda path: path.name
)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
        assert (page.parent / target).exists(), target


def test_readme_names_the_test_command() -> None:
    assert "scripts/test" in (ROOT / "README.md").read_text()
    assert "scripts/test" in (ROOT / ".ci/run").read_text()
