"""The lines of instructions without a command: values of the history, quoted so that BuildKit reads the same values."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping

from imgtar.analysis.dockerfile.pairs import split_pairs
from imgtar.analysis.dockerfile.run import DEFAULT_SHELL, shell_form
from imgtar.analysis.dockerfile.syntax import (
    Draft,
    ends_open,
    has_controls,
    impossible,
    json_list,
    literal,
    quoted,
    string_list,
    words,
)
from imgtar.formats.oci.config import Execution
from imgtar.image.history.instruction import KEYWORDS, Instruction

_CONTROL = "control characters cannot be written in this instruction"
_UNREADABLE = "a Dockerfile cannot say this as the history has it"
_BLANKS = "a blank may part two values or belong to one: the image's configuration does not say"
_MOST_LENGTHS = 64  # of stated volumes: a bound for hostile rows
_PLAIN = re.compile(r"[\w./:@+{}$-]+")
_OLD_FORM = re.compile(r"\S+[ \t]+\S")  # `ENV NAME VALUE`; BuildKit parts these at ASCII blanks alone
_DURATION = r"(?:\d{1,9}(?:\.\d{1,9})?(?:ms|s|m|h)){1,4}"
_HEALTH = re.compile(
    rf"(?P<options>(?:--(?:interval|timeout|start-period|start-interval)={_DURATION} +|--retries=\d{{1,9}} +){{0,5}})"
    r"(?:CMD[ \t]+(?P<command>\S.*)|NONE)"
)
_ONBUILD = KEYWORDS - {"FROM", "MAINTAINER", "ONBUILD"}


def metadata_line(instruction: Instruction, execution: Execution) -> Draft:
    """The line of an instruction that makes no command run: any but FROM, RUN, COPY and ADD."""
    keyword, text = instruction.keyword or "", instruction.text or ""
    value = text[len(keyword) :].strip()
    if has_controls(value):
        return impossible(text, _CONTROL)
    found = _LINES[keyword](keyword, value, instruction.written, execution)
    if found is None or (ends_open(found.text) and not found.text.endswith("\\\\")):
        return impossible(text, _UNREADABLE)
    return found


def _environment(keyword: str, value: str, written: bool, execution: Execution) -> Draft | None:
    stated = dict(item.partition("=")[::2] for item in execution.env)
    return _assignments(keyword, value, written, stated)


def _labels(keyword: str, value: str, written: bool, execution: Execution) -> Draft | None:
    return _assignments(keyword, value, written, execution.labels)


def _assignments(keyword: str, value: str, written: bool, stated: Mapping[str, str]) -> Draft | None:
    """`K=V …`; what buildah and kaniko record is the Dockerfile's own text, also the old form `K V`."""
    if value.startswith("--"):
        return None
    listed = words(value) if written else None
    if listed:
        old = "=" not in listed[0] and _OLD_FORM.match(value)
        if old or all("=" in word[1:] and word[0] != "=" for word in listed):
            return Draft(f"{keyword} {value}")
    found = split_pairs(value, stated)
    if found is None:
        name, blank, rest = value.partition(" ")
        is_name = blank and "=" not in name and name.split() == [name] and not _quotes(name)
        return Draft(f"{keyword} {name}={quoted(rest.strip())}") if is_name else None
    text = " ".join(f"{name}={quoted(item)}" for name, item in found.pairs)
    return Draft(f"{keyword} {text}", found.certain, () if found.certain else (_BLANKS,))


def _quotes(name: str) -> bool:
    return any(char in name for char in "\"'\\$")


def argument_line(keyword: str, value: str, written: bool, _execution: Execution) -> Draft | None:
    """`ARG NAME`, `ARG NAME=VALUE …`."""
    if value.startswith(("--", "=")) or not value:
        return None
    listed = words(value)
    if listed is not None and (written or all("=" not in word and not _quotes(word) for word in listed)):
        return Draft(f"{keyword} {value}") if all(word[0] != "=" for word in listed) else None
    found = split_pairs(value, {})
    if found is None:
        return None
    text = " ".join(f"{name}={quoted(item)}" for name, item in found.pairs)
    return Draft(f"{keyword} {text}", found.certain, () if found.certain else (_BLANKS,))


def _command(keyword: str, value: str, _written: bool, _execution: Execution) -> Draft | None:
    """The exec form; some builders keep the shell form."""
    if value.startswith("[") or not value:
        listed = string_list(value or "[]")
        return None if listed is None else Draft(f"{keyword} {json_list(listed)}")
    return None if value.startswith("--") else Draft(f"{keyword} {value}")


