"""No finding prints a secret, whichever text of the image its rule quotes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from imgtar.audit.auditor import RULE_FAMILIES
from imgtar.audit.rules.recoverable import LARGE
from imgtar.cli.main import run
from imgtar.contract.inspect import FindingRow
from tests.audit.audited import audited_bytes, codes
from tests.audit.rules.test_attestations import attested, statement
from tests.builders import directory, docker_save, file, image_config, layer, whiteout

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
