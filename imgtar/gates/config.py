"""The gates on the configuration of an image: users, ports, labels and platforms. They need no layer of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from imgtar.formats.oci.platform import Platform
from imgtar.gates.verdict import LISTED, Cause, Verdict, count_verdict, shown_text
from imgtar.image.image import Image
from imgtar.policy.policy import Gates
from imgtar.policy.values import Label, Ports, exposed


def config_verdicts(number: int, image: Image, gates: Gates) -> Iterator[Verdict]:
    """The verdicts on the configuration of image `number`."""
    if gates.require_user or gates.allow_user:
        yield from _users(number, image.execution.user or "", gates)
    if gates.allow_port:
        yield _ports("allow-port", number, image, gates.allow_port)
    if gates.forbid_port:
        yield _ports("forbid-port", number, image, gates.forbid_port)
    labels = image.execution.labels
    if gates.require_label:
        causes = [cause for label in gates.require_label for cause in _label(label, labels)]
        patterns = [label.text for label in gates.require_label]
        yield count_verdict("require-label", number, len(causes), patterns, causes)
    if gates.forbid_label:
        found = [name for name in labels if any(fnmatchcase(name, pattern) for pattern in gates.forbid_label)]
        causes = [
            Cause(sentence="the image has the label {label}", arguments={"label": shown_text(name)}) for name in found
        ]
        yield count_verdict("forbid-label", number, len(found), gates.forbid_label, causes)
    if gates.allow_platform:
        text = platform_text(image.platform)
        allowed = any(image.platform.matches(platform) for platform in gates.allow_platform)
        cause = Cause(sentence="the image is for {platform}", arguments={"platform": text})
        limit = _platform_texts(gates.allow_platform)
        yield _text_verdict("allow-platform", number, text, limit, [] if allowed else [cause])


def required_platforms(images: Sequence[Image], required: Sequence[Platform]) -> Verdict:
    """The verdict on the platforms that an archive must have."""
    present = [image.platform for image in images]
    missing = [platform for platform in required if not any(one.matches(platform) for one in present)]
    causes = [
        Cause(sentence="the archive has no image for {platform}", arguments={"platform": platform_text(platform)})
        for platform in missing
    ]
    return _text_verdict("require-platform", None, _platform_texts(present), _platform_texts(required), causes)


def platform_text(platform: Platform) -> str:
    """`linux/arm64/v8`, without the parts that are unknown; `none` if all are."""
    return shown_text(platform.text) or "none"


def _platform_texts(platforms: Sequence[Platform]) -> str:
    return ", ".join(dict.fromkeys(map(platform_text, platforms))) or "none"


def _users(number: int, user: str, gates: Gates) -> Iterator[Verdict]:
    name = user.partition(":")[0].strip()
    is_root = name in ("", "root") or (name.isascii() and name.isdigit() and not name.strip("0"))
    value = shown_text(user) or "root (no user is set)"
    cause = Cause(sentence="the image runs as {user}", arguments={"user": value})
    if gates.require_user:
        yield _text_verdict("require-user", number, value, "any but root", [cause] if is_root else [])
    if gates.allow_user:
        refused = name not in gates.allow_user and user not in gates.allow_user
        yield _text_verdict("allow-user", number, value, ", ".join(gates.allow_user), [cause] if refused else [])


def _ports(rule: str, number: int, image: Image, listed: Sequence[Ports]) -> Verdict:
    """Every exposed port must be allowed, or none may be forbidden. Text that is not a port is neither."""
    texts = image.execution.exposed_ports
    if rule == "allow-port":
        wrong = [text for text in texts if (found := exposed(text)) is None or not any(p.covers(found) for p in listed)]
    else:
        wrong = [text for text in texts if (found := exposed(text)) is not None and any(p.meets(found) for p in listed)]
    causes = [Cause(sentence="the image exposes {port}", arguments={"port": shown_text(text)}) for text in wrong]
    value = shown_text(", ".join(texts)) or "none"
    return _text_verdict(rule, number, value, ", ".join(port.text for port in listed), causes)


def _label(required: Label, labels: dict[str, str]) -> Iterator[Cause]:
    value = labels.get(required.name)
    if value is None:
        yield Cause(sentence="the image has no label {label}", arguments={"label": required.name})
    elif required.value is not None and not fnmatchcase(value, required.value):
        label = shown_text(f"{required.name}={value}")
        yield Cause(sentence="the label is {label}, not {value}", arguments={"label": label, "value": required.value})


def _text_verdict(rule: str, number: int | None, value: str, limit: str, causes: Sequence[Cause]) -> Verdict:
    """The verdict of a gate whose value is text of the image; it passes if there is no cause."""
    return Verdict(
        rule=rule,
        image=number,
        passed=not causes,
        value=value,
        limit=limit,
        unit="text",
        causes=tuple(causes[:LISTED]),
    )
