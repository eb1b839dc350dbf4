"""The policy of a user: the gates of `imgtar check`, and the settings of `audit` and `check`.

The policy comes from the configuration file. docs/check.md has the keys; an option replaces the key of the same name.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import msgspec

from imgtar.errors import UsageError
from imgtar.findings import Severity
from imgtar.formats.oci.platform import Platform
from imgtar.policy import values
from imgtar.policy.configuration import DIVE_CI, NotToml, find_file, our_table, table_of, tables, wrong
from imgtar.policy.dive_rules import BadRule, DiveRules, dive_rules

_SHOWN = 60  # characters of a value in an error
_TABLES = ("check", "defaults")

# The keys at the top of the file, for audit and check.
SETTINGS: dict[str, values.Parser] = {
    "ignore": values.texts,
    "ignore-path": values.texts,
    "min-severity": values.severity,
    "fail-on": values.severity,
    "all-places": values.flag,
    "rules": values.rules,
    "packaged": values.flag,
}
GATES: dict[str, values.Parser] = {
    "min-efficiency": values.share,
    "max-wasted-bytes": values.size,
    "max-own-waste": values.share,
    "max-size": values.size,
    "max-layer-size": values.size,
    "max-layers": values.count,
    "max-growth": values.growth,
    "forbid-path": values.globs,
    "require-path": values.globs,
    "require-user": values.flag,
    "allow-user": values.non_empty_texts,
    "allow-port": values.ports,
    "forbid-port": values.ports,
    "require-label": values.labels,
    "forbid-label": values.non_empty_texts,
    "require-platform": values.platforms,
    "allow-platform": values.platforms,
    "max-severity": values.severity,
}
# The keys that say what the gates compare with.
REFERENCES: dict[str, values.Parser] = {
    "base": values.base_layers,
    "base-image": values.texts,
    "own": values.flag,
    "baseline": values.text,
}
CHECK = {**GATES, **REFERENCES}
# The gates of imgtar that replace a rule of dive.
_REPLACED_DIVE_RULES = {
    "min_efficiency": "lowest_efficiency",
    "max_wasted_bytes": "highest_wasted_bytes",
    "max_own_waste": "highest_user_wasted_percent",
}


class Gates(msgspec.Struct, frozen=True, kw_only=True):
    """The limits of `imgtar check`; None, () or False if a gate is not set. Sizes in bytes, shares from 0 to 1."""

    min_efficiency: float | None = None
    max_wasted_bytes: int | None = None
    max_own_waste: float | None = None
    max_size: int | None = None
    max_layer_size: int | None = None
    max_layers: int | None = None
    max_growth: values.Growth | None = None
    forbid_path: tuple[str, ...] = ()
    require_path: tuple[str, ...] = ()
    require_user: bool = False
    allow_user: tuple[str, ...] = ()
    allow_port: tuple[values.Ports, ...] = ()
    forbid_port: tuple[values.Ports, ...] = ()
    require_label: tuple[values.Label, ...] = ()
    forbid_label: tuple[str, ...] = ()
    require_platform: tuple[Platform, ...] = ()
    allow_platform: tuple[Platform, ...] = ()
    max_severity: Severity | None = None
    fail_on: Severity | None = None
    dive: DiveRules = DiveRules()


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """The gates, what they compare with, and which findings are shown and counted. `file` is the file of the policy."""

    gates: Gates = Gates()
    base: int | None = None
    base_image: tuple[str, ...] = ()
    own: bool = False
    baseline: str | None = None
    ignore: tuple[str, ...] = ()
    ignore_path: tuple[str, ...] = ()
    min_severity: Severity | None = None
    all_places: bool = False
    rules: str = values.RULES[0]
    packaged: bool = False
    file: str | None = None

    @property
    def has_gate(self) -> bool:
        """Does the policy set a gate?"""
        return self.gates != Gates()

    @property
    def audits(self) -> bool:
        """Does a gate need the findings of the audit?"""
        return self.gates.max_severity is not None or self.gates.fail_on is not None

    def replaced(self, given: Mapping[str, object]) -> Policy:
        """The policy with the values of the options in `given`, whose names lack the leading dashes.

        Raises UsageError that names the option with an invalid value.
        """
        parsed = {_field(key): _parsed(f"--{key}", value, _parser(key)) for key, value in given.items()}
        return _with(self, parsed)


def find_policy(named: str | None = None) -> Policy:
    """The policy of the file `named`, or of the first file in the current directory; empty if there is none.

    Raises UsageError that names the file, and the key if one is invalid.
    """
    found = find_file(named)
    return Policy() if found is None else parse_policy(*found)


def parse_policy(name: str, raw: bytes) -> Policy:
    """The policy in a file. The content of the file says whether it is imgtar's TOML or dive's YAML.

    Raises UsageError that names the file, and the key if one is invalid.
    """
    if os.path.basename(name) == DIVE_CI:
        return _dive(name, raw) or Policy(gates=Gates(dive=dive_rules({})), file=name)
    try:
        table = tables(name, raw)
    except NotToml as problem:
        policy = None if name.endswith(".toml") else _dive(name, raw, problem)
        if policy is None:
            raise
        return policy
    return _ours(name, table)


def _ours(name: str, table: dict[str, Any]) -> Policy:
    prefix, table = our_table(name, table)
    own = {key: value for key, value in table.items() if key not in _TABLES}
    for key, value in own.items():
        if key in CHECK:
            raise wrong(name, f"{prefix}{key}: write it in the table [check]")
        if isinstance(value, dict):
            raise wrong(name, f"[{key[:_SHOWN]}]: not a valid table; valid tables are {', '.join(_TABLES)}")
    found = _parse(name, prefix, own, SETTINGS)
    found |= _parse(name, f"{prefix}check.", table_of(name, table, "check", prefix), CHECK)
    return _with(Policy(file=name), found)


def _dive(name: str, raw: bytes, not_toml: NotToml | None = None) -> Policy | None:
    """The policy of a .dive-ci file; None if the file has no rules."""
    from imgtar.policy.dive_ci import parse_dive_ci

    try:
        rules = parse_dive_ci(raw)
    except BadRule as problem:
        raise wrong(name, f"{problem.key}: {problem}") from None
    except ValueError as problem:
        raise not_toml or wrong(name, f"not valid YAML: {problem}") from None
    return None if rules is None else Policy(gates=Gates(dive=rules), file=name)


def _parse(
    name: str, prefix: str, table: Mapping[str, object], parsers: Mapping[str, values.Parser]
) -> dict[str, object]:
    for key in table:
        if key not in parsers:
            raise wrong(name, f"{prefix}{key[:_SHOWN]}: not a valid key; valid keys are {', '.join(parsers)}")
    return {_field(key): _parsed(f"{name}: {prefix}{key}", value, parsers[key]) for key, value in table.items()}


def _parser(key: str) -> values.Parser:
    return (SETTINGS | CHECK)[key]


def _field(key: str) -> str:
    return key.replace("-", "_")


def _parsed(place: str, value: object, parser: values.Parser) -> object:
    try:
        return parser(value)
    except ValueError as problem:
        raise UsageError("usage.policy", f"{place}: {_shown(value)}", f"give {problem}") from None


def _shown(value: object) -> str:
    try:
        return (value if isinstance(value, str) else repr(value))[:_SHOWN]
    except ValueError:
        return "a number with thousands of digits"  # Python refuses to print such a number


def _with(policy: Policy, found: Mapping[str, object]) -> Policy:
    gates = {key: value for key, value in found.items() if key in Gates.__struct_fields__}
    replaced = {_REPLACED_DIVE_RULES[key]: None for key in gates if key in _REPLACED_DIVE_RULES}
    if replaced:
        gates["dive"] = msgspec.structs.replace(policy.gates.dive, **replaced)
    settings = {key: value for key, value in found.items() if key not in gates}
    return msgspec.structs.replace(policy, gates=msgspec.structs.replace(policy.gates, **gates), **settings)
