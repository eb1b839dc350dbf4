"""Images that package managers made: which layer installed, upgraded and removed what, against what they say."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from types import ModuleType

import pytest

from imgtar.contract.packages import PackageRow
from tests.answers.inventories import asked
from tests.packages.managers import deb, go, java, npm, python, rpm, rust
from tests.packages.managers.layered import Built, Row

MANAGERS = (deb, rpm, python, npm, java, go, rust)
THERE = ("installed", "database-deleted")


def build(manager: ModuleType, work: Path) -> Built:
    """The image of a package manager, where it is installed and may do its work."""
    lacking = [program for program in manager.PROGRAMS if shutil.which(program) is None]
    if lacking:
        pytest.skip(f"not installed: {', '.join(lacking)}")
    if manager.AS_ROOT and os.geteuid():
        pytest.skip(f"{manager.PROGRAMS[0]} changes to the root of the image, which only root may do")
    built: Built = manager.build(work)
    return built


@pytest.mark.slow
@pytest.mark.parametrize("manager", MANAGERS, ids=lambda manager: manager.TYPE)
def test_the_packages_are_those_of_the_package_manager(manager: ModuleType, tmp_path: Path) -> None:
    built = build(manager, tmp_path / "work")
    for index, told in enumerate(built.told):
        document = asked(built.layers[: index + 1], tmp_path, types=(manager.TYPE,))
        listed = {(one.name, one.version) for one in document.packages if one.state in THERE}
        expected = built.told[index - 1] if told is None else told
        assert listed == expected, f"layer {index}"
        assert [one.state for one in document.coverage if one.type == manager.TYPE] != ["unreadable"]
    assert {_row(one) for one in document.packages} == built.rows
    assert len(document.packages) == len(built.rows)


def _row(one: PackageRow) -> Row:
    owned = tuple(sorted(one.bytes.by_layer.items()))
    return Row(one.name, one.version, one.state, one.installed_in, one.removed_in, one.upgraded_from, owned)
