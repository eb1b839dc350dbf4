"""An image's history as the lines of a Dockerfile, oldest first, each with the step and the layer that it is about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from imgtar.analysis.dockerfile.files import MadeFiles, file_line, layer_line
from imgtar.analysis.dockerfile.line import Line, checked
from imgtar.analysis.dockerfile.metadata import metadata_line
from imgtar.analysis.dockerfile.pairs import split_pairs
from imgtar.analysis.dockerfile.run import DEFAULT_SHELL, run_line
from imgtar.analysis.dockerfile.supplied import Supplied, removals
from imgtar.analysis.dockerfile.syntax import Draft, has_controls, impossible, quoted
from imgtar.formats.oci.config import Execution
from imgtar.image.history.instruction import Command, Instruction
from imgtar.image.history.pairing import Step
from imgtar.image.image import ImageOutline
from imgtar.text import escape

_NOTHING: Mapping[int, Supplied] = {}
_NAME = re.compile(r"[A-Za-z0-9][\w./:@-]{0,512}", re.ASCII)
# Arguments that BuildKit sets itself: a value in the Dockerfile would be another thing.
_PLATFORM_ARGUMENT = re.compile(r"(?:TARGET|BUILD)(?:PLATFORM|OS|ARCH|VARIANT)(?:=.*)?")


class Foundation(msgspec.Struct, frozen=True):
    """The lowest `layers` layers, which come from a base image; `name` is what FROM can say of it, if that is known."""

    layers: int
    name: str | None = None


def rebuilt(
    image: ImageOutline,
    foundation: Foundation,
    made: MadeFiles,
    *,
    wrap: bool = True,
    supplied: Mapping[int, Supplied] = _NOTHING,
) -> list[Line]:
    """The lines for the history of an image; lines of layers without a row stand where the layer is.

    `supplied` are the layers whose files a build context has.
    """
    return [checked(line) for line in _Rebuilding(image, foundation, made, supplied, wrap=wrap).lines()]


def supplied_layers(image: ImageOutline, base: Foundation) -> Iterator[int]:
    """The layers whose files a build context must have: those of an unnamed base, and those that no command makes."""
    for layer in range(base.layers if base.name is not None else 0, len(image.layers)):
        step = image.pairing.step_of(layer)
        if layer < base.layers or step is None or step.instruction in (None, "FROM", "COPY", "ADD"):
            yield layer


def is_image_name(name: str) -> bool:
    """Can FROM say this name?"""
    return _NAME.fullmatch(name) is not None


class _Rebuilding:
    def __init__(
        self,
        image: ImageOutline,
        foundation: Foundation,
        made: MadeFiles,
        supplied: Mapping[int, Supplied],
        *,
        wrap: bool,
    ) -> None:
        self._image = image
        self._base = foundation
        self._made = made
        self._supplied = supplied
        self._wrap = wrap
        self._used = _used_arguments([step.parsed for step in image.pairing.steps])
        self._declared: set[str] = set()
        self._shell: str | None = None
        self._next_layer = 0

    def lines(self) -> Iterator[Line]:
        named = self._base.name is not None and self._base.layers > 0
        if named:
            top = self._base.layers - 1
            note = "layer 0" if top == 0 else f"layers 0 to {top}"
            yield Line(f"FROM {self._base.name}", None, None, False, (note,))
        else:
            yield Line("FROM scratch", None, None, True)
        skipped = self._rows_of_base() if named else 0
        for step in self._image.pairing.steps:
            if step.index >= skipped:
                if step.layer is not None:
                    yield from self._up_to(step.layer)
                yield from self._step(step)
            self._shell = step.parsed.shell or self._shell
        yield from self._up_to(len(self._image.layers))

    def _rows_of_base(self) -> int:
        """How many rows make the base: up to that of its top layer."""
        self._next_layer = self._base.layers
        rows = [step.index + 1 for step in self._image.pairing.steps if step.layer in range(self._base.layers)]
        return max(rows, default=0)

    def _up_to(self, layer: int) -> Iterator[Line]:
        """The layers below this one that no row made; the next one is above it."""
        for number in range(self._next_layer, layer):
            draft = layer_line(number, "the history has no row for this layer")
            yield from self._lines_of(draft, None, number)
        self._next_layer = max(self._next_layer, layer + 1)

    def _step(self, step: Step) -> Iterator[Line]:
        if step.parsed.command is not None:
            yield from self._undeclared(step.parsed.command, step)
        draft = self._draft(step)
        if draft is not None:
            yield from self._lines_of(draft, step.index, step.layer)

    def _lines_of(self, draft: Draft, step: int | None, layer: int | None) -> Iterator[Line]:
        """The line, or what takes the files of the layer from the build context in its place."""
        supplied = None if layer is None else self._supplied.get(layer)
        if layer is None or supplied is None:
            yield Line(draft.text, step, layer, draft.certain, draft.notes)
            return
        for removal in removals(supplied.removed, layer):
            yield Line(removal.text, step, layer, removal.certain, removal.notes)
        said = () if draft.text == supplied.text or not draft.certain else (f"the history has {escape(draft.text)}",)
        yield Line(supplied.text, step, layer, False, (*draft.notes, *said))

    def _draft(self, step: Step) -> Draft | None:
        instruction, layer, stored = step.parsed, step.layer, step.entry.created_by or ""
        if layer is not None and layer < self._base.layers and instruction.keyword not in ("FROM", "ADD", None):
            return layer_line(layer, f"a layer of the base image: {escape(stored)}")
        if instruction.keyword is None or instruction.keyword == "FROM":
            return self._without_instruction(step, stored)
        if instruction.keyword == "RUN":
            return self._run(instruction)
        if instruction.keyword in ("COPY", "ADD"):
            return file_line(instruction, layer, self._made)
        if instruction.keyword == "ARG":
            return self._argument(instruction, self._image.execution)
        return metadata_line(instruction, self._image.execution)

    def _without_instruction(self, step: Step, stored: str) -> Draft | None:
        said = f": {escape(stored)}" if stored.strip() else ""
        if step.layer is None:
            return impossible(stored, "not an instruction of a Dockerfile") if said else None
        if step.instruction == "FROM":
            return layer_line(step.layer, "an import: the history has no command for it")
        return layer_line(step.layer, f"not an instruction of a Dockerfile{said}")

    def _run(self, instruction: Instruction) -> Draft:
        command = instruction.command
        if command is None or instruction.written:  # the Dockerfile's own text names no shell
            text = (instruction.text or "")[len("RUN ") :] if command is None else command.text
            command = Command(text, self._shell or DEFAULT_SHELL)
        return run_line(command, self._shell, wrap=self._wrap)

    def _argument(self, instruction: Instruction, execution: Execution) -> Draft:
        """An argument with the value that the RUN steps behind it used."""
        draft = metadata_line(instruction, execution)
        name, _, _ = (instruction.text or "")[len("ARG ") :].partition("=")
        self._declared.add(name)
        used = self._used.get(name)
        if draft.text.startswith("#") or used is None or _PLATFORM_ARGUMENT.fullmatch(name) or has_controls(used):
            return draft
        text = f"ARG {name}={quoted(used)}"
        if text == draft.text:
            return draft
        return Draft(text, False, (f"the build used this value; the Dockerfile has {escape(draft.text)}",))

    def _undeclared(self, command: Command, step: Step) -> Iterator[Line]:
        """Arguments that a RUN used and no row declares."""
        for name, value in _arguments(command):
            if name not in self._declared and not _PLATFORM_ARGUMENT.fullmatch(name) and not has_controls(value):
                self._declared.add(name)
                notes = ("the history has no ARG line for it; the step below used it",)
                yield Line(f"ARG {name}={quoted(value)}", step.index, None, False, notes)


def _arguments(command: Command) -> tuple[tuple[str, str], ...]:
    found = split_pairs(command.arguments, {})
    return () if found is None else tuple(pair for pair in found.pairs if re.fullmatch(r"\w+", pair[0], re.ASCII))


def _used_arguments(instructions: Sequence[Instruction]) -> dict[str, str]:
    """The values of build arguments, each as the first RUN that has it."""
    used: dict[str, str] = {}
    for instruction in reversed(instructions):
        if instruction.command is not None:
            used.update(_arguments(instruction.command))
    return used
