"""The gates on how the image runs: users, ports, labels and platforms. Nothing of its files is read for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from imgtar.analysis.stacked_image import Stacked
from imgtar.formats.oci.platform import Platform
from imgtar.gates.verdict import LISTED, Cause, Verdict, violations, without_secrets
from imgtar.image.image import Image
from imgtar.policy.policy import Gates
from imgtar.policy.values import Label, Ports, exposed


def configured(number: int, answer: Stacked, gates: Gates) -> Iterator[Verdict]:
    """The verdicts on the configuration of one image."""
    image = answer.image
    if gates.require_user or gates.allow_user:
        yield from _users(number, image.execution.user or "", gates)
    if gates.allow_port:
        yield _ports("allow-port", number, image, gates.allow_port)
    if gates.forbid_port:
        yield _ports("forbid-port", number, image, gates.forbid_port)
    if gates.require_label:
        causes = [cause for label in gates.require_label for cause in _label(label, image.execution.labels)]
        yield violations("require-label", number, len(causes), [label.text for label in gates.require_label], causes)
    if gates.forbid_label:
        found = [name for name in image.execution.labels if any(fnmatchcase(name, one) for one in gates.forbid_label)]
        causes = [
            Cause(sentence="it has the label {label}", arguments={"label": without_secrets(name)}) for name in found
        ]
        yield violations("forbid-label", number, len(found), gates.forbid_label, causes)
    if gates.allow_platform:
        there = platform_text(image.platform)
        allowed = any(image.platform.matches(platform) for platform in gates.allow_platform)
        cause = Cause(sentence="it is for {platform}", arguments={"platform": there})
        yield _stated("allow-platform", number, there, _listed(gates.allow_platform), [] if allowed else [cause])


def platforms(images: Sequence[Image], wanted: Sequence[Platform]) -> Verdict:
    """The verdict on the platforms that an archive must have."""
    there = [image.platform for image in images]
    missing = [one for one in wanted if not any(platform.matches(one) for platform in there)]
    causes = [
        Cause(sentence="there is no image for {platform}", arguments={"platform": platform_text(one)})
        for one in missing
    ]
    return _stated("require-platform", None, _listed(there), _listed(wanted), causes)


def platform_text(platform: Platform) -> str:
    """`linux/arm64/v8`, as far as it is known."""
    return without_secrets(platform.text) or "none"


def _listed(found: Sequence[Platform]) -> str:
    return ", ".join(dict.fromkeys(map(platform_text, found))) or "none"


def _users(number: int, stated: str, gates: Gates) -> Iterator[Verdict]:
    name = stated.partition(":")[0].strip()
    is_root = name in ("", "root") or (name.isascii() and name.isdigit() and not name.strip("0"))
    value = without_secrets(stated) or "root (no user is set)"
    cause = Cause(sentence="it runs as {user}", arguments={"user": value})
    if gates.require_user:
        yield _stated("require-user", number, value, "any but root", [cause] if is_root else [])
    if gates.allow_user:
        refused = name not in gates.allow_user and stated not in gates.allow_user
        yield _stated("allow-user", number, value, ", ".join(gates.allow_user), [cause] if refused else [])


def _ports(rule: str, number: int, image: Image, listed: Sequence[Ports]) -> Verdict:
    """Each exposed port must be among the allowed ones, or none among the forbidden; one that is no port is neither."""
    stated = image.execution.exposed_ports
    if rule == "allow-port":
        wrong = [
            port for port in stated if (found := exposed(port)) is None or not any(p.covers(found) for p in listed)
        ]
    else:
        wrong = [
            port for port in stated if (found := exposed(port)) is not None and any(p.meets(found) for p in listed)
        ]
    causes = [Cause(sentence="it exposes {port}", arguments={"port": without_secrets(port)}) for port in wrong]
    value = without_secrets(", ".join(stated)) or "none"
    return _stated(rule, number, value, ", ".join(port.text for port in listed), causes)


def _label(wanted: Label, labels: dict[str, str]) -> Iterator[Cause]:
    value = labels.get(wanted.name)
    if value is None:
        yield Cause(sentence="it has no label {label}", arguments={"label": wanted.name})
    elif wanted.value is not None and not fnmatchcase(value, wanted.value):
        shown = without_secrets(f"{wanted.name}={value}")
        yield Cause(sentence="its label is {label}, not {value}", arguments={"label": shown, "value": wanted.value})


def _stated(rule: str, number: int | None, value: str, limit: str, causes: Sequence[Cause]) -> Verdict:
    """A rule whose value is what the image states."""
    return Verdict(
        rule=rule,
        image=number,
        passed=not causes,
        value=value,
        limit=limit,
        unit="text",
        causes=tuple(causes[:LISTED]),
    )
