"""The policy of a command line: its configuration file, and the options that replace the file's keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import click

from imgtar.errors import UsageError
from imgtar.policy.policy import Policy, find_policy


def stated_keys(given: Mapping[str, object], keys: Iterable[str]) -> dict[str, object]:
    """The options among `given` that replace a key of the configuration file, by the names of the keys."""
    names = {key.replace("-", "_"): key for key in keys}
    return {names[name]: value for name, value in given.items() if name in names and value not in (None, (), False)}


def policy_of(config: str | None, given: Mapping[str, object]) -> Policy:
    """The policy of the file `config`, else of the current directory, with the options in `given` by their names.

    Raises click.UsageError that names the file and the key, or the option.
    """
    try:
        policy = find_policy(config)
        _check_codes(policy.file, policy.ignore)
        return policy.replaced(given)
    except UsageError as problem:
        raise click.UsageError(f"{problem.message}; {problem.remedy}") from None


def _check_codes(file: str | None, codes: Iterable[str]) -> None:
    if codes:
        from imgtar.answers.catalogue import kinds

        for code in codes:
            if code not in kinds():
                raise UsageError("usage.policy", f"{file}: ignore: {code}", "give a code of docs/findings.md")
