"""dive's own configuration file, `.dive-ci`: which of its rules are on, and with which limits.

The spellings of dive 0.13 (`lowestEfficiency`) and of its successor (`lowest-efficiency`), in any case. Other keys are
left alone, as dive does.
"""

from __future__ import annotations

import contextlib

import yaml

from imgtar.policy.dive_rules import DEFAULTS, BadRule, DiveRules, dive_rules

LARGEST = 64 << 10  # bytes of a .dive-ci; YAML is read slowly


def parse_dive_ci(raw: bytes) -> DiveRules | None:
    """The rules of a `.dive-ci`; None if the file is neither empty nor a YAML mapping with `rules`.

    Raises BadRule for an invalid value, ValueError if the file is not valid YAML.
    """
    if len(raw) > LARGEST:
        raise ValueError(f"larger than {LARGEST:,} bytes")
    try:
        root = yaml.compose(raw, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError, ValueError, OverflowError) as problem:  # the last two by chr() of an escape
        raise ValueError(" ".join(str(problem).split())) from None
    if root is None:
        return dive_rules({})
    if not isinstance(root, yaml.MappingNode):
        return None
    found = [value for key, value in _pairs(root) if key.lower() == "rules"]
    if not found:
        return None
    if len(found) > 1:
        raise BadRule("rules", "given twice")
    rules = found[0]
    if _is_null(rules):
        return dive_rules({})
    if not isinstance(rules, yaml.MappingNode):
        raise BadRule("rules", "not a mapping")
    return dive_rules(_given(rules))


def _pairs(node: yaml.MappingNode) -> list[tuple[str, yaml.Node]]:
    return [(key.value, value) for key, value in node.value if isinstance(key, yaml.ScalarNode)]


def _is_null(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:null"


def _given(rules: yaml.MappingNode) -> dict[str, tuple[str, str]]:
    """For each rule in the file, its key as written and the text of its value."""
    found: dict[str, tuple[str, str]] = {}
    for key, value in _pairs(rules):
        if key == "<<":
            raise BadRule("rules.<<", "merge keys are not supported; write the rules out")
        name = next((name for name in DEFAULTS if name.replace("-", "") == key.lower().replace("-", "")), None)
        if name is None or _is_null(value):
            continue
        if name in found:
            raise BadRule(f"rules.{key}", f"given twice, also as {found[name][0]}")
        if not isinstance(value, yaml.ScalarNode):
            raise BadRule(f"rules.{key}", "not a single value")
        found[name] = (f"rules.{key}", _text(value))
    return found


def _text(node: yaml.ScalarNode) -> str:
    """The value as dive reads it: an unquoted number counts by its value, in any notation of YAML."""
    text: str = node.value
    if node.style is None:
        plain = text.replace("_", "")
        with contextlib.suppress(ValueError):
            return str(int(plain, 0))
        with contextlib.suppress(ValueError):
            return repr(float(plain))
    return text
