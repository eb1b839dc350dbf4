"""An image's history as the lines of a Dockerfile, oldest first, each with the step and the layer that it is about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import msgspec

from imgtar.analysis.dockerfile.arguments import BuildArguments
from imgtar.analysis.dockerfile.files import MadeFiles, file_line, layer_line
from imgtar.analysis.dockerfile.line import Line, checked
from imgtar.analysis.dockerfile.metadata import metadata_line
from imgtar.analysis.dockerfile.run import DEFAULT_SHELL, run_line
from imgtar.analysis.dockerfile.supplied import Supplied, removals
from imgtar.analysis.dockerfile.syntax import Draft, impossible
from imgtar.image.history.instruction import Command, Instruction
from imgtar.image.history.pairing import Step
from imgtar.image.image import ImageOutline
from imgtar.text import escape

_NOTHING: Mapping[int, Supplied] = {}
_NAME = re.compile(r"[A-Za-z0-9][\w./:@-]{0,512}", re.ASCII)


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
        self._arguments = BuildArguments([step.parsed for step in image.pairing.steps])
        self._shell: str | None = None
        self._shell_is_written = False
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
            if step.parsed.shell is not None:
                self._shell, self._shell_is_written = step.parsed.shell, step.parsed.written
        yield from self._up_to(len(self._image.layers))
        yield from self._triggers()

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
            for argument in self._arguments.undeclared(step.parsed.command):
                yield Line(argument.text, step.index, None, argument.certain, argument.notes)
        draft = self._draft(step)
        if draft is not None:
            yield from self._lines_of(draft, step.index, step.layer)

    def _triggers(self) -> Iterator[Line]:
        """ONBUILD lines, which BuildKit leaves out of the history."""
        there = {step.text for step in self._image.pairing.steps if step.instruction == "ONBUILD"}
        for trigger in self._image.execution.onbuild:
            text = f"ONBUILD {trigger}"
            if text not in there:
                draft = metadata_line(Instruction("ONBUILD", text), self._image.execution)
                note = "the history has no row for it; the configuration has it"
                yield Line(draft.text, None, None, False, (note, *draft.notes))

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
            return self._arguments.line(instruction, self._image.execution)
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
        if self._shell_is_written and command.shell == DEFAULT_SHELL:  # buildah writes this one, whatever SHELL says
            command = msgspec.structs.replace(command, shell=self._shell)
        command = self._arguments.without(command)
        return run_line(command, self._shell, wrap=self._wrap)
