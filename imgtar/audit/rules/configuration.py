"""Risks in the configuration and the history of an image."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from imgtar.audit.rules import configuration_kinds as kinds
from imgtar.audit.rules.build_steps import build_step_findings
from imgtar.audit.secrets.collector import Secret, SecretRoom
from imgtar.audit.secrets.kinds import DESCRIPTIONS, GENERIC
from imgtar.audit.secrets.redaction import announced_secrets
from imgtar.audit.secrets.sample_keys import SAMPLE_DESCRIPTION, SAMPLE_KEY
from imgtar.audit.secrets.search import secrets_in_text
from imgtar.audit.secrets.words import entropy, is_secret_name, is_secret_value, redacted
from imgtar.findings import Finding, Severity
from imgtar.formats.oci.config import Execution
from imgtar.image.history.pairing import Step
from imgtar.image.image import Image

_ARCHIVE = re.compile(r"\.(?:tar|tgz|tar\.\w{2,4})\b|://")
_SYSTEM = ("/sys", "/dev", "/proc")
_SYSTEM_WORKDIRS = (*_SYSTEM, "/boot", "/etc", "/bin", "/sbin", "/lib", "/usr/bin", "/usr/sbin", "/usr/lib")


class TextSearch:
    """Searches texts for secrets, each text once: images built on one another repeat most rows of their history.

    It keeps the secrets that find a place in the `room` of the audit.
    """

    def __init__(self, room: SecretRoom) -> None:
        self._room = room
        self._known: dict[str, list[Secret]] = {}
        self._announced: dict[str, list[tuple[str | None, bytes]]] = {}

    def known(self, text: str) -> list[Secret]:
        """The secrets of a known form."""
        found = self._known.get(text)
        if found is None:
            found = self._known[text] = [secret for secret in secrets_in_text(text) if self._room.take()]
        return found

    def announced(self, text: str) -> list[tuple[str | None, bytes]]:
        """The secrets that a name, an option or a program announces, with the name."""
        found = self._announced.get(text)
        if found is None:
            found = self._announced[text] = [secret for secret in announced_secrets(text) if self._room.take()]
        return found


def configuration_findings(image: Image, root_names: frozenset[str], search: TextSearch) -> Iterator[Finding]:
    """The findings lack the number of the image. `root_names` are the users with uid 0 in the image's /etc/passwd.

    `search` serves all images of an audit.
    """
    yield from _runtime(image, root_names)
    yield from _names(image)
    yield from _ports(image)
    for step in image.pairing.steps:
        yield from _step(image, step)
    yield from _secrets(image, search)


def _runtime(image: Image, root_names: frozenset[str]) -> Iterator[Finding]:
    execution = image.execution
    user = (execution.user or "").partition(":")[0].strip()
    if user in ("", "0", "root") or user in root_names or not user.strip("0"):
        yield kinds.ROOT.at()
    test = (execution.healthcheck or {}).get("Test")
    if not test or (isinstance(test, list) and test[:1] == ["NONE"]):
        yield kinds.NO_HEALTHCHECK.at()
    directory = execution.working_dir or ""
    if directory and not directory.startswith(("/", "$")) and directory[1:2] != ":":
        yield kinds.WORKDIR.at(path=directory)
    elif _is_in(directory, _SYSTEM_WORKDIRS):
        yield kinds.SYSTEM_WORKDIR.at(path=directory)
    for volume in execution.volumes:
        if _is_in(volume, _SYSTEM):
            yield kinds.VOLUME.at(path=volume)


def _is_in(path: str, directories: tuple[str, ...]) -> bool:
    return any(path == directory or path.startswith(f"{directory}/") for directory in directories)


def _names(image: Image) -> Iterator[Finding]:
    for name in image.record.names:
        last = name.rpartition("/")[2]
        if "@" not in last and (":" not in last or last.endswith(":latest")):
            yield kinds.LATEST.at(name=name)


def _ports(image: Image) -> Iterator[Finding]:
    for port in image.execution.exposed_ports:
        number = port.partition("/")[0]
        if number == "22":
            yield kinds.SSH_PORT.at()
        elif not all(
            part.isascii() and part.isdigit() and 1 <= int(part[:10]) <= 65535 for part in number.split("-", 1)
        ):
            yield kinds.BAD_PORT.at(port=port)


def _step(image: Image, step: Step) -> Iterator[Finding]:
    text = step.text or ""
    if step.instruction == "ADD" and step.layer not in (None, 0) and not _ARCHIVE.search(text):
        yield kinds.ADD.at(step=_name(step))
    elif step.instruction == "MAINTAINER":
        yield kinds.MAINTAINER.at(step=_name(step))
    elif step.instruction == "RUN":
        scan = None if step.layer is None else image.layers[step.layer].scan
        yield from build_step_findings(_name(step), text.removeprefix("RUN "), scan)


def _name(step: Step) -> str:
    """`5 (layer 3)`: steps and layers count differently, because steps that are metadata only make no layer."""
    return f"{step.index}" if step.layer is None else f"{step.index} (layer {step.layer})"


def _secrets(image: Image, search: TextSearch) -> Iterator[Finding]:
    """Secrets of a known form in every text, and secrets by the name of their variable, label or build argument."""
    execution = image.execution
    reported: set[str] = set()
    texts = [
        (f"the variable {name}", name, value) for name, _, value in (item.partition("=") for item in execution.env)
    ]
    texts += [(f"the label {name}", name, value) for name, value in execution.labels.items()]
    commands = (("command", execution.cmd), ("entrypoint", execution.entrypoint))
    texts += [(f"the {title}", "", " ".join(words)) for title, words in commands]
    texts.append(("the health check", "", msgspec.json.encode(execution.healthcheck or {}).decode()))
    texts += [(f"the {title}", "", value) for title, value in _other_fields(execution)]
    told: set[bytes] = set()
    for place, name, value in texts:
        reported.add(name)
        known = [*_known_secrets(place, value, search), *_known_secrets(place, name, search)]
        yield from known
        named = [] if known else _named_secret(place, name, value)
        yield from named or _announced(place, value, reported, told, search)
    for step in image.pairing.steps:
        row = step.entry.created_by or ""
        place = f"step {_name(step)} of the history"
        yield from _known_secrets(place, "\n".join((row, step.entry.comment or "", step.entry.author or "")), search)
        yield from _announced(place, row, reported, told, search)


def _announced(place: str, text: str, reported: set[str], told: set[bytes], search: TextSearch) -> Iterator[Finding]:
    """The secrets in a text that a name, an option or a program announces, each told once.

    A name in `reported` is that of a variable or label, which the history repeats.
    """
    for name, secret in search.announced(text):
        if secret in told or (name and name in reported) or (name is not None and entropy(secret) < GENERIC.entropy):
            continue
        told.add(secret)
        holder = place if name is None else f"{name} in {place}"
        yield kinds.SECRET.at(holder=holder, description=GENERIC.description, shown=redacted(secret))


def _other_fields(execution: Execution) -> Iterator[tuple[str, str]]:
    yield "working directory", execution.working_dir or ""
    yield "user", execution.user or ""
    yield "ports", " ".join(execution.exposed_ports)
    yield "volumes", " ".join(execution.volumes)


def _known_secrets(place: str, text: str, search: TextSearch) -> list[Finding]:
    return [
        kinds.SECRET.at_most(Severity.INFO).at(holder=place, description=SAMPLE_DESCRIPTION, shown=secret.shown)
        if secret.kind == SAMPLE_KEY
        else kinds.SECRET.at(holder=place, description=DESCRIPTIONS[secret.kind], shown=secret.shown)
        for secret in search.known(text)
    ]


def _named_secret(place: str, name: str, value: str) -> list[Finding]:
    raw = value.encode("utf-8", "surrogatepass")
    if not is_secret_name(name.encode("utf-8", "surrogatepass")):
        return []
    if not is_secret_value(raw) or entropy(raw) < GENERIC.entropy or secrets_in_text(value):
        return []
    return [kinds.SECRET.at(holder=place, description=GENERIC.description, shown=redacted(raw))]
