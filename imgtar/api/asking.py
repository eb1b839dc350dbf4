"""What the functions of the library share: open the archive, read what the question needs, filter the findings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime

import msgspec

from imgtar.answers.audit import AuditSettings
from imgtar.answers.filters import Filter, Filtered
from imgtar.answers.opening import open_session
from imgtar.answers.options import InspectOptions, Needs
from imgtar.answers.session import Session
from imgtar.archive.input.input_name import Input
from imgtar.errors import UsageError
from imgtar.policy.policy import CHECK, Policy


def read(source: Input, options: InspectOptions, needs: Needs, **replaced: object) -> Session:
    """A session that has read what is needed; `replaced` are options that the question itself decides.

    Which packages each layer brings is found out for `inspect` and `verify` alone.
    """
    decided: dict[str, object] = {"layer_packages": False, **replaced}
    session = open_session(source, msgspec.structs.replace(options, **decided))
    session.read(needs)
    return session


def filtered(session: Session, options: InspectOptions) -> Filtered:
    """The findings of the session, without those that the options ignore."""
    filtering = options.ignores if isinstance(options.ignores, Filter) else Filter()
    return filtering.apply(session.findings)


def judging_day(options: InspectOptions) -> date:
    """The day that the audit compares times with: that of the options, else today (UTC)."""
    return options.judged_on or datetime.now(UTC).date()


def audit_settings(options: InspectOptions) -> AuditSettings:
    """The settings of an audit that the options state."""
    return AuditSettings(
        judged_on=judging_day(options),
        all_places=options.all_places,
        kingfisher=options.kingfisher,
        packaged=options.packaged,
    )


def policy_of(gates: Mapping[str, object]) -> Policy:
    """The policy that keys of the table `check` state. Raises UsageError for an invalid one, or without a gate."""
    unknown = [key for key in gates if key not in CHECK]
    if unknown:
        raise UsageError("usage.gates", f"{unknown[0]}: not a valid gate", f"valid gates are {', '.join(CHECK)}")
    policy = Policy().replaced(gates)
    if not policy.has_gate:
        raise UsageError("usage.gates", "no gate is given", 'give one, such as {"max-size": "500MB"}')
    if (policy.gates.max_growth is None) != (policy.baseline is None):
        raise UsageError("usage.gates", "max-growth and baseline need each other", "give both")
    return policy
