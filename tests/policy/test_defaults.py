"""Defaults of options: which place counts, what a file may set, and what is said about other keys."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from imgtar.errors import UsageError
from imgtar.policy.defaults import FROM_ENVIRONMENT, FROM_FILE, Default, find_defaults, variable

COMMANDS = ("inspect", "ls", "audit", "check", "fleet", "diff", "packages")
OPTIONS = ("top", "format", "verify", "base-image", "base", "fail-on", "own", "limit", "config", "by", "unowned")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def found(command: str = "inspect", *given: str, config: str | None = None, **environment: str) -> dict[str, object]:
    """The values by options."""
    defaults = find_defaults(command, OPTIONS, given, environment, commands=COMMANDS, config=config)
    return {key: default.value for key, default in defaults.items()}


def error(command: str = "inspect") -> str:
    with pytest.raises(UsageError) as raised:
        found(command)
    return f"{raised.value.message}; {raised.value.remedy}"


def test_the_command_line_counts_before_the_environment_and_that_before_the_file(here: Path) -> None:
    (here / "imgtar.toml").write_text("[defaults]\ntop = 1\nverify = true\n[defaults.ls]\ntop = 2\n")
    assert found() == {"top": 1, "verify": True}
    assert found("ls") == {"top": 2, "verify": True}
    assert found("ls", IMGTAR_TOP="3") == {"top": "3", "verify": True}
    assert found("ls", "top", IMGTAR_TOP="3") == {"verify": True}


def test_a_default_has_its_place(here: Path) -> None:
    (here / "pyproject.toml").write_text(
        "[tool.imgtar.defaults.inspect]\ntop = 1\n[tool.imgtar.defaults]\nown = true\n"
    )
    defaults = find_defaults("inspect", OPTIONS, (), {"IMGTAR_BASE_IMAGE": "a b"}, commands=COMMANDS)
    assert defaults == {
        "top": Default(1, "pyproject.toml: tool.imgtar.defaults.inspect.top", of_command=True),
        "own": Default(True, "pyproject.toml: tool.imgtar.defaults.own"),
        "base-image": Default("a b", "IMGTAR_BASE_IMAGE", of_environment=True),
    }


def test_only_the_first_file_counts(here: Path) -> None:
    (here / "pyproject.toml").write_text("[tool.imgtar.defaults]\ntop = 1\n")
    assert found() == {"top": 1}
    (here / "imgtar.toml").write_text('ignore = ["x"]\n')
    assert found() == {}


def test_a_named_file_counts_alone(here: Path) -> None:
    (here / "imgtar.toml").write_text("[defaults]\ntop = 1\n")
    (here / "other.toml").write_text("[defaults]\nown = true\n")
    assert found("check", config="other.toml") == {"own": True}
    assert found("check", IMGTAR_CONFIG="other.toml") == {"own": True, "config": "other.toml"}


def test_a_pipe_as_configuration_is_left_to_the_command(here: Path) -> None:
    os.mkfifo(here / "pipe")
    assert found("check", config="pipe") == {}
    assert found("check", config="absent.toml") == {}


def test_a_file_without_defaults_need_not_be_valid(here: Path) -> None:
    (here / "pyproject.toml").write_text("not = valid = toml\n")
    assert found() == {}
    (here / "pyproject.toml").write_text("not = valid = toml # defaults\n")
    assert error().startswith("pyproject.toml: not valid TOML")


@pytest.mark.parametrize("key", sorted(set(FROM_ENVIRONMENT) - set(FROM_FILE)))
def test_a_file_cannot_set_what_lifts_a_limit_or_hides_damage(here: Path, key: str) -> None:
    (here / "imgtar.toml").write_text(f'[defaults]\n{key} = "1"\n')
    assert error() == (
        f"imgtar.toml: defaults.{key}: not an option that a file may set; give --{key}, or set {variable(key)}"
    )


@pytest.mark.parametrize("key", ["output", "tar", "in-place", "context", "o", "raw", "special", "exact", "limits"])
def test_neither_a_file_nor_the_environment_sets_what_writes(here: Path, key: str) -> None:
    assert key not in FROM_ENVIRONMENT
    (here / "imgtar.toml").write_text(f'[defaults.inspect]\n{key} = "x"\n')
    assert f"imgtar.toml: defaults.inspect.{key}: not an option that a file may set; " in error()
    (here / "imgtar.toml").unlink()
    assert found(**{variable(key): "x"}) == {}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[defaults]\nfromat = 'json'\n", "defaults.fromat: not an option that a file may set; did you mean format?"),
        (
            "[defaults]\nTOP = 1\n",
            "defaults.TOP: not an option that a file may set; docs/shell.md lists the keys: ",
        ),
        ("[defaults.inspcet]\ntop = 1\n", "defaults.inspcet: not a command; did you mean inspect?"),
        ("[defaults.inspect]\nlong = true\n", "defaults.inspect.long: the command has no --long; leave the key out"),
        ("defaults = 1\n", "imgtar.toml: defaults is not a table"),
    ],
)
def test_an_unknown_key_names_the_nearest(here: Path, text: str, says: str) -> None:
    (here / "imgtar.toml").write_text(text)
    assert says in error()


def test_a_key_that_only_other_commands_have_is_left_out(here: Path) -> None:
    (here / "imgtar.toml").write_text("[defaults]\nlong = true\n")
    assert found("inspect") == {}


@pytest.mark.parametrize("command", ["audit", "check", "fleet"])
def test_the_key_at_the_top_of_the_file_wins_where_it_counts(here: Path, command: str) -> None:
    (here / "imgtar.toml").write_text(
        "fail-on = 'high'\n[check]\nown = true\n[defaults]\nfail-on = 'low'\nown = false\n"
    )
    assert found(command) == {}
    assert found(command, IMGTAR_FAIL_ON="info") == {"fail-on": "info"}
    assert found("inspect") == {"fail-on": "low", "own": False}


def test_a_default_gives_way_to_an_option_that_excludes_it() -> None:
    assert found("inspect", "base", IMGTAR_BASE_IMAGE="x") == {}
    assert found("packages", "unowned", IMGTAR_BY="package") == {}
    assert found("diff", IMGTAR_BASE_IMAGE="x") == {}
    assert found("fleet", IMGTAR_FORMAT="json") == {}
    assert found("inspect", IMGTAR_BASE_IMAGE="x") == {"base-image": "x"}


def test_a_variable_without_a_value_is_not_set() -> None:
    assert found(IMGTAR_TOP="") == {}
