"""What the options of `fleet` ask of each archive, checked as the commands check them that it stands for."""

from __future__ import annotations

import os
from typing import Any

import click
import msgspec

from imgtar.amounts import size
from imgtar.cache.row_store import DEFAULT_SIZE
from imgtar.cli.commands.audit import AUDIT
from imgtar.cli.near import did_you_mean
from imgtar.cli.request import Request
from imgtar.cli.settings import audit_settings, policy_of, stated_keys
from imgtar.contract.fleet import ACTIONS, Action
from imgtar.fleet.settings import FindingChoice, FleetSettings
from imgtar.policy.policy import SETTINGS


def fleet_settings(
    actions: str,
    memory: str | None,
    full: bool,
    cache: str | None,
    cache_size: str | None,
    config: str | None,
    **given: Any,
) -> FleetSettings:
    """The settings; `given` has the options of other commands by their names.

    Raises click.UsageError, and UsageError for an ignore file that is unreadable or invalid.
    """
    named = _actions(actions)
    keys = stated_keys(given, SETTINGS)
    for key in ("all_places", "packaged", "rules"):
        given.pop(key)  # a key of the policy, and no part of a request
    request = Request(report_type=AUDIT, **given)
    request.finding_filter()  # says what is wrong with the options before any archive is read
    settings = FleetSettings(
        actions=named,
        limits=request.reading_limits(),
        timeout=request.timeout,
        memory=_size("--memory", memory),
        jobs=request.jobs or 1,
        image=request.reference,
        platform=request.platform,
        allow_missing=request.allow_missing,
        full=full,
        findings=_findings(request),
        cache=None if cache is None else os.path.abspath(cache),
        cache_size=_size("--cache-size", cache_size) or DEFAULT_SIZE,
    )
    return _audited(settings, request, config, keys) if "audit" in named else settings


def _audited(settings: FleetSettings, request: Request, config: str | None, keys: dict[str, object]) -> FleetSettings:
    """The settings with those of the audit: the policy, and the ignore file."""
    policy = policy_of(config, keys)
    judged = msgspec.structs.replace(
        request,
        min_severity=policy.min_severity,
        fail_on=policy.gates.fail_on,
        ignore=policy.ignore,
        ignore_path=policy.ignore_path,
    )
    return msgspec.structs.replace(
        settings, audit=audit_settings(judged, policy, policy.file), audit_findings=_findings(judged)
    )


def _findings(request: Request) -> FindingChoice:
    return FindingChoice(
        min_severity=request.min_severity,
        fail_on=request.fail_on,
        ignore=tuple(request.ignore),
        ignore_path=tuple(request.ignore_path),
    )


def _actions(given: str) -> tuple[Action, ...]:
    """What `--do` names, in the order of the contract. Raises click.UsageError."""
    names = given.replace(" ", "").split(",")
    for name in names:
        if name not in ACTIONS:
            what = f"--do {name}: choose {', '.join(ACTIONS)}"
            raise click.UsageError(f"{what}{did_you_mean(name, ACTIONS)}")
    return tuple(action for action in ACTIONS if action in names)


def _size(option: str, given: str | None) -> int | None:
    try:
        return None if given is None else size(given)
    except ValueError:
        raise click.UsageError(f"{option} {given}: give a size such as 2GiB") from None
