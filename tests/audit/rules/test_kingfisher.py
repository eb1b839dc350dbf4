"""Kingfisher as a second engine: beside imgtar's own, joined with it, redacted, without the network."""

from __future__ import annotations

import base64
import os
import platform
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from imgtar.audit.kingfisher import KingfisherProbe, cache_folder
from imgtar.audit.secrets.collector import SecretRoom
from imgtar.limits import DEFAULT
from scripts.token_makers import ALNUM, HEX, pick
from tests.audit.audited import audited_bytes, of
from tests.builders import docker_save, file, layer, whiteout
from tests.cli.command import ROOT, environment, imgtar

TOKEN = ("do" + "p_v1_" + pick(HEX, 64)).encode()  # both engines know it
ENCODED = base64.b64encode(b"token = " + TOKEN)  # Kingfisher alone decodes it
KEY = ("aws" + f'_secret_access_key = "{pick(ALNUM, 40)}"').encode()


@pytest.fixture(autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))  # one for all tests of a worker


@pytest.fixture
def _kingfisher() -> None:
    pytest.importorskip("kingfisher_sdk", reason="the extra kingfisher is not installed")


@pytest.mark.usefixtures("_kingfisher")
def test_both_engines_report(tmp_path: Path) -> None:
    image = docker_save([layer(file("a", b"x = " + TOKEN), file("b", b'x = "' + ENCODED + b'"')), layer(whiteout("b"))])
    assert not of(audited_bytes(image, tmp_path), "secret.kingfisher")
    rows = audited_bytes(image, tmp_path, kingfisher=True)
    [joined] = of(rows, "secret.digitalocean-token")
    assert joined.where.path == "/a"
    assert "veles.secrets/digitaloceanapikey" in joined.references
    [own] = of(rows, "secret.kingfisher")
    assert (own.where.path, own.where.removed_in, own.severity) == ("/b", 1, "medium")
    assert "veles.secrets/digitaloceanapikey" in own.references
    assert "dop_… (71 characters)" in own.message
    assert [row.where.path for row in of(rows, "secret.in-lower-layer")] == ["/b"]


@pytest.mark.usefixtures("_kingfisher")
def test_secrets_that_are_shown_alike_are_told_apart(tmp_path: Path) -> None:
    """All three are shown as `dop_… (71 characters)`; Kingfisher alone finds the second and the third."""
    others = [base64.b64encode(b"token = " + ("do" + "p_v1_" + pick(HEX, 64)).encode()) for _ in range(2)]
    text = b"x = " + TOKEN + b"".join(b'\ny = "' + other + b'"' for other in others)
    rows = audited_bytes(docker_save([layer(file("a", text))]), tmp_path, kingfisher=True)
    assert len(of(rows, "secret.digitalocean-token")) == 1
    assert len(of(rows, "secret.kingfisher")) == 2


@pytest.mark.usefixtures("_kingfisher")
@pytest.mark.parametrize(
    ("text", "code"),
    [
        (TOKEN, "digitalocean-token"),
        (KEY, "aws-secret-access-key"),
        (b"hooks.slack.com/services/T0123ABCD/B0123ABCD/" + pick(ALNUM, 24).encode(), "slack-webhook"),
        (("https://x.blob/?AccountName=abc;Account" + f"Key={pick(ALNUM, 86)}==;").encode(), "azure-storage-key"),
    ],
)
def test_equal_secrets_are_told_once(text: bytes, code: str, tmp_path: Path) -> None:
    """Equal ones overlap, at least: Kingfisher takes the whole address for the secret, imgtar a part of it."""
    rows = audited_bytes(docker_save([layer(file("app/a", b"value: " + text + b"\n"))]), tmp_path, kingfisher=True)
    assert len(of(rows, f"secret.{code}")) == 1
    assert {row.code for row in rows if row.code.startswith("secret.")} <= {f"secret.{code}", "secret.kingfisher"}
    ours = of(rows, f"secret.{code}")[0].message.partition(": ")[2]
    assert ours not in {row.message.partition(": ")[2] for row in of(rows, "secret.kingfisher")}


@pytest.mark.usefixtures("_kingfisher")
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("before", [0, 100, (4 << 20) - 60, (4 << 20) - 8, 5 << 20])
def test_every_place_of_a_large_file_is_searched(before: int, encoding: str, tmp_path: Path) -> None:
    """The blocks are of 4 MiB; a secret across the border of two is found, once."""
    text = " ".join(("x" * before, f'"{ENCODED.decode()}"', "x" * 100)).encode(encoding)
    rows = audited_bytes(docker_save([layer(file("app/a", text))]), tmp_path, kingfisher=True)
    assert len(of(rows, "secret.kingfisher")) == 1


@pytest.mark.usefixtures("_kingfisher")
def test_what_packages_brought_and_samples(tmp_path: Path) -> None:
    """The rules about places hold for both engines."""
    quoted = b'x = "' + ENCODED + b'"'
    content = layer(
        file("var/lib/dpkg/info/tool.list", b"/.\n/usr\n/usr/share/tool/a\n"),
        file("usr/share/tool/a", quoted),
        file("srv/tests/a", quoted),
    )
    [row] = of(audited_bytes(docker_save([content]), tmp_path, kingfisher=True), "secret.kingfisher")
    assert (row.where.path, row.severity) == ("/srv/tests/a", "low")


