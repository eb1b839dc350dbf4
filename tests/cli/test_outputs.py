"""Where reports go: whole or not at all, never over the input; standard output closed, full or odd."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from pathlib import Path

import pytest

from imgtar.cli.outputs import new_file
from imgtar.cli.registry import report_types
from imgtar.text import human_size
from tests.builders import good, oci_layout, write_directory
from tests.cli.command import IMGTAR, environment, imgtar, one_line
from tests.runs import REPORTS, line_of

pytestmark = pytest.mark.slow

linux = pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "good.tar"
    path.write_bytes(good())
    return path


def left_behind(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("command", REPORTS)
def test_every_format_goes_to_a_file_as_to_standard_output(image: Path, command: str) -> None:
    names = list(report_types()[command].renderers)
    options = [f"{name}={name}.out" for name in names]
    asked = line_of(command, image.name)
    run = imgtar(*asked, *(word for option in options for word in ("-o", option)), cwd=image.parent)
    assert (run.returncode, run.stdout) == (0, b"")
    sizes = [human_size((image.parent / f"{name}.out").stat().st_size) for name in names]
    written = [f"wrote {name}.out, {size}" for name, size in zip(names, sizes, strict=True)]
    assert run.stderr.decode().splitlines() == written
    for name in names:
        shown = imgtar(*asked, "--format", name, cwd=image.parent)
        assert shown.returncode == 0
        assert (image.parent / f"{name}.out").read_bytes() == shown.stdout
    assert left_behind(image.parent) == sorted([image.name, *(f"{name}.out" for name in names)])


@pytest.mark.parametrize("ending", ["json", "jsonl", "md", "html", "csv", "sarif", "txt"])
def test_the_ending_of_a_file_names_its_format(image: Path, ending: str) -> None:
    form = {"md": "markdown", "txt": "table"}.get(ending, ending)
    run = imgtar(image.name, "-o", f"r.{ending}", cwd=image.parent)
    assert (run.returncode, run.stdout) == (0, b"")
    assert run.stderr.startswith(f"wrote r.{ending}, ".encode())
    shown = imgtar(image.name, "--format", form, cwd=image.parent)
    assert (image.parent / f"r.{ending}").read_bytes() == shown.stdout


@pytest.mark.parametrize(("ending", "form"), [("cdx.json", "cyclonedx"), ("spdx.json", "spdx"), ("x.json", "json")])
def test_a_longer_ending_counts_first(image: Path, ending: str, form: str) -> None:
    assert imgtar("packages", image.name, "-o", f"r.{ending}", cwd=image.parent).returncode == 0
    shown = imgtar("packages", image.name, "--format", form, cwd=image.parent)
    assert (image.parent / f"r.{ending}").read_bytes() == shown.stdout


def test_quiet_names_no_file_and_xml_is_junit(image: Path) -> None:
    run = imgtar("check", image.name, "-q", "--max-layers", "9", "-o", "check.xml", cwd=image.parent)
    assert (run.returncode, run.stdout, run.stderr) == (0, b"", b"")
    assert (image.parent / "check.xml").read_bytes().startswith(b"<?xml")


def test_a_file_and_standard_output_at_once(image: Path) -> None:
    run = imgtar(image, "--format", "json", "-o", f"json={image.parent}/r.json")
    assert run.stderr == b""
    assert json.loads(run.stdout) == json.loads((image.parent / "r.json").read_bytes())


def test_a_file_is_replaced_and_a_link_is_not_followed(image: Path, tmp_path: Path) -> None:
    victim, link, old = tmp_path / "victim", tmp_path / "link.json", tmp_path / "old.json"
    victim.write_text("untouched")
    link.symlink_to(victim)
    old.write_text("x" * 1_000_000)
    assert imgtar(image, "-o", f"json={link}").returncode == 0
    assert imgtar(image, "-o", f"json={old}").returncode == 0
    assert victim.read_text() == "untouched"
    assert not link.is_symlink()
    assert link.read_bytes() == old.read_bytes()


def test_a_report_has_the_mode_of_any_new_file(image: Path, tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        assert imgtar(image, "-o", f"json={tmp_path}/r.json").returncode == 0
    finally:
        os.umask(before)
    assert (tmp_path / "r.json").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o604])
def test_a_file_that_is_replaced_leaves_its_mode(mode: int, image: Path, tmp_path: Path) -> None:
    old, link = tmp_path / "old.json", tmp_path / "link.json"
    old.write_text("old")
    old.chmod(mode)
    link.symlink_to(old)
    for target in (link, old):
        assert imgtar(image, "-o", f"json={target}").returncode == 0
        assert json.loads(target.read_bytes())["complete"]
        assert target.lstat().st_mode & 0o777 == mode


def test_rights_are_not_given_to_another_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the group cannot be kept, the group of the new file gets no rights."""

    def refuse(*_: object) -> None:
        raise PermissionError

    old = tmp_path / "old"
    old.write_text("old")
    old.chmod(0o664)
    status = list(old.stat())
    status[stat.ST_GID] += 1
    monkeypatch.setattr(os, "fchown", refuse)
    os.close(new_file(str(tmp_path / "new"), os.stat_result(status)))
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o604


