"""What the image's configuration and history say."""

from __future__ import annotations

import re
from collections.abc import Iterator

from imgtar.audit import configuration_rules as rules
from imgtar.audit.secret_kinds import entropy, is_secret_name, is_secret_value
from imgtar.findings import Finding
from imgtar.image.history import Step
from imgtar.image.image import Image

_APT_UPDATE = re.compile(r"\b(?:apt-get|apt)\s[^;&|]{0,80}\bupdate\b")
_INSTALL = re.compile(r"\b(?:apt-get|apt|apk|yum|dnf|microdnf|zypper)\s[^;&|]{0,200}\b(?:install|add|upgrade)\b")
_UPDATE = re.compile(r"\b(?:apt-get|apt|apk|yum|dnf|zypper)\s[^;&|]{0,80}\b(?:update|refresh)\b")
_LISTS_REMOVED = re.compile(r"rm\s[^;&|]{0,200}/var/lib/apt/lists|--mount=type=cache")
_ASSIGNMENT = re.compile(r"(?:^|[\s'\"])([A-Za-z_][A-Za-z0-9_.-]{1,80})=(\"[^\"]{0,400}\"|'[^']{0,400}'|\S{0,400})")
_ARCHIVE = re.compile(r"\.(?:tar|tgz|tar\.\w{2,4})\b|://")
_CACHING = re.compile(r"\b(yum|dnf|microdnf|zypper)\s[^;&|]{0,200}\b(?:install|in|update|up|upgrade|groupinstall)\b")
_CACHE_CLEANED = re.compile(
    r"\b(?:yum|dnf|microdnf)\s[^;&|]{0,80}\bclean\s+all|\bzypper\s[^;&|]{0,80}\b(?:clean|cc)\b"
    r"|rm\s[^;&|]{0,200}/var/cache/(?:yum|dnf|libdnf|zypp)|--mount=type=cache"
)
_APT_INSTALL = re.compile(r"\bapt-get\s(?![^;&|]{0,1000}--no-install-recommends)[^;&|]{0,80}\binstall\b")
_RUN_RULES = (
    (rules.SUDO, re.compile(r"(?:^|[;&|(]\s*)sudo\s")),
    (rules.DIST_UPGRADE, re.compile(r"\b(?:apt-get|apt|aptitude)\s[^;&|]{0,80}\b(?:dist|full)-upgrade\b")),
    (rules.APK_CACHE, re.compile(r"\bapk\s(?![^;&|]{0,1000}--no-cache)[^;&|]{0,80}\badd\s")),
    (rules.RECOMMENDED, _APT_INSTALL),
    (rules.PIPED_SCRIPT, re.compile(r"\b(?:curl|wget)\s[^;&|]{0,400}\|\s*(?:sudo\s+)?(?:ba|da|z|k)?sh\b")),
)
_SYSTEM = ("/sys", "/dev", "/proc")
_SYSTEM_WORKDIRS = (*_SYSTEM, "/boot", "/etc", "/bin", "/sbin", "/lib", "/usr/bin", "/usr/sbin", "/usr/lib")
_EXAMINED = 100_000  # characters of one history row


def configuration(image: Image, root_names: frozenset[str]) -> Iterator[Finding]:
    """The findings lack the image. `root_names` are the users that the image's passwd maps to uid 0."""
    yield from _runtime(image, root_names)
    yield from _names(image)
    yield from _ports(image)
    for step in image.pairing.steps:
        yield from _step(step)
    yield from _variables(image)


def _runtime(image: Image, root_names: frozenset[str]) -> Iterator[Finding]:
    execution = image.execution
    user = (execution.user or "").partition(":")[0].strip()
    if user in ("", "0", "root") or user in root_names or not user.strip("0"):
        yield rules.ROOT.at()
    test = (execution.healthcheck or {}).get("Test")
    if not test or (isinstance(test, list) and test[:1] == ["NONE"]):
        yield rules.NO_HEALTHCHECK.at()
    directory = execution.working_dir or ""
    if directory and not directory.startswith(("/", "$")) and directory[1:2] != ":":
        yield rules.WORKDIR.at(path=directory)
    elif _is_in(directory, _SYSTEM_WORKDIRS):
        yield rules.SYSTEM_WORKDIR.at(path=directory)
    for volume in execution.volumes:
        if _is_in(volume, _SYSTEM):
            yield rules.VOLUME.at(path=volume)


def _is_in(path: str, directories: tuple[str, ...]) -> bool:
    return any(path == directory or path.startswith(f"{directory}/") for directory in directories)


def _names(image: Image) -> Iterator[Finding]:
    for name in image.record.names:
        last = name.rpartition("/")[2]
        if "@" not in last and (":" not in last or last.endswith(":latest")):
            yield rules.LATEST.at(name=name)


def _ports(image: Image) -> Iterator[Finding]:
    for port in image.execution.exposed_ports:
        number = port.partition("/")[0]
        if number == "22":
            yield rules.SSH_PORT.at()
        elif not all(
            part.isascii() and part.isdigit() and 1 <= int(part[:10]) <= 65535 for part in number.split("-", 1)
        ):
            yield rules.BAD_PORT.at(port=port)


def _step(step: Step) -> Iterator[Finding]:
    text = (step.text or "")[:_EXAMINED]
    if step.instruction == "ADD" and step.layer not in (None, 0) and not _ARCHIVE.search(text):
        yield rules.ADD.at(step=step.index)
    elif step.instruction == "MAINTAINER":
        yield rules.MAINTAINER.at(step=step.index)
    elif step.instruction == "RUN":
        command = text.removeprefix("RUN ")
        for kind, pattern in _RUN_RULES:
            if pattern.search(command):
                yield kind.at(step=step.index)
        caching = _CACHING.search(command)
        if caching and not _CACHE_CLEANED.search(command):
            yield rules.PACKAGE_CACHE.at(step=step.index, manager=caching[1])
        if _UPDATE.search(command) and not _INSTALL.search(command):
            yield rules.UPDATE_ALONE.at(step=step.index)
        elif _APT_UPDATE.search(command) and not _LISTS_REMOVED.search(command):
            yield rules.APT_CACHE.at(step=step.index)


def _variables(image: Image) -> Iterator[Finding]:
    told: set[str] = set()
    for variable in image.execution.env:
        name, _, value = variable.partition("=")
        told.add(name)
        yield from _secret("the variable", name, value)
    for name, value in image.execution.labels.items():
        told.add(name)
        yield from _secret("the label", name, value)
    for step in image.pairing.steps:
        for name, value in _ASSIGNMENT.findall((step.entry.created_by or "")[:_EXAMINED]):
            if name not in told:
                told.add(name)
                yield from _secret(f"step {step.index} of the history:", name, value.strip("\"'"))


def _secret(where: str, name: str, value: str) -> Iterator[Finding]:
    raw = value.encode("utf-8", "replace")
    if is_secret_name(name.encode("utf-8", "replace")) and is_secret_value(raw) and entropy(raw) >= 2.0:
        yield rules.SECRET.at(where=where, name=name, size=len(value))
