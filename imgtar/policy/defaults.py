"""Defaults of options: variables of the environment, and the table `[defaults]` of the configuration file.

`IMGTAR_TOP=20`, `top = 20` under `[defaults]` and `top = 20` under `[defaults.ls]` stand for `--top 20` where the
command line has no `--top`. The environment counts before the file, and the table of a command before that of all.

A file may come with a checkout that nobody has read. So it sets how a report looks and how strictly it judges, but
nothing that writes or names files, lifts a limit, lets damage pass, or silences a warning. docs/shell.md has the list.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from imgtar.errors import UsageError
from imgtar.policy.configuration import FILES, find_file, our_table, table_of, tables

FROM_FILE = (
    *("all-places", "by", "color", "digests", "fail-on", "format", "full", "ignore", "ignore-path"),
    *("long", "min-severity", "min-size", "no-trunc", "no-wrap", "own", "packaged", "platform", "rules", "sort"),
    *("source", "summary", "top", "tree", "verify"),
)
FROM_ENVIRONMENT = (
    *FROM_FILE,
    *("allow-missing", "base-image", "config", "debug", "ignore-file", "jobs", "limit", "quiet", "timeout"),
)
# Options of a command line that make a default inapplicable.
_GIVES_WAY = {"base-image": ("base",), "by": ("unowned",), "own": ("compare-attested",)}
# `diff` takes base images only together with `--own`; the format of `fleet` is that of its rows.
_NOT_OF = {("diff", "base-image"), ("fleet", "format")}
_JUDGES = (
    "audit",
    "check",
    "report",
    "fleet",
)  # their keys of the same names stand at the top of the file, or in [check]
_LIKENESS = 0.6  # of 1, from which a key is taken for a misspelt one


class Default(NamedTuple):
    """The value of an option that the command line does not give, and where it is stated.

    The value is as stated: a text in the environment, in a file of any type of TOML. `of_command`: it is stated for
    this command alone.
    """

    value: object
    place: str
    of_environment: bool = False
    of_command: bool = False


def variable(option: str) -> str:
    """The variable of an option: `IMGTAR_NO_TRUNC` of `no-trunc`."""
    return f"IMGTAR_{option.upper().replace('-', '_')}"


def find_defaults(
    command: str,
    options: Collection[str],
    given: Collection[str],
    environment: Mapping[str, str],
    *,
    commands: Collection[str],
    config: str | None = None,
) -> dict[str, Default]:
    """The defaults for a command with these `options`, without those that an option `given` makes inapplicable.

    `commands` are the names of all commands; `config` is the configuration file that `--config` names. A variable
    without a value is not set. Raises UsageError for a file or a key that is not valid.
    """
    stated = {
        name: Default(value, variable(name), of_environment=True)
        for name in FROM_ENVIRONMENT
        if (value := environment.get(variable(name)))
    }
    if config is None and "config" in stated and "config" in options:
        config = str(stated["config"].value)
    found = {**_of_file(command, options, commands, config), **stated}
    return {
        name: default
        for name, default in found.items()
        if name in options
        and name not in given
        and (command, name) not in _NOT_OF
        and not any(other in given for other in _GIVES_WAY.get(name, ()))
    }


def _of_file(
    command: str, options: Collection[str], commands: Collection[str], config: str | None
) -> dict[str, Default]:
    if config is not None and not os.path.isfile(config):
        return {}  # the command says that there is none; and a pipe can be read only once
    file = find_file(config, FILES[:2], b"defaults")  # a .dive-ci has none
    if file is None:
        return {}
    name, raw = file
    prefix, table = our_table(name, tables(name, raw))
    prefix += "defaults."
    stated = table_of(name, table, "defaults")
    found: dict[str, Default] = {}
    for key, value in stated.items():
        if isinstance(value, dict):
            if key not in commands:
                raise _unknown(f"{name}: {prefix}{key}", "not a command", key, commands)
            for own in value:
                _check(f"{name}: {prefix}{key}.{own}", own, options if key == command else None)
        else:
            _check(f"{name}: {prefix}{key}", key, None)
            if not (command in _JUDGES and _is_of_policy(table, key)):
                found[key] = Default(value, f"{name}: {prefix}{key}")
    own_table: Mapping[str, Any] = stated.get(command, {})
    return found | {
        key: Default(value, f"{name}: {prefix}{command}.{key}", of_command=True) for key, value in own_table.items()
    }


def _is_of_policy(table: Mapping[str, Any], key: str) -> bool:
    """Does the file state the key for `audit` and `check`, too?"""
    return key in table or key in table.get("check", {})


def _check(place: str, key: str, options: Collection[str] | None) -> None:
    """Raises UsageError for a key that is not an option, not one of `options`, or not one that a file may set."""
    if key not in FROM_FILE:
        if key in FROM_ENVIRONMENT:
            remedy = f"give --{key}, or set {variable(key)}"
            raise UsageError("usage.policy", f"{place}: not an option that a file may set", remedy)
        raise _unknown(place, "not an option that a file may set", key, FROM_FILE)
    if options is not None and key not in options:
        raise UsageError("usage.policy", f"{place}: the command has no --{key}", "leave the key out")


def _unknown(place: str, reason: str, key: str, known: Collection[str]) -> UsageError:
    from difflib import get_close_matches

    near = get_close_matches(key, known, 1, _LIKENESS)
    remedy = f"did you mean {near[0]}?" if near else f"docs/shell.md lists the keys: {', '.join(sorted(known))}"
    return UsageError("usage.policy", f"{place[:200]}: {reason}", remedy)