@pytest.mark.usefixtures("_kingfisher")
def test_a_comment_switches_no_rule_off(tmp_path: Path) -> None:
    text = b'x = "' + ENCODED + b'"  # kingfisher:ignore gitleaks:allow\n'
    assert of(audited_bytes(docker_save([layer(file("a", text))]), tmp_path, kingfisher=True), "secret.kingfisher")


@pytest.mark.usefixtures("_kingfisher")
def test_the_secret_is_in_no_output(tmp_path: Path) -> None:
    path = tmp_path / "image.tar"
    path.write_bytes(docker_save([layer(file("a", b'x = "' + ENCODED + b'"'))]))
    run = imgtar("audit", path, "--rules", "kingfisher", "--debug", "-o", f"json={tmp_path / 'out'}", "-o", "table=-")
    assert run.returncode == 0, run.stderr
    shown = run.stdout + run.stderr + (tmp_path / "out").read_bytes()
    assert b"secret.kingfisher" in shown
    assert TOKEN not in shown
    assert ENCODED not in shown


@pytest.mark.usefixtures("_kingfisher")
def test_a_key_of_the_configuration(tmp_path: Path) -> None:
    path, config = tmp_path / "image.tar", tmp_path / "imgtar.toml"
    path.write_bytes(docker_save([layer(file("a", b'x = "' + ENCODED + b'"'))]))
    config.write_text('rules = "kingfisher"\nignore = ["config.user-root"]')
    arguments = ("--max-severity", "low", "--config", config)
    failed = imgtar("check", path, *arguments, "--format", "json")
    assert failed.returncode == 1
    assert b"secret.kingfisher" in failed.stdout
    assert b"secret.kingfisher" not in imgtar("check", path, *arguments, "--rules", "imgtar").stdout


@pytest.mark.usefixtures("_kingfisher")
def test_the_time_is_limited() -> None:
    assert KingfisherProbe(DEFAULT, SecretRoom(9)).watch(b"a", 10) is not None
    assert KingfisherProbe(msgspec.structs.replace(DEFAULT, secret_time=0), SecretRoom(9)).watch(b"a", 10) is None


# A filter of the kernel: a process that asks for a socket, from whatever language, is killed.
NO_SOCKETS = """
import ctypes, platform, struct, sys
number = {"x86_64": 41, "aarch64": 198}[platform.machine()]
steps = [(0x20, 0, 0, 0), (0x15, 0, 1, number), (0x06, 0, 0, 0x80000000), (0x06, 0, 0, 0x7FFF0000)]
program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
head = struct.pack("HxxxxxxP", len(steps), ctypes.addressof(program))
libc = ctypes.CDLL(None, use_errno=True)
assert libc.prctl(38, 1, 0, 0, 0) == 0 and libc.prctl(22, 2, ctypes.create_string_buffer(head), 0, 0) == 0
"""


def without_sockets(program: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-c", NO_SOCKETS + program, *arguments], env=environment(), capture_output=True, check=False
    )


@pytest.mark.skipif(sys.platform != "linux" or platform.machine() not in ("x86_64", "aarch64"), reason="Linux only")
@pytest.mark.usefixtures("_kingfisher")
def test_no_socket_is_ever_made(tmp_path: Path) -> None:
    """A token of a service that Kingfisher could ask whether the token is valid."""
    path = tmp_path / "image.tar"
    path.write_bytes(docker_save([layer(file("a", b"x = " + TOKEN), file("b", b'x = "' + ENCODED + b'"'))]))
    assert without_sockets("import socket; socket.socket()").returncode == -signal.SIGSYS
    program = "from imgtar.cli.main import run; sys.exit(run(sys.argv[1:]))"
    run = without_sockets(program, "audit", str(path), "--rules", "kingfisher", "--format", "json")
    assert run.returncode == 0, run.stderr
    assert b"secret.kingfisher" in run.stdout


def test_without_the_extra(tmp_path: Path) -> None:
    """Exit 2, and the line that installs it."""
    (tmp_path / "kingfisher_sdk.py").write_text("raise ImportError")
    path = tmp_path / "image.tar"
    path.write_bytes(docker_save([layer(file("a", b"x"))]))
    run = imgtar("audit", path, "--rules", "kingfisher", env={"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"})
    assert run.returncode == 2
    assert b"pip install 'imgtar[kingfisher]'" in run.stderr
    assert run.stderr.count(b"\n") == 1


def test_the_cache_is_the_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder() == str(tmp_path / ".cache/imgtar/kingfisher")
    monkeypatch.setenv("XDG_CACHE_HOME", "/c")
    assert cache_folder() == "/c/imgtar/kingfisher"
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.delenv("LOCALAPPDATA", raising=False)
    assert cache_folder() is None
