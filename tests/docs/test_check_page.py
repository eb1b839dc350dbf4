"""docs/check.md: its configuration files are some, and it tells of every key and every format."""

from __future__ import annotations

import re

from imgtar.cli.registry import report_types
from imgtar.policy.dive_rules import DEFAULTS, DiveRules
from imgtar.policy.policy import CHECK, SETTINGS, Gates, parse_policy
from tests.paths import ROOT

PAGE = (ROOT / "docs/check.md").read_text()


def test_the_examples_are_configuration_files() -> None:
    [ours] = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    policy = parse_policy("imgtar.toml", ours.encode())
    assert policy.gates.max_size == 500_000_000
    assert policy.gates.require_user
    [dives] = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    rules = DiveRules(lowest_efficiency=0.95, highest_wasted_bytes=20_000_000, highest_user_wasted_percent=0.2)
    assert parse_policy(".dive-ci", dives.encode()).gates == Gates(dive=rules)


def test_every_key_has_a_row() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \|", PAGE, re.MULTILINE)
    assert sorted(rows) == sorted([*SETTINGS, *CHECK])
    dives = dict(re.findall(r"^\| `([a-z]+[A-Z][a-zA-Z]+)` \| ([^|]+) \|", PAGE, re.MULTILINE))
    assert dives == {re.sub(r"-(.)", lambda one: one[1].upper(), name): value for name, value in DEFAULTS.items()}


def test_every_format_is_named() -> None:
    assert all(f"`{name}`" in PAGE for name in report_types()["check"].renderers)
