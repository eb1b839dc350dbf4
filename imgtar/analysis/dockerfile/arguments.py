"""Build arguments: ARG lines with the values that the RUN steps used, and where arguments end in a row."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from imgtar.analysis.dockerfile.metadata import metadata_line
from imgtar.analysis.dockerfile.pairs import split_pairs
from imgtar.analysis.dockerfile.syntax import Draft, has_controls, quoted
from imgtar.formats.oci.config import Execution
from imgtar.image.history.instruction import Command, Instruction
from imgtar.text import escape

# Arguments that BuildKit sets itself: a value in the Dockerfile would be another thing.
_PLATFORM = re.compile(r"(?:TARGET|BUILD)(?:PLATFORM|OS|ARCH|VARIANT)(?:=.*)?")
_NAME = re.compile(r"\w+", re.ASCII)


class BuildArguments:
    """The arguments of a build, as its rows come: which are declared so far, and what a RUN row begins with."""

    def __init__(self, instructions: Sequence[Instruction]) -> None:
        self._used = _used(instructions)
        self._declared: set[str] = set()
        self._heads: list[str] = []  # of RUN rows: the arguments as the last row had them
        self._stated: list[str] = []  # `NAME=VALUE` of ARG rows

    def line(self, instruction: Instruction, execution: Execution) -> Draft | None:
        """The line of an ARG row; None where all its names are declared already."""
        value = (instruction.text or "")[len("ARG ") :]
        names = value.split()
        if instruction.written and len(names) > 1 and all(map(_NAME.fullmatch, names)):
            return self._listed(names)
        draft = metadata_line(instruction, execution)
        name, equals, _ = value.partition("=")
        self._declared.add(name)
        self._stated += [value] if equals else []
        used = self._value(name)
        if draft.text.startswith("#") or used is None or draft.text == f"ARG {name}={quoted(used)}":
            return draft
        note = f"the build used this value; the Dockerfile has {escape(draft.text)}"
        return Draft(f"ARG {name}={quoted(used)}", False, (note,))

    def _listed(self, names: Sequence[str]) -> Draft | None:
        """buildah's row has the names of all arguments so far, sorted and without values."""
        new = [name for name in names if name not in self._declared]
        self._declared.update(new)
        if not new:
            return None
        values = {name: self._value(name) for name in new}
        words = (name if value is None else f"{name}={quoted(value)}" for name, value in values.items())
        known = any(value is not None for value in values.values())
        note = f"the build used this value; the history has ARG {' '.join(new)}"
        return Draft(f"ARG {' '.join(words)}", not known, (note,) if known else ())

    def undeclared(self, command: Command) -> Iterator[Draft]:
        """Arguments that a RUN used and no row declares."""
        for name, value in _arguments(command):
            if name not in self._declared and not _PLATFORM.fullmatch(name) and not has_controls(value):
                self._declared.add(name)
                note = "the history has no ARG line for it; the step below used it"
                yield Draft(f"ARG {name}={quoted(value)}", False, (note,))

    def without(self, command: Command) -> Command:
        """The command of a RUN row; in an exec form without the arguments before its words, where these are known."""
        if command.shell is not None:
            if command.arguments:
                self._heads = [f"|{command.count} {command.arguments} "]
            return command
        for head in (*self._heads, f"|{len(self._stated)} {' '.join(self._stated)} "):
            if command.text.startswith(head):
                return msgspec.structs.replace(command, text=command.text[len(head) :])
        return command

    def _value(self, name: str) -> str | None:
        """The value that a line can state."""
        used = self._used.get(name)
        return None if used is None or _PLATFORM.fullmatch(name) or has_controls(used) else used


def _arguments(command: Command) -> tuple[tuple[str, str], ...]:
    found = split_pairs(command.arguments, {})
    return () if found is None else tuple(pair for pair in found.pairs if _NAME.fullmatch(pair[0]))


def _used(instructions: Sequence[Instruction]) -> dict[str, str]:
    """The values of build arguments, each as the first RUN that has it."""
    used: dict[str, str] = {}
    for instruction in reversed(instructions):
        if instruction.command is not None:
            used.update(_arguments(instruction.command))
    return used
