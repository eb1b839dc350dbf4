"""Matches history rows with layers, and gives the Dockerfile instruction of each row.

OCI image-spec config.md, «history»: a row without `empty_layer` makes the next layer; image-formats.md 2.5. Real
histories have too many or too few such rows, so the pairing says what it repaired or could not repair.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from imgtar.findings import Finding, Kind, Severity
from imgtar.formats.oci.config import HistoryEntry
from imgtar.image.history.instruction import METADATA_ONLY, Instruction, parse_created_by

MISMATCH = Kind(
    code="image.history-mismatch",
    severity=Severity.LOW,
    sentence="the history describes {rows} layers, but the image has {layers}; they are matched from the base up",
    meaning="The number of history rows that make a layer differs from the number of layers, so a layer may be shown "
    "with the command of another one. Docker matches from the base up too, and refuses an image with too many rows.",
    remedy="Trust the layers, not the commands. Rebuilding the image writes a history that matches.",
)
REPAIRED = Kind(
    code="image.history-repaired",
    severity=Severity.LOW,
    sentence="{dropped} history rows that lack empty_layer are metadata only; without them history and layers match",
    meaning="Rows such as ENV or CMD lack the empty_layer mark. imgtar treats them as metadata.",
    remedy="Nothing to do. A registry or a converter lost the marks.",
)
KINDS = (MISMATCH, REPAIRED)


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One history row: its place, its Dockerfile instruction, and the layer that it makes (None: metadata only).

    `repaired` marks a row that by `empty_layer` would make a layer and by its instruction does not.
    """

    index: int
    entry: HistoryEntry
    layer: int | None
    repaired: bool
    instruction: str | None
    text: str | None


class Pairing(msgspec.Struct, frozen=True, kw_only=True):
    """All rows oldest first, and for each layer (base first) the index of its row, None where it has none."""

    steps: tuple[Step, ...]
    layer_to_history: tuple[int | None, ...]
    findings: tuple[Finding, ...]

    def step_of(self, layer: int) -> Step | None:
        """The row that made this layer."""
        index = self.layer_to_history[layer]
        return None if index is None else self.steps[index]


def pair(history: Sequence[HistoryEntry], layer_count: int) -> Pairing:
    """Pairs the rows with the layers. The findings lack the index of the image."""
    instructions = read_instructions(history)
    making = [index for index, entry in enumerate(history) if not entry.empty_layer]
    dropped: set[int] = set()
    findings: list[Finding] = []
    if len(making) > layer_count:
        dropped = {index for index in making if instructions[index].keyword in METADATA_ONLY}
        if len(making) - len(dropped) == layer_count:
            findings.append(REPAIRED.at(dropped=len(dropped)))
            making = [index for index in making if index not in dropped]
        else:
            dropped = set()
    if history and len(making) != layer_count:
        findings.append(MISMATCH.at(rows=len(making), layers=layer_count))
    layers = {index: layer for layer, index in enumerate(making[:layer_count])}
    steps = tuple(
        Step(
            index=index,
            entry=entry,
            layer=layers.get(index),
            repaired=index in dropped,
            instruction=instruction.keyword,
            text=instruction.text,
        )
        for index, (entry, instruction) in enumerate(zip(history, instructions, strict=True))
    )
    without = (None,) * max(0, layer_count - len(making))
    return Pairing(steps=steps, layer_to_history=(*making[:layer_count], *without), findings=tuple(findings))


def read_instructions(history: Sequence[HistoryEntry]) -> list[Instruction]:
    """The instruction of each row; a SHELL row changes how the rows after it are read."""
    instructions: list[Instruction] = []
    shell: str | None = None
    bottom = True
    for entry in history:
        instruction = parse_created_by(
            entry.created_by,
            comment=entry.comment,
            author=entry.author,
            shell=shell,
            bottom=bottom and not entry.empty_layer,
        )
        instructions.append(instruction)
        shell = instruction.shell or shell
        bottom = bottom and entry.empty_layer
    return instructions


def is_base(lowest: Instruction) -> bool:
    """Does the lowest layer's instruction make it a base: an import, an ADD to `/` or unknown?"""
    return lowest.keyword in (None, "FROM") or lowest.fills_root


def layer_sentence(layers: Sequence[Instruction], metadata_steps: int) -> str:
    """`10 layers = 1 base + 8 RUN + 1 COPY; 9 steps are metadata only`.

    `layers` has the instruction of each layer, base first. `base` is the lowest one where `is_base` says so; the
    others come in the order of their first layer, unknown ones last as `other`. `metadata_steps` is the number of
    history rows that make no layer; 0 of them are left out.
    """
    names = [layer.keyword or "other" for layer in layers]
    if layers and is_base(layers[0]):
        names[0] = "base"
    counts = Counter(names)  # in the order of first appearance
    if others := counts.pop("other", 0):
        counts["other"] = others
    parts = " + ".join(f"{count} {name}" for name, count in counts.items())
    total = f"{len(layers)} layer{'' if len(layers) == 1 else 's'}{' = ' if parts else ''}{parts}"
    if not metadata_steps:
        return total
    return f"{total}; {metadata_steps} step{' is' if metadata_steps == 1 else 's are'} metadata only"
