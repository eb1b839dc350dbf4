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
    sentence="the number of history rows that make a layer is {rows}, but the image has {layers} layers; {how}",
    meaning="The number of history rows that make a layer differs from the number of layers, so a layer may be shown "
    "with the command of another one. Docker matches from the base up and refuses an image with too many rows. Where "
    "the rows are fewer and do not begin with a base, imgtar matches from the top down: the base came without history.",
    remedy="Trust the layers, not the commands. Rebuilding the image writes a history that matches.",
)
REPAIRED = Kind(
    code="image.history-repaired",
    severity=Severity.LOW,
    sentence="history and layers match once {what}",
    meaning="Rows such as ENV or CMD lack the empty_layer mark, or rows that have the mark make a layer after all. "
    "A registry or a converter wrote the marks wrongly. imgtar corrects them where history and layers then match in "
    "number.",
)
KINDS = (MISMATCH, REPAIRED)

_MAKES_LAYER = frozenset({"RUN", "COPY", "ADD", "WORKDIR"})


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One history row: its place, what it says, and the layer that it makes (None: metadata only).

    `repaired` marks a row whose layer is not the one that `empty_layer` and the order of the layers give it.
    """

    index: int
    entry: HistoryEntry
    layer: int | None
    repaired: bool
    parsed: Instruction

    @property
    def instruction(self) -> str | None:
        """The Dockerfile instruction in capitals, `FROM` for an import; None where the row does not say."""
        return self.parsed.keyword

    @property
    def text(self) -> str | None:
        """The whole Dockerfile line."""
        return self.parsed.text


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
    instructions = _read_instructions(history)
    making = [index for index, entry in enumerate(history) if not entry.empty_layer]
    repair = _repaired(history, instructions, making, layer_count)
    repaired: set[int] = set() if repair is None else set(making).symmetric_difference(repair.making)
    making = making if repair is None else repair.making
    findings = [] if repair is None else [REPAIRED.at(what=repair.what)]
    lowest = 0
    if history and len(making) != layer_count:
        if making and len(making) < layer_count and not is_base(instructions[making[0]]):
            lowest = layer_count - len(making)
            repaired.update(making)
        how = "they are matched from the top down" if lowest else "they are matched from the base up"
        findings.append(MISMATCH.at(rows=len(making), layers=layer_count, how=how))
    layers = {index: layer for layer, index in enumerate(making[:layer_count], lowest)}
    steps = tuple(
        Step(
            index=index,
            entry=entry,
            layer=layers.get(index),
            repaired=index in repaired,
            parsed=instruction,
        )
        for index, (entry, instruction) in enumerate(zip(history, instructions, strict=True))
    )
    rows = {layer: index for index, layer in layers.items()}
    return Pairing(steps=steps, layer_to_history=tuple(map(rows.get, range(layer_count))), findings=tuple(findings))


class _Repair(msgspec.Struct, frozen=True):
    """The rows that make a layer, with the marks `empty_layer` corrected, and in words what was corrected."""

    making: list[int]
    what: str


def _repaired(
    history: Sequence[HistoryEntry], instructions: Sequence[Instruction], making: Sequence[int], layer_count: int
) -> _Repair | None:
    """The repair that makes history and layers match in number; None where they do, or where none makes them."""
    if len(making) > layer_count:
        kept = [index for index in making if instructions[index].keyword not in METADATA_ONLY]
        dropped = len(making) - len(kept)
        what = f"rows of metadata that lack the mark empty_layer ({dropped}) count as metadata only"
        return _Repair(kept, what) if len(kept) == layer_count else None
    if len(making) == layer_count:
        return None
    filled = [
        index
        for index, entry in enumerate(history)
        if not entry.empty_layer or instructions[index].keyword in _MAKES_LAYER
    ]
    for rows in (filled, list(range(len(history)))):
        if len(rows) == layer_count:
            what = f"rows with the mark empty_layer ({layer_count - len(making)}) count as making a layer"
            return _Repair(rows, what)
    return None


def _read_instructions(history: Sequence[HistoryEntry]) -> list[Instruction]:
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


def layer_sentence(layers: Sequence[Instruction | None], metadata_steps: int) -> str:
    """`10 layers = 1 base + 8 RUN + 1 COPY; 9 steps are metadata only`.

    `layers` has the instruction of each layer, base first, None where no history row is known to have made it. `base`
    is the lowest one where `is_base` says so; the others come in the order of their first layer, unknown ones last as
    `other`. `metadata_steps` is the number of history rows that make no layer; 0 of them are left out.
    """
    names = [(None if layer is None else layer.keyword) or "other" for layer in layers]
    if layers and layers[0] is not None and is_base(layers[0]):
        names[0] = "base"
    counts = Counter(names)  # in the order of first appearance
    if others := counts.pop("other", 0):
        counts["other"] = others
    parts = " + ".join(f"{count} {name}" for name, count in counts.items())
    total = f"{len(layers)} layer{'' if len(layers) == 1 else 's'}{' = ' if parts else ''}{parts}"
    if not metadata_steps:
        return total
    return f"{total}; {metadata_steps} step{' is' if metadata_steps == 1 else 's are'} metadata only"
