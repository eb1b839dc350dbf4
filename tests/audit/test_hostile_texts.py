"""No finding prints a secret, whichever text of the image its rule quotes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from imgtar.audit.auditor import RULE_FAMILIES
from imgtar.audit.rules.recoverable import LARGE
from imgtar.audit.secrets.redaction import redact_path, redact_reference
from imgtar.cli.main import run
from imgtar.cli.registry import report_types
from imgtar.contract.envelope import FindingRow
from tests.audit.audited import audited_bytes, codes
from tests.audit.rules.test_attestations import attested, statement
from tests.builders import directory, docker_save, file, image_config, layer, whiteout
from tests.cli.command import imgtar

SECRET = "hunter2hunter2Zq9x"
TEXT = f"password={SECRET}"
# A new rule that quotes another text of an image gets it here.
EXECUTION = {
    "Cmd": [TEXT],
    "Entrypoint": [TEXT],
    "Env": [f"{TEXT}=", f"A={TEXT}", f"DB_PASSWORD={SECRET}"],
    "ExposedPorts": {TEXT: {}},
    "Labels": {TEXT: "", "a": TEXT, "org.opencontainers.image.base.name": TEXT},
    "StopSignal": TEXT,
    "User": TEXT,
    "Volumes": {f"/proc/{TEXT}": {}},
    "WorkingDir": TEXT,
}
STEPS = [f"RUN sudo make {TEXT}", f"MAINTAINER {TEXT}", f"LABEL {TEXT}=", f"ADD {TEXT} /", f"RUN apk add {TEXT}"]
ACCOUNTS = f"root:x:0:0::/:/bin/sh\n{TEXT}:x:0:0::/:/bin/sh\n", f"{TEXT}::19000:0:99999:7:::\n"


def hostile() -> bytes:
    """A docker save that gives the rules of every family something to say about the text."""
    passwd, shadow = ACCOUNTS
    layers = [
        layer(
            *(directory("etc/"), file("etc/passwd", passwd.encode()), file("etc/shadow", shadow.encode(), mode=0o644)),
            *(file(f"bin/{TEXT}", b"x", mode=0o4755), file(f"srv/{TEXT}/id", b"x", uid=4242)),
            *(file(f"srv/{TEXT}.env", TEXT.encode()), file(f"srv/{TEXT}.pem", bytes(LARGE))),
        ),
        layer(whiteout(f"srv/{TEXT}.env"), whiteout(f"srv/{TEXT}.pem"), whiteout(f"srv/{TEXT}")),
    ]
    history = [{"created_by": "/bin/sh -c #(nop) ADD file:0 in / ", "comment": TEXT}, {"created_by": f"RUN rm {TEXT}"}]
    history += [{"created_by": step, "empty_layer": True} for step in STEPS]
    config = image_config(layers, execution=EXECUTION, history=history, author=TEXT, created="")
    return docker_save(layers, config=config, names=(f"app/{TEXT}",))


def test_no_rule_of_any_family_prints_a_secret(tmp_path: Path) -> None:
    rows: list[FindingRow] = audited_bytes(hostile(), tmp_path)
    rows += audited_bytes(attested(statement() | {"predicateType": TEXT}), tmp_path)
    found = codes(rows)
    silent = [family for family, kinds in RULE_FAMILIES.items() if found.isdisjoint(kind.code for kind in kinds)]
    assert silent == [], "give these families something to quote"
    assert [row for row in rows if SECRET in row.message] == []
    assert any("password=hunt…" in row.message for row in rows)


GATES = (
    *(
        "--max-layers",
        "1",
        "--max-size",
        "1",
        "--max-layer-size",
        "1",
        "--max-wasted-bytes",
        "0",
        "--max-severity",
        "info",
    ),
    *("--forbid-path", "/srv/**", "--require-path", "/none", "--allow-user", "nobody", "--allow-port", "1"),
    *("--forbid-label", "*", "--require-label", "none", "--require-user"),
)


@pytest.mark.parametrize("command", ["audit", "check"])
def test_no_format_prints_what_a_name_announces(command: str, tmp_path: Path) -> None:
    """Names of files, tags, names and values of labels, the working directory, ports, the causes of gates."""
    path = tmp_path / "image.tar"
    path.write_bytes(hostile())
    names = list(report_types()[command].renderers)
    outputs = [word for name in names for word in ("-o", f"{name}={tmp_path / name}")]
    run = imgtar(command, path, "--no-trunc", "--top", "0", *(GATES if command == "check" else ()), *outputs)
    assert run.returncode == (1 if command == "check" else 0), run.stderr
    texts = {name: (tmp_path / name).read_text() for name in names} | {"standard error": run.stderr.decode()}
    assert [name for name, text in texts.items() if SECRET in text] == []
    assert [name for name in names if "password=hunt" not in texts[name]] == []


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/srv/password=my two words/id", "/srv/password=my… (12 characters)/id"),
        ("/srv/password:Tr0ub4dor3x/id", "/srv/password:… (14 characters)"),
        ("/srv/app/password", None),
        ("/srv/password/hunter2", None),
        ("/srv/PASSWORD_FILE=/run/a", None),
        ("/usr/share/man/man3/Crypt::Passphrase::Argon2.3pm", None),
        ("/usr/share/man/man3/Net::OAuth::AccessToken.3pm.gz", None),
    ],
)
def test_the_rest_of_a_part_of_a_path_is_redacted_behind_a_name(path: str, shown: str | None) -> None:
    found = redact_path(path)
    assert (found == path) == (shown is None)
    assert not any(word in found for word in ("two words", "Tr0ub4dor3x"))


@pytest.mark.parametrize("name", ["app/auth:1.2.3", "vault-token:latest", "a.b:5000/secret:20240101-4f2a", "password"])
def test_a_tag_is_no_secret_because_of_the_name_before_it(name: str) -> None:
    assert redact_reference(name) == name
    assert "Tr0ub4dor3x" not in redact_reference(f"{name}/password=Tr0ub4dor3x")


@pytest.mark.parametrize("options", [["audit"], ["check", "--max-layers", "9"]], ids=lambda options: options[0])
def test_no_finding_about_the_archive_prints_a_secret(
    options: list[str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "image.tar"
    path.write_bytes(hostile())
    assert run([*options, str(path), "--format", "json"]) == 0
    messages = [row["message"] for row in json.loads(capfd.readouterr().out)["findings"]]
    assert any("is not a valid" in message for message in messages)
    assert [message for message in messages if SECRET in message] == []
