"""Private keys that stand in public tests are told as such, and every other key is not."""

from __future__ import annotations

import base64
import hashlib
import re
from importlib.resources import files
from pathlib import Path

import pytest

from imgtar.audit.secrets import sample_keys
from scripts.token_makers import ALNUM, pick
from tests.audit.audited import audited_bytes
from tests.audit.secrets.credential_samples import PKCS8
from tests.builders import docker_save, file, image_config, layer

TEXT = files("imgtar").joinpath("audit/secrets/sample_keys.txt").read_text()
BODY = pick(ALNUM, 1200).encode()
ENCODED = base64.encodebytes(BODY).decode()


def _pem(words: str, body: str = ENCODED, headers: str = "") -> bytes:
    name = f"{words}PRIVATE" + " KEY"
    return f"-----BEGIN {name}-----\n{headers}{body}-----END {name}-----\n".encode()


@pytest.fixture(autouse=True)
def _published(monkeypatch: pytest.MonkeyPatch) -> None:
    table = {hashlib.sha256(body).hexdigest(): "Spam" for body in (BODY, PKCS8)}
    monkeypatch.setattr(sample_keys, "_table", lambda: table)


def _told(content: bytes, folder: Path) -> list[tuple[str, str, str]]:
    rows = audited_bytes(docker_save([layer(file("srv/a", content))]), folder)
    return [(row.code, row.severity, row.message) for row in rows if row.code.startswith("secret.")]


FORMS = {
    "PKCS#8": _pem(""),
    "PKCS#1": _pem("RSA "),
    "SEC 1": _pem("EC "),
    "OpenSSH": _pem("OPENSSH "),
    "encrypted PKCS#8": _pem("ENCRYPTED "),
    "encrypted PKCS#1": _pem("RSA ", headers="Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n"),
    "CRLF": _pem("").replace(b"\n", b"\r\n"),
    "in a string": _pem("").replace(b"\n", b"\\n"),
    "DER": PKCS8,
}


@pytest.mark.parametrize("form", FORMS)
def test_a_key_of_public_tests_is_info(form: str, tmp_path: Path) -> None:
    [(code, severity, message)] = _told(FORMS[form], tmp_path)
    assert (code, severity) == ("secret.sample-key", "info")
    assert message.startswith("/srv/a")
    assert message.endswith("holds a private key that is public: it stands in the tests of Spam")


@pytest.mark.parametrize("form", FORMS)
def test_another_key_is_no_sample(form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample_keys, "_table", dict)
    [(code, severity, _)] = _told(FORMS[form], tmp_path)
    assert code in ("secret.private-key", "secret.encrypted-key", "secret.der-key")
    assert severity == ("low" if "encrypted" in form else "critical")


def test_in_a_variable_it_is_info_too(tmp_path: Path) -> None:
    content = layer(file("a"))
    config = image_config([content], execution={"Env": [f"TEXT={_pem('').decode()}"]})
    rows = audited_bytes(docker_save([content], config=config), tmp_path)
    [row] = [row for row in rows if row.code == "config.secret"]
    assert (row.severity, "it stands in the tests of Spam" in row.message) == ("info", True)


def test_the_table_has_sorted_digests_and_nothing_else() -> None:
    lines = TEXT.splitlines()
    rows = [line for line in lines if not line.startswith("#")]
    assert len(rows) >= 300
    assert rows == sorted(set(rows))
    assert all(re.fullmatch(r"[0-9a-f]{64} [\w./-]{2,60}", row) for row in rows)
    named = {line.split()[1] for line in lines[1:] if line.startswith("#")}
    assert {row.split()[1] for row in rows} <= named
    assert {"Go", "Python", "openssl", "paramiko", "cryptography-vectors"} <= named
