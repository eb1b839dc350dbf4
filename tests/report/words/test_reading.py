"""The command that reads a file which a report names: a shell and imgtar read it as it stands."""

from __future__ import annotations

import subprocess
from pathlib import Path

import msgspec
import pytest

from imgtar.cli.main import run
from imgtar.contract.envelope import Source
from imgtar.filesystem.given_paths import parse_path
from imgtar.formats.tar.path import clean
from imgtar.report.words.reading import cat_command
from imgtar.text import json_text
from tests.builders import docker_save, file, image_config, layer, raw, whiteout
from tests.paths import FIXTURES
from tests.report.rendering import HOSTILE_NAMES

SOURCE = Source(path="app.tar", size=1, form="docker-archive", container="tar", compression="none")
KEY = b"-----BEGIN RSA PRIVATE KEY-----\n" + b"MIIEpAIBAAKCAQEA7bq0XKz9sVn2v1Qk8yT3mWc5uR6dHj\n" * 20
KEY += b"-----END RSA PRIVATE KEY-----\n"


def words_of(command: str) -> list[bytes]:
    """The words that a shell makes of a command."""
    script = f"set -- {command}\nfor word; do printf '%s\\0' \"$word\"; done"
    return subprocess.run(["/bin/sh", "-c", script], capture_output=True, check=True).stdout.split(b"\0")[:-1]


@pytest.mark.parametrize("ascii_only", [False, True])
def test_a_shell_and_imgtar_read_the_path_as_it_is_stored(ascii_only: bool) -> None:
    names = [
        *HOSTILE_NAMES,
        "it's",
        "$(id)",
        "`id`",
        "a;b",
        "!x",
        "-rf",
        "##[error]x",
        "::error::x",
        "~",
        "*.pem",
        "a\\x41",
    ]
    for name in names:
        path = clean(b"d/" + raw(name))
        text, b64 = json_text(b"/" + path)
        command = cat_command(SOURCE, text, b64, 3, "", ascii_only=ascii_only)
        assert command.isprintable()
        assert command.isascii() or not ascii_only
        program, called, archive, given, option, number = words_of(command)
        assert (program, called, archive, option, number) == (b"imgtar", b"cat", b"app.tar", b"--layer", b"3")
        assert parse_path(given.decode()) == path


@pytest.mark.parametrize("name", ["it's here.tar", "-x.tar", "$(id).tar", "ä.tar"])
def test_the_name_of_the_archive_is_quoted(name: str) -> None:
    source = msgspec.structs.replace(SOURCE, path=name)
    given = words_of(cat_command(source, "/a", None, 0, ""))[2].decode()
    assert given == ("./-x.tar" if name.startswith("-") else name)


def test_where_no_command_can_name_the_file_there_is_none() -> None:
    def command(name: str = "app.tar", path: str = "/a", choice: str | None = "", *, ascii_only: bool = False) -> str:
        container = "stream" if name in ("-", "/dev/fd/63") else SOURCE.container
        source = msgspec.structs.replace(SOURCE, path=name, container=container)
        return cat_command(source, path, None, 0, choice, ascii_only=ascii_only)

    assert command()
    assert not command("-")
    assert not command("/dev/fd/63")
    assert not command("new\nline.tar")
    assert not command("##[x].tar")
    assert command("ä.tar")
    assert not command("ä.tar", ascii_only=True)
    assert not command(path="/token/ghp_… (40 characters)")
    assert not command(path="/" + "x" * 500)
    assert not command(choice=None)
    assert command(choice="0123456789ab").endswith(" --image 0123456789ab")


@pytest.fixture
def leaking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An image whose layer 1 deletes two keys of layer 0; the config gives no other finding on files."""
    names = ("root/.ssh/id_rsa", "srv/it's a key; $(id)")
    layers = [layer(*(file(name, KEY, mode=0o600) for name in names)), layer(*map(whiteout, names))]
    (tmp_path / "app.tar").write_bytes(docker_save(layers, config=image_config(layers)))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    return "app.tar"


COMMANDS = [
    "imgtar cat app.tar /root/.ssh/id_rsa --layer 0",
    """imgtar cat app.tar '/srv/it'"'"'s a key; $(id)' --layer 0""",
]


def test_the_text_of_an_audit_names_each_command_once(leaking: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["audit", leaking]) == 0
    lines = [line.strip() for line in capfd.readouterr().out.splitlines()]
    assert [lines.count(command) for command in COMMANDS] == [1, 1]
    place = lines.index(COMMANDS[0])
    assert "/root/.ssh/id_rsa (line 2) holds" in " ".join(lines[place - 2 : place])


def test_the_pages_name_the_commands(leaking: str, capfd: pytest.CaptureFixture[str]) -> None:
    for command in (["audit"], ["check", "--fail-on", "critical"]):
        assert run([*command, leaking, "--format", "html"]) in (0, 1)
        page = capfd.readouterr().out
        for shown in COMMANDS:
            assert f'<code class="copy">{shown.replace(chr(39), "&#39;").replace(chr(34), "&#34;")}</code>' in page


def test_inspect_names_the_command_for_a_wasted_file(leaking: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["inspect", leaking]) == 0
    assert f"\n  {COMMANDS[0]}\n" in capfd.readouterr().out
    assert run(["inspect", leaking, "--format", "html"]) == 0
    assert f'<code class="copy">{COMMANDS[0]}</code> prints one of them.' in capfd.readouterr().out


def test_a_command_that_does_not_fit_in_a_line_is_left_out(
    leaking: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    assert run(["audit", leaking]) == 0
    assert "imgtar cat" not in capfd.readouterr().out
    assert run(["audit", leaking, "--no-trunc"]) == 0
    assert "imgtar cat" in capfd.readouterr().out


def test_a_file_that_its_layer_stores_twice_is_no_example(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """`cat --layer` would print the other content."""
    (tmp_path / "app.tar").write_bytes(docker_save([layer(file("a", b"1" * 9), file("a", b"2"))]))
    monkeypatch.chdir(tmp_path)
    assert run(["inspect", "app.tar"]) == 0
    out = capfd.readouterr().out
    assert "duplicate" in out
    assert "imgtar cat" not in out


def test_of_several_images_the_command_chooses_one_by_its_id(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    assert run(["inspect", str(FIXTURES / "d20-two-images-shared.tar"), "--format", "json"]) in (0, 4)
    document = msgspec.json.decode(capfd.readouterr().out)
    chosen = [f"--image {image['id'].removeprefix('sha256:')[:12]}" for image in document["images"] if image["waste"]]
    assert run(["inspect", str(FIXTURES / "d20-two-images-shared.tar"), "--no-trunc"]) in (0, 4)
    named = [line for line in capfd.readouterr().out.splitlines() if line.startswith("  imgtar cat ")]
    assert [line[-len(choice) :] for line, choice in zip(named, chosen, strict=True)] == chosen != []


@pytest.mark.parametrize("command", COMMANDS)
def test_the_command_prints_the_file(leaking: str, command: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert leaking in command
    assert run([word.decode() for word in words_of(command)[1:]]) == 0
    assert capfdbinary.readouterr().out == KEY
