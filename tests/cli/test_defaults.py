"""Defaults on the command line: each kind of option takes them, and errors name where they are stated."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click
import pytest

from imgtar.cli.defaults import options_of
from imgtar.cli.registry import NAMES, command_line
from imgtar.policy.defaults import FROM_ENVIRONMENT, FROM_FILE, variable
from tests.builders import good
from tests.cli.command import imgtar, one_line
from tests.paths import ROOT
from tests.runs import COMMANDS, REPORTS, line_of

PAGE = (ROOT / "docs/shell.md").read_text()


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "good.tar"
    path.write_bytes(good())
    return path


def test_each_default_is_an_option_of_a_command() -> None:
    options = {key for name in NAMES for key in options_of(command_line(name))}
    assert set(FROM_ENVIRONMENT) <= options


def test_the_page_lists_them() -> None:
    table = PAGE.split("| option | in a file |")[1].split("\n\n")[0]
    listed = {
        key: cells[2].strip() == "yes"
        for row in table.splitlines()[2:]
        for cells in [row.split("|")]
        for key in re.findall(r"`--([a-z-]+)`", cells[1])
    }
    assert listed == {key: key in FROM_FILE for key in FROM_ENVIRONMENT}


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in REPORTS if "json" in REPORTS[name].renderers])
def test_every_report_takes_a_format_from_the_environment(image: Path, tmp_path: Path, name: str) -> None:
    run = imgtar(*line_of(name, str(image)), env={"IMGTAR_FORMAT": "json"}, cwd=tmp_path)
    assert "schema_version" in json.loads(run.stdout)
    written = imgtar(*line_of(name, str(image), "-o", "table=out"), env={"IMGTAR_FORMAT": "json"}, cwd=tmp_path)
    assert written.stdout == b"", COMMANDS[name]


def test_a_format_that_the_command_lacks_is_left_out_and_one_that_all_lack_is_an_error(tmp_path: Path) -> None:
    assert imgtar("explain", "tar.truncated", env={"IMGTAR_FORMAT": "sarif"}).stdout.startswith(b"tar.truncated")
    assert "IMGTAR_FORMAT: yaml: not a format; choose table" in one_line(
        imgtar("explain", "tar.truncated", env={"IMGTAR_FORMAT": "yaml"})
    )
    (tmp_path / "imgtar.toml").write_text("[defaults.explain]\nformat = 'sarif'\n")
    run = imgtar("explain", "tar.truncated", cwd=tmp_path)
    assert one_line(run) == "imgtar: imgtar.toml: defaults.explain.format: sarif: not a format; choose table"


def parameters(*arguments: str) -> click.Context:
    return command_line(arguments[0]).make_context(arguments[0], list(arguments[1:]))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_values_of_every_kind_come_from_a_file(here: Path) -> None:
    (here / "imgtar.toml").write_text(
        "[defaults]\ntop = 3\nno-trunc = true\nverify = false\nignore = ['a.b', 'c.d']\nplatform = 'linux/arm64'\n"
        "ignore-path = '*.pem'\nfail-on = 'HIGH'\n"
    )
    found = parameters("inspect", "x.tar").params
    assert (found["top"], found["no_trunc"], found["verify"], found["platform"]) == (3, True, False, "linux/arm64")
    assert (found["ignore"], found["ignore_path"], found["fail_on"]) == (("a.b", "c.d"), ("*.pem",), "high")
    assert parameters("inspect", "x.tar", "--ignore", "e.f", "--top", "4").params["ignore"] == ("e.f",)


def test_values_of_every_kind_come_from_the_environment(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for key, value in {
        "top": "3",
        "no-trunc": "yes",
        "verify": "0",
        "ignore-path": "'a b' c",
        "timeout": "2.5",
    }.items():
        monkeypatch.setenv(variable(key), value)
    monkeypatch.setenv("IMGTAR_LIMIT", "layers=1")
    found = parameters("inspect", "x.tar").params
    assert (found["top"], found["no_trunc"], found["verify"], found["timeout"]) == (3, True, False, 2.5)
    assert (found["ignore_path"], found["limits"]) == (("a b", "c"), ("layers=1",))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("top = 'many'", "(--top is from imgtar.toml: defaults.top)"),
        ("top = true", "imgtar.toml: defaults.top: not a text or a number"),
        ("top = [1]", "imgtar.toml: defaults.top: not a text or a number"),
        ("verify = 'yes'", "imgtar.toml: defaults.verify: not true or false; write it without quotes"),
        ("ignore = [true]", "imgtar.toml: defaults.ignore: not a text or a list of texts"),
        ("color = 'blue'", "(--color is from imgtar.toml: defaults.color)"),
        ("ignore = 'no.such'", "(--ignore is from imgtar.toml: defaults.ignore)"),
    ],
)
def test_an_error_names_the_key(image: Path, text: str, says: str) -> None:
    (image.parent / "imgtar.toml").write_text(f"[defaults]\n{text}\n")
    run = imgtar(image, cwd=image.parent)
    assert run.returncode == 2
    assert says in one_line(run)
    assert imgtar("inspect", "--help", cwd=image.parent).returncode == 0


def test_an_error_names_the_variable(image: Path) -> None:
    run = imgtar("ids", image, env={"IMGTAR_PLATFORM": "linux/s390x"})
    assert run.returncode == 3
    assert one_line(run).endswith("(linux/amd64) (--platform is from IMGTAR_PLATFORM)")
    run = imgtar("inspect", image, env={"IMGTAR_IGNORE": "'no end"})
    assert (run.returncode, "IMGTAR_IGNORE: a quotation has no end" in one_line(run)) == (2, True)
    run = imgtar("inspect", image, env={"IMGTAR_TOP": "x\x1b[2J"})
    assert r"x\x1b[2J" in one_line(run)


def test_debug_tells_the_defaults(image: Path) -> None:
    (image.parent / "imgtar.toml").write_text("[defaults]\ntop = 3\n")
    run = imgtar(image, "--debug", cwd=image.parent, env={"IMGTAR_NO_TRUNC": "1"})
    assert run.stderr.decode().splitlines() == [
        "imgtar: --top 3 is from imgtar.toml: defaults.top",
        "imgtar: --no-trunc 1 is from IMGTAR_NO_TRUNC",
    ]


def test_no_file_beside_the_image_is_read(image: Path, tmp_path: Path) -> None:
    (image.parent / "imgtar.toml").write_text("[defaults]\ntop = 'many'\n")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert imgtar(image, cwd=elsewhere).returncode == 0


def test_colour_by_a_variable_wins_over_no_color(image: Path) -> None:
    env = {"IMGTAR_COLOR": "always", "NO_COLOR": "1", "FORCE_COLOR": None}
    assert b"\x1b[" in imgtar("ids", image, env=env).stdout
    assert b"\x1b[" not in imgtar("ids", image, "--color", "never", env=env).stdout