@pytest.mark.parametrize("letter", ["x", "\u00e9", "\u65e5", "\U0001f433"])
def test_a_name_may_be_as_long_as_the_system_allows(letter: str, image: Path, tmp_path: Path) -> None:
    name = letter * (250 // len(letter.encode())) + ".json"
    assert imgtar(image, "-o", f"json={tmp_path}/{name}").returncode == 0
    assert left_behind(tmp_path) == sorted([image.name, name])


def test_what_cannot_be_written_is_known_before_the_reading(image: Path, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for target in (tmp_path / "folder", tmp_path / "none" / "r.json"):
        run = imgtar("nofile.tar", "-o", f"json={target}", cwd=tmp_path)  # exit 3 would show that it was read first
        assert run.returncode == 6
        assert str(target) in one_line(run)


def test_the_input_is_never_overwritten(image: Path) -> None:
    before = image.read_bytes()
    link = image.parent / "other.json"
    link.hardlink_to(image)
    for target in (image, link):
        for source in (image, f"docker-archive:{image}", f"docker-archive:{image}:app:1"):
            run = imgtar("inspect", source, "-o", f"json={target}")
            assert run.returncode == 2
            assert "overwrite" in one_line(run)
    assert image.read_bytes() == before


def test_no_file_of_an_input_directory_is_overwritten(tmp_path: Path) -> None:
    layout = write_directory(oci_layout([]).members(), tmp_path / "layout")
    run = imgtar(layout, "-o", f"json={layout}/index.json")
    assert run.returncode == 2
    (layout / "link.json").symlink_to(tmp_path / "elsewhere.json")
    run = imgtar(layout, "-o", f"json={layout}/link.json")
    assert run.returncode == 2
    assert imgtar(layout, "-o", f"json={layout}/report.json").returncode in (0, 4)


@linux
@pytest.mark.parametrize("arguments", [["--format", "json"], ["--format", "table"], ["--help"]])
def test_a_full_device_is_exit_6(image: Path, arguments: list[str]) -> None:
    with open("/dev/full", "wb") as full:
        run = subprocess.run(
            [*IMGTAR, "inspect", image, *arguments], stdout=full, stderr=subprocess.PIPE, env=environment(), check=False
        )
    assert run.returncode == 6
    assert one_line(run).startswith("imgtar: standard output: ")


@linux
def test_devices_are_written_in_place(image: Path) -> None:
    assert imgtar(image, "-o", "json=/dev/null").returncode == 0
    assert Path("/dev/null").is_char_device()
    run = imgtar(image, "-o", "json=/dev/full")
    assert run.returncode == 6
    assert "/dev/full: cannot be written" in one_line(run)
    run = imgtar(image, "-o", "json=/dev/stdout")
    assert json.loads(run.stdout)["complete"]


def test_a_disk_that_fills_up_leaves_no_file(image: Path, tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    out = tmp_path / "out"
    out.mkdir()

    def small_files() -> None:
        import signal

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))

    run = subprocess.run(
        [*IMGTAR, image, "-o", f"json={out}/r.json"],
        capture_output=True,
        env=environment({"PYTHONDONTWRITEBYTECODE": "1"}),
        preexec_fn=small_files,
        check=False,
    )
    assert run.returncode == 6
    assert "r.json: cannot be written: File too large" in one_line(run)
    assert left_behind(out) == []


def closed_early(arguments: list[str]) -> tuple[int, bytes]:
    """Runs with a standard output that is closed by its reader; exit code and standard error."""
    reading, writing = os.pipe()
    os.close(reading)
    run = subprocess.run([*IMGTAR, *arguments], stdout=writing, stderr=subprocess.PIPE, env=environment(), check=False)
    os.close(writing)
    return run.returncode, run.stderr


@pytest.mark.parametrize("arguments", [[], ["--format", "json"], ["--help"]])
def test_a_closed_pipe_is_quiet(image: Path, arguments: list[str]) -> None:
    assert closed_early(["inspect", str(image), *arguments]) == (141, b"")


def test_files_are_written_although_nobody_reads_standard_output(image: Path, tmp_path: Path) -> None:
    arguments = ["inspect", str(image), "--format", "table", "-o", f"json={tmp_path}/r.json"]
    assert closed_early(arguments) == (141, b"")
    assert json.loads((tmp_path / "r.json").read_bytes())["complete"]


def test_no_standard_output_at_all(image: Path) -> None:
    run = subprocess.run(
        ["/bin/sh", "-c", 'exec "$@" >&-', "sh", *IMGTAR, str(image)],
        capture_output=True,
        env=environment(),
        check=False,
    )
    assert run.returncode == 6
    one_line(run)


@pytest.mark.parametrize("output", ["-o md=r.md", "-o markdown=r.md", "-o r.md"])
def test_markdown_has_a_short_name(output: str, image: Path, tmp_path: Path) -> None:
    assert imgtar("inspect", image, *output.split(), cwd=tmp_path).returncode == 0
    printed = imgtar("inspect", image, "-f", "md", cwd=tmp_path).stdout
    assert (tmp_path / "r.md").read_bytes() == printed
    assert imgtar("inspect", image, cwd=tmp_path, env={"IMGTAR_FORMAT": "md"}).stdout == printed
    (tmp_path / "pages").mkdir()
    assert imgtar("inspect", image, image, "-o", "md=pages/", cwd=tmp_path).returncode == 0
    assert sorted(path.suffix for path in (tmp_path / "pages").iterdir()) == [".md", ".md"]


IN_PROC = "cannot be written: no file can be made in its folder; choose another"


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("inspect IMAGE -o json=/proc/none", f"/proc/none: {IN_PROC} file"),
        ("extract IMAGE --output /proc/none", f"/proc/none: {IN_PROC} directory"),
        ("extract IMAGE --tar /proc/none", f"/proc/none: {IN_PROC} file"),
        ("fleet IMAGE --out /proc/none", f"/proc/none: {IN_PROC} place"),
        ("inspect IMAGE -o json=none/x", "its folder does not exist; make its folder first or choose another file"),
        ("extract IMAGE --output none/x", "make its folder first or choose another directory"),
        ("fleet IMAGE --out IMAGE", "it is a file; give a folder, or a file that ends in .jsonl"),
    ],
)
def test_a_place_that_takes_no_file_has_a_remedy_that_helps(
    command: str, says: str, image: Path, tmp_path: Path
) -> None:
    run = imgtar(*command.replace("IMAGE", str(image)).split(), cwd=tmp_path)
    assert says in one_line(run)
    assert run.returncode == 6