def _shell(keyword: str, value: str, _written: bool, _execution: Execution) -> Draft | None:
    listed = string_list(value)
    return Draft(f"{keyword} {json_list(listed)}") if listed else None


def _volumes(keyword: str, value: str, written: bool, execution: Execution) -> Draft | None:
    stated = None if written or value.startswith("[") else _stated_volumes(value, execution.volumes)
    listed = string_list(value) if value.startswith("[") else stated or value.split()
    if not listed or not all(item.strip() for item in listed) or value.startswith("--"):
        return None
    if not written and stated is None and len(listed) > 1 and not value.startswith("["):
        return Draft(f"{keyword} {json_list(map(literal, listed))}", False, (_BLANKS,))
    if all(_PLAIN.fullmatch(item) for item in listed) and not value.startswith("["):
        return Draft(f"{keyword} {' '.join(listed)}")
    return Draft(f"{keyword} {json_list(item if written else literal(item) for item in listed)}")


def _stated_volumes(value: str, volumes: Collection[str]) -> list[str] | None:
    """The volumes of a row, which has blanks between them, as the configuration states them; None where it lacks one.

    The longest stated volume counts. The time is linear in the text for each length of a stated volume.
    """
    by_length = sorted({len(volume) for volume in volumes}, reverse=True)[:_MOST_LENGTHS]
    known, found, start = frozenset(volumes), [], 0
    while start < len(value):
        ends = (start + length for length in by_length if value[start + length : start + length + 1] in ("", " "))
        end = next((end for end in ends if value[start:end] in known), None)
        if end is None:
            return None
        found.append(value[start:end])
        start = end + 1
    return found


def _ports(keyword: str, value: str, written: bool, _execution: Execution) -> Draft | None:
    listed = value.split()
    if not listed or value.startswith("--"):
        return None
    return Draft(f"{keyword} {' '.join(item if written else literal(item) for item in listed)}")


def _one_value(keyword: str, value: str, written: bool, _execution: Execution) -> Draft | None:
    if not value or value.startswith("--"):
        return None
    return Draft(f"{keyword} {value if written else literal(value)}")


def _maintainer(keyword: str, value: str, _written: bool, _execution: Execution) -> Draft | None:
    return Draft(f"{keyword} {value}") if value and not value.startswith("--") else None


def _health(keyword: str, value: str, _written: bool, _execution: Execution) -> Draft | None:
    found = _HEALTH.fullmatch(value)
    if found is None:
        return None
    options = [option.partition("=")[0] for option in found["options"].split()]
    command = found["command"]
    if command is None:
        return Draft(f"{keyword} NONE") if not options else None
    if len(set(options)) != len(options) or command.startswith("--"):
        return None
    if not command.startswith("["):
        return Draft(f"{keyword} {value}")
    listed = string_list(command)
    return Draft(f"{keyword} {found['options']}CMD {json_list(listed)}") if listed else None


def _trigger(keyword: str, value: str, _written: bool, execution: Execution) -> Draft | None:
    """ONBUILD keeps the text of the instruction that it triggers."""
    name = value.partition(" ")[0].upper()
    rest = value[len(name) :].strip()
    if name not in _ONBUILD or not rest:
        return None
    if name == "RUN":
        inner: Draft | None = shell_form(rest, DEFAULT_SHELL, wrap=False)
    elif name in ("COPY", "ADD"):
        plain = "<<" not in rest and not rest.startswith(("[", "--")) and len(rest.split()) > 1
        inner = Draft(f"{name} {rest}") if plain else None
    else:
        inner = _LINES[name](name, rest, True, execution)
    if inner is None or inner.text.startswith("#"):
        return None
    return Draft(f"{keyword} {inner.text}", inner.certain, inner.notes)


_LINES: Mapping[str, Callable[[str, str, bool, Execution], Draft | None]] = {
    "ENV": _environment,
    "LABEL": _labels,
    "ARG": argument_line,
    "CMD": _command,
    "ENTRYPOINT": _command,
    "SHELL": _shell,
    "VOLUME": _volumes,
    "EXPOSE": _ports,
    "USER": _one_value,
    "WORKDIR": _one_value,
    "STOPSIGNAL": _one_value,
    "MAINTAINER": _maintainer,
    "HEALTHCHECK": _health,
    "ONBUILD": _trigger,
}
