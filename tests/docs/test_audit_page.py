"""docs/audit.md: its findings are those of the audit, and its table of catalogues has every id."""

from __future__ import annotations

import re

from imgtar.audit.auditor import RULE_FAMILIES
from imgtar.text import escape
from tests.audit.audited import audited
from tests.paths import FIXTURES, ROOT

PAGE = (ROOT / "docs/audit.md").read_text()


def test_the_findings_checked_by_hand_are_the_findings() -> None:
    section = PAGE.split("## An audit, checked by hand")[1].split("\n## ")[0]
    told = re.findall(r"^\| `([a-z.-]+)` \| ([^|]*) \| ([^|]*) \|", section, re.MULTILINE)
    shown = [(code, layer.strip(), path.strip().strip("`")) for code, layer, path in told]
    found = []
    for row in audited(FIXTURES / "mysql.tar"):
        where = row.where
        gone = "" if where.removed_in is None else f", removed in {where.removed_in}"
        layer = "" if where.layer is None else f"{where.layer}{gone}"
        found.append((row.code, layer, escape(where.path or "")))
    assert sorted(shown) == sorted(found)


def test_every_id_has_its_line() -> None:
    section = PAGE.split("## Beside other catalogues")[1]
    lines = re.findall(r"^\| ([A-Za-z0-9., -]+) \| [^|]+ \| (covered|partly|left out)", section, re.MULTILINE)
    covered = {name.strip() for ids, state in lines if state == "covered" for name in ids.split(",")}
    left_out = {name.strip() for ids, state in lines if state != "covered" for name in ids.split(",")}
    named = {name for kinds in RULE_FAMILIES.values() for kind in kinds for name in kind.references}
    secret_rules = {name for name in named if re.fullmatch(r"[a-z0-9-]+", name)}
    assert named - secret_rules == covered
    assert not covered & left_out
    everything = {f"CIS-Docker-4.{number}" for number in range(1, 13)}
    everything |= {f"CIS-DI-{number:04}" for number in range(1, 12)} | {f"DKL-DI-{number:04}" for number in range(1, 7)}
    everything |= {f"DKL-LI-{number:04}" for number in range(1, 4)}
    everything |= {f"DS-{number:04}" for number in range(1, 32) if number not in (3, 18, 28)}
    assert everything <= covered | left_out
    # The rules of hadolint, and the one of Docker's build checks that an image can break.
    dockerfile = {f"DL{number}" for number in (*range(3000, 3063), *range(4000, 4007))} | {"SecretsUsedInArgOrEnv"}
    assert (covered | left_out) - dockerfile - everything == set(), "ids that no catalogue has"
