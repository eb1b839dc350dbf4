"""Pages and Markdown name the options that made them, so that a reader can make them again."""

from __future__ import annotations

import html
import re
import shlex
from pathlib import Path

import pytest

from tests.builders import docker_save
from tests.cli.command import imgtar
from tests.runs import NEEDED
from tests.several_images import small_layer

PAGES = ("inspect", "verify", "audit", "check", "report")


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "app.tar"
    path.write_bytes(docker_save([small_layer(1), small_layer(2)], names=["a:1"]))
    return path


def made_by(page: bytes) -> str:
    """The command line that a page names."""
    (line,) = re.findall(r"<p>Made by <code>(.*)</code></p>", page.decode())
    return html.unescape(line)


@pytest.mark.parametrize("command", PAGES)
def test_the_named_command_makes_the_page_again(command: str, archive: Path) -> None:
    options = ("--min-severity", "low", "--ignore", "tar.sparse", "--ignore", "layer.control-char", "--limit=ratio=900")
    first = imgtar(command, archive, *options, *NEEDED.get(command, ()), "-f", "html", "--jobs", "1", "--quiet")
    assert first.returncode in (0, 1), first.stderr
    line = made_by(first.stdout)
    assert "--min-severity low --ignore tar.sparse --ignore layer.control-char --limit ratio=900" in line
    assert "--jobs" not in line
    program, *words, output, target = shlex.split(line)
    assert (program, output, target) == ("imgtar", "-o", "html=report.html")
    again = imgtar(*words, "-f", "html")
    assert again.stdout == first.stdout
    markdown = imgtar(*words, "-f", "markdown").stdout.decode()
    assert "with `--min-severity low --ignore tar.sparse" in markdown


def test_a_command_without_options_names_none(archive: Path) -> None:
    assert made_by(imgtar("inspect", archive, "-f", "html").stdout).split()[3:] == ["-o", "html=report.html"]
    assert " with `" not in imgtar("inspect", archive, "-f", "markdown").stdout.decode()


def test_a_comparison_names_its_options(archive: Path) -> None:
    run = imgtar("diff", archive, archive, "--exclude", "<b>`x` y", "--strict", "-f", "html")
    assert made_by(run.stdout).endswith(f"{archive} --exclude '<b>`x` y' --strict -o html=report.html")
    markdown = imgtar("diff", archive, archive, "--strict", "-f", "markdown").stdout.decode()
    assert "with `--strict`; `imgtar diff` shows the full report." in markdown


def test_options_of_variables_and_of_the_configuration_file_are_named(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "imgtar.toml").write_text('[defaults]\nmin-severity = "low"\ncolor = "never"\n')
    run = imgtar("inspect", archive, "-f", "html", cwd=tmp_path, env={"IMGTAR_TOP": "7"})
    line = made_by(run.stdout)
    assert "--min-severity low" in line
    assert "--top 7" in line
    assert "--color" not in line


def test_no_secret_and_no_control_character_is_in_the_line(archive: Path) -> None:
    url = "https://user:hunter2@example.com/x*?sig=hunter2"
    for command in PAGES:
        run = imgtar(command, archive, "--ignore-path", url, *NEEDED.get(command, ()), "-f", "html")
        assert "hunter2" not in run.stdout.decode()
        assert "…@example.com/x*?…" in made_by(run.stdout)
    hidden = imgtar("audit", archive, "--ignore-path", "password=hunter2secret99", "-f", "html")
    assert "hunter2" not in hidden.stdout.decode()
    evil = imgtar("inspect", archive, "--ignore-path", "a\x1bc\nb", "-f", "html")
    assert "\x1b" not in evil.stdout.decode()
    assert r"a\x1bc\x0ab" in made_by(evil.stdout)


def test_the_page_of_a_fleet_names_what_was_asked_and_not_who_did_it(archive: Path, tmp_path: Path) -> None:
    options = ("--do", "inspect,verify", "--workers", "1", "--out", "out", "--summary", "all.html")
    assert imgtar("fleet", archive, *options, cwd=tmp_path).returncode == 0
    assert made_by((tmp_path / "all.html").read_bytes()) == "imgtar fleet --do inspect,verify"
