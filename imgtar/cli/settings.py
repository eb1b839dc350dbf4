"""The settings of `audit`, `check` and `report`: configuration, ignore file, the day that expiry dates count from."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import click
import msgspec

from imgtar.cli.request import Request
from imgtar.errors import UsageError
from imgtar.files import read_whole
from imgtar.policy.ignores import IGNORE_FILE, Ignore, parse_ignores
from imgtar.policy.policy import Policy, find_policy
from imgtar.policy.values import KINGFISHER

if TYPE_CHECKING:
    from imgtar.answers.audit import AuditSettings

_LARGEST_IGNORE_FILE = 1 << 20


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
        _check_codes(policy)
        return policy.replaced(given)
    except UsageError as problem:
        raise click.UsageError(f"{problem.message}; {problem.remedy}") from None


def _check_codes(policy: Policy) -> None:
    if policy.ignore:
        from imgtar.answers.catalogue import kinds  # with all rules of the audit

        for code in policy.ignore:
            if code not in kinds():
                raise UsageError("usage.policy", f"{policy.file}: ignore: {code}", "imgtar explain lists the codes")


def check_comparison(policy: Policy) -> None:
    """Raises click.UsageError for a gate that lacks what it compares with, and the other way round."""
    if (policy.gates.max_growth is None) != (policy.baseline is None):
        missing, given = ("--baseline", "--max-growth") if policy.baseline is None else ("--max-growth", "--baseline")
        raise click.UsageError(f"{given} needs {missing}; give both")


def policy_request(policy: Policy, keys: Iterable[str], given: Mapping[str, Any], **fixed: Any) -> Request:
    """The request of the options in `given`; those of the `keys` are in the policy, which has the last word on them."""
    decided = {key.replace("-", "_") for key in keys}
    return Request(
        fail_on=policy.gates.fail_on,
        min_severity=policy.min_severity,
        ignore=policy.ignore,
        ignore_path=policy.ignore_path,
        base=policy.base,
        base_image=policy.base_image,
        **fixed,
        **{name: value for name, value in given.items() if name not in decided},
    )


def audit_settings(request: Request, policy: Policy, config: str | None = None) -> AuditSettings:
    """The day of SOURCE_DATE_EPOCH, else today, and the ignore file of the request, else of the current directory.

    `config` is the configuration file in use. Raises UsageError for an ignore file that is unreadable or invalid,
    click.UsageError for an invalid SOURCE_DATE_EPOCH.
    """
    from imgtar.answers.audit import AuditSettings  # with all rules of the audit

    name = request.ignore_file
    if name is None and os.path.lexists(IGNORE_FILE):
        name = IGNORE_FILE
    ignores = () if name is None else _ignores(name)
    return AuditSettings(
        judged_on=_day(),
        all_places=policy.all_places,
        kingfisher=policy.rules == KINGFISHER,
        packaged=policy.packaged,
        config=config,
        ignore_file=name,
        ignores=ignores,
    )


def audited(request: Request, policy: Policy) -> Request:
    """The request of a run with the audit: the policy filters its findings. Raises what `audit_settings` raises."""
    filtering = msgspec.structs.replace(
        request,
        min_severity=policy.min_severity,
        fail_on=policy.gates.fail_on,
        ignore=policy.ignore,
        ignore_path=policy.ignore_path,
    )
    return msgspec.structs.replace(filtering, audit_settings=audit_settings(filtering, policy, policy.file))


def _day() -> date:
    """Reproducible Builds' SOURCE_DATE_EPOCH: seconds since 1970, UTC."""
    stated = os.environ.get("SOURCE_DATE_EPOCH")
    if not stated:
        return datetime.now(UTC).date()
    try:
        return datetime.fromtimestamp(int(stated), UTC).date()
    except (ValueError, OverflowError, OSError):
        raise click.UsageError(
            f"SOURCE_DATE_EPOCH is {stated!r}, not a number of seconds since 1970; correct or unset it"
        ) from None


def _ignores(name: str) -> tuple[Ignore, ...]:
    from imgtar.answers.catalogue import kinds

    def error(sentence: str) -> UsageError:
        return UsageError("usage.ignore-file", sentence, "give an ignore file (docs/audit.md)")

    return parse_ignores(name, read_whole(name, _LARGEST_IGNORE_FILE, error), kinds())
