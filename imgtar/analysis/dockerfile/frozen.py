"""A Dockerfile that rebuilds an image from the tars of its layers and from its configuration alone, without a network.

The tar of a layer has what the final filesystem has from that layer, so no line deletes anything: an `ADD` cannot, and
`RUN rm` needs a program in the image. Instructions of the history are not repeated: they may lie, and a `WORKDIR` makes
a directory again that a later step removed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator

from imgtar.analysis.dockerfile.line import Line, checked
from imgtar.analysis.dockerfile.metadata import metadata_line
from imgtar.analysis.dockerfile.syntax import Draft, has_controls, impossible, json_list, quoted
from imgtar.formats.json_document.document import Json
from imgtar.formats.oci.config import Execution
from imgtar.image.history.instruction import Instruction
from imgtar.image.image import ImageOutline
from imgtar.text import escape

_VARIABLE = re.compile(r"[^\s=\"'\\$]+")
_UNITS = (("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1_000))
_DURATIONS = (
    ("Interval", "interval"),
    ("Timeout", "timeout"),
    ("StartPeriod", "start-period"),
    ("StartInterval", "start-interval"),
)
_HEALTH = "this health check has no spelling in a Dockerfile"


def frozen(image: ImageOutline, filled: Collection[int], is_there: Callable[[bytes], bool]) -> list[Line]:
    """The lines. `filled` are the layers of which the final filesystem has something, `is_there` knows its paths."""
    lines = [Line("FROM scratch", None, None, True)]
    for layer in image.layers:
        step = image.pairing.step_of(layer.index)
        text = "" if step is None else escape(step.text or step.entry.created_by or "")
        said = f": {text}" if text else ""
        row = None if step is None else step.index
        if layer.index in filled:
            add = Line(f"ADD layer-{layer.index:02d}.tar /", row, layer.index, True, (f"layer {layer.index}{said}",))
        else:
            absent = f"# the final filesystem has nothing of layer {layer.index}{said}"
            add = Line(absent, row, layer.index, True)
        lines.append(checked(add))
    drafts = _configuration(image.execution, is_there)
    return [*lines, *(checked(Line(draft.text, None, None, draft.certain, draft.notes)) for draft in drafts)]


def _configuration(execution: Execution, is_there: Callable[[bytes], bool]) -> Iterator[Draft]:
    """The instructions that set exactly this. ENTRYPOINT stands before CMD, which it would reset."""
    listed = {"SHELL": execution.shell, "VOLUME": execution.volumes}
    commands = {"ENTRYPOINT": execution.entrypoint, "CMD": execution.cmd}
    yield from (_listed(keyword, words) for keyword, words in listed.items() if words)
    yield from map(_variable, execution.env)
    yield from (_label(key, value) for key, value in execution.labels.items())
    yield from (_single("EXPOSE", port, execution) for port in execution.exposed_ports)
    if execution.working_dir:
        yield _working_directory(execution.working_dir, execution, is_there)
    for keyword, value in (("USER", execution.user), ("STOPSIGNAL", execution.stop_signal)):
        if value:
            yield _single(keyword, value, execution)
    if execution.healthcheck:
        yield _health(execution.healthcheck, execution)
    yield from (_single("ONBUILD", trigger, execution) for trigger in execution.onbuild)
    yield from (_listed(keyword, words) for keyword, words in commands.items() if words)


def _listed(keyword: str, words: Collection[str]) -> Draft:
    return Draft(f"{keyword} {json_list(words)}")


def _single(keyword: str, value: str, execution: Execution) -> Draft:
    """An instruction whose value the builder takes as it stands; a blank at an end it would take away."""
    draft = metadata_line(Instruction(keyword, f"{keyword} {value}"), execution)
    if value != value.strip() and draft.certain:
        return impossible(f"{keyword} {value}", "a Dockerfile cannot say the blanks at the ends")
    return draft


def _variable(variable: str) -> Draft:
    name, equals, value = variable.partition("=")
    if not equals or not _VARIABLE.fullmatch(name) or has_controls(variable):
        return impossible(f"ENV {variable}", "a Dockerfile cannot set this variable")
    return Draft(f"ENV {name}={quoted(value)}")


def _label(key: str, value: str) -> Draft:
    if not key or has_controls(key + value):
        return impossible(f"LABEL {key}={value}", "a Dockerfile cannot set this label")
    return Draft(f"LABEL {quoted(key)}={quoted(value)}")


def _working_directory(path: str, execution: Execution, is_there: Callable[[bytes], bool]) -> Draft:
    draft = _single("WORKDIR", path, execution)
    raw = path.strip("/").encode("utf-8", "surrogateescape")
    if not draft.certain or not raw or is_there(raw):
        return draft
    return Draft(draft.text, False, ("the image has no such directory; the build makes it",))


def _health(stored: dict[str, Json], execution: Execution) -> Draft:
    """HEALTHCHECK for the object of the configuration; durations are nanoseconds there."""
    test = stored.get("Test")
    words = [word for word in test if isinstance(word, str)] if isinstance(test, list) else []
    command = {"NONE": "NONE", "CMD": f"CMD {json_list(words[1:])}"}.get(words[0] if words else "")
    if words[:1] == ["CMD-SHELL"]:
        command = "CMD " + " ".join(words[1:])
    if command is None or (len(words) < 2 and command != "NONE"):
        return impossible(f"HEALTHCHECK {stored}", _HEALTH)
    options = "".join(f"--{option}={_duration(value)} " for key, option in _DURATIONS if (value := stored.get(key)))
    if retries := stored.get("Retries"):
        options += f"--retries={retries} "
    draft = metadata_line(Instruction("HEALTHCHECK", f"HEALTHCHECK {options}{command}"), execution)
    is_list = command.removeprefix("CMD ").startswith("[")
    if words[0] == "CMD-SHELL" and (is_list or command != command.strip()):
        return impossible(f"HEALTHCHECK {options}{command}", _HEALTH)
    return draft


def _duration(nanoseconds: Json) -> str:
    """`30s`, in the largest unit that says it exactly."""
    if not isinstance(nanoseconds, int):
        return "?"
    unit = next(((name, size) for name, size in _UNITS if nanoseconds % size == 0), ("ns", 1))
    return f"{nanoseconds // unit[1]}{unit[0]}"
