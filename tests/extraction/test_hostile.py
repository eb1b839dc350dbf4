"""No image writes, links or changes anything outside the directory that it is extracted to."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from imgtar.cli.main import run
from imgtar.extraction.folders import remove_tree
from tests.extraction.extracting import NOBODY, extract, run_as, tree_of
from tests.extraction.hostile_images import CASES, HostileImage
from tests.extraction.test_folders import opened
from tests.hostile import cases_documents, cases_layers, cases_outer

VARIANTS = ((), ("--links", "inside"), ("--links", "skip"), ("--all-layers",), ("--exact", "--special", "--xattrs"))
IDS = [case.id for case in CASES]
SUITE = (*cases_outer.CASES, *cases_documents.CASES, *cases_layers.CASES)
QUICK_CASES = [case for case in SUITE if not case.starred]


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A directory that no image may touch."""
    canary = tmp_path / "outside"
    (canary / "inner").mkdir(parents=True)
    (canary / "secret").write_text("untouched")
    (canary / "inner" / "file").write_text("untouched")
    (canary / "secret").chmod(0o640)
    return canary


def links_of(root: Path) -> Iterator[Path]:
    for folder, directories, files in os.walk(root):
        for name in directories + files:
            path = Path(folder, name)
            if path.is_symlink():
                yield path


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_nothing_outside_changes(case: HostileImage, tmp_path: Path, outside: Path) -> None:
    archive = tmp_path / "image.tar"
    archive.write_bytes(case.build(os.fsencode(outside).lstrip(b"/")))
    before = tree_of(outside)
    for number, options in enumerate(VARIANTS):
        room = tmp_path / f"room{number}"
        room.mkdir()
        assert extract(archive, room, *options) in (*case.exits, 0)
        assert tree_of(outside) == before
        assert {path.name for path in room.iterdir()} <= {"out"}
        if "inside" in options:
            for link in links_of(room / "out"):
                assert Path(os.path.realpath(link)).is_relative_to(room / "out"), link


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_the_exit_code_says_what_was_refused(case: HostileImage, tmp_path: Path, outside: Path) -> None:
    archive = case.build(os.fsencode(outside).lstrip(b"/"))
    assert extract(archive, tmp_path) in case.exits


@pytest.mark.skipif(os.geteuid() != 0, reason="the tests do not run as root, so the others run as a plain user")
def test_nothing_outside_changes_for_a_plain_user(tmp_path: Path, outside: Path) -> None:
    for folder in (tmp_path, *tmp_path.parents):
        if folder.is_relative_to("/tmp/pytest-of-root") or folder.parent == tmp_path.parent.parent:
            folder.chmod(folder.stat().st_mode | 0o055)
    os.chown(outside, NOBODY, NOBODY)
    before = tree_of(outside)
    lines = []
    for number, case in enumerate(CASES):
        room = tmp_path / f"room{number}"
        room.mkdir()
        os.chown(room, NOBODY, NOBODY)
        (tmp_path / f"{number}.tar").write_bytes(case.build(os.fsencode(outside).lstrip(b"/")))
        for variant, options in enumerate(VARIANTS):
            lines.append(
                [
                    "extract",
                    str(tmp_path / f"{number}.tar"),
                    "--quiet",
                    "--output",
                    str(room / f"out{variant}"),
                    *options,
                ]
            )
    codes = run_as(NOBODY, lines)
    assert len(codes) == len(lines)
    assert set(codes) <= {0, 5, 6}
    assert tree_of(outside) == before
    for number in range(len(CASES)):
        assert all(
            path.name.startswith("out") and ".imgtar-" not in path.name
            for path in (tmp_path / f"room{number}").iterdir()
        )


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_the_tar_leaves_nothing_either(case: HostileImage, tmp_path: Path, outside: Path) -> None:
    archive = tmp_path / "image.tar"
    archive.write_bytes(case.build(os.fsencode(outside).lstrip(b"/")))
    code = run(["extract", str(archive), "--tar", str(tmp_path / "flat.tar"), "--quiet"])
    assert code in (0, 5, 6)
    assert {path.name for path in tmp_path.iterdir()} <= {"image.tar", "outside", "flat.tar"}


@pytest.mark.slow
@pytest.mark.parametrize("options", [(), ("--all-layers", "--links", "inside")], ids=["final", "layers"])
def test_the_hostile_suite_in_a_directory(
    options: tuple[str, ...], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """No damaged archive is a bug or leaves anything but the directory."""
    for case in QUICK_CASES:
        arguments = [argument for argument in case.arguments if argument != "--verify"]
        code = extract(case.build(), tmp_path, *options, "--limit", "extract-bytes=64MiB", *arguments)
        assert code in (0, 2, 3, 4, 5, 6), case.id
        assert "Traceback" not in capfd.readouterr().err, case.id
        assert {path.name for path in tmp_path.iterdir()} <= {"image.tar", "out"}, case.id
        if (tmp_path / "out").exists():
            with opened(tmp_path) as above:
                remove_tree(b"out", folder=above)
