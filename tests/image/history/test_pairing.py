"""History rows ↔ layers, and the sentence about them."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from imgtar.formats.oci.config import HistoryEntry
from imgtar.image.history.instruction import Instruction
from imgtar.image.history.pairing import MISMATCH, REPAIRED, Pairing, layer_sentence, pair

NOP = "/bin/sh -c #(nop)  "
BASE = HistoryEntry(comment="Imported from -")


def run(command: str = "x") -> HistoryEntry:
    return HistoryEntry(created_by=f"/bin/sh -c {command}")


def row(created_by: str | None, *, empty: bool = False, comment: str | None = None) -> HistoryEntry:
    return HistoryEntry(created_by=created_by, empty_layer=empty, comment=comment)


def meta(line: str = "ENV A=b") -> HistoryEntry:
    return HistoryEntry(created_by=NOP + line, empty_layer=True)


def sentence_of(pairing: Pairing) -> str:
    rows = [pairing.step_of(layer) for layer in range(len(pairing.layer_to_history))]
    layers = [None if row is None else Instruction(row.instruction, row.text) for row in rows]
    return layer_sentence(layers, sum(step.layer is None for step in pairing.steps))


def layers_of(history: list[HistoryEntry], count: int) -> list[int | None]:
    return [step.layer for step in pair(history, count).steps]


def codes(history: list[HistoryEntry], count: int) -> list[str]:
    return [finding.code for finding in pair(history, count).findings]


def test_rows_without_empty_layer_take_the_layers_in_order() -> None:
    history = [BASE, meta(), run(), meta(), run()]
    pairing = pair(history, 3)
    assert [step.layer for step in pairing.steps] == [0, None, 1, None, 2]
    assert pairing.layer_to_history == (0, 2, 4)
    assert pairing.findings == ()
    assert [step.entry for step in pairing.steps] == history
    assert not any(step.repaired for step in pairing.steps)


def test_no_history_leaves_the_layers_without_rows_and_finds_nothing() -> None:
    pairing = pair([], 2)
    assert pairing.layer_to_history == (None, None)
    assert pairing.steps == ()
    assert pairing.findings == ()
    assert pairing.step_of(1) is None


def test_fewer_rows_that_begin_with_a_base_are_paired_from_the_bottom() -> None:
    pairing = pair([BASE, run(), meta()], 4)
    assert pairing.layer_to_history == (0, 1, None, None)
    assert not any(step.repaired for step in pairing.steps)
    assert [finding.code for finding in pairing.findings] == [MISMATCH.code]
    how = "they are matched from the base up"
    assert pairing.findings[0].arguments == {"rows": 2, "layers": 4, "how": how}


def test_fewer_rows_without_a_base_belong_to_the_top_layers() -> None:
    pairing = pair([row("COPY a /b"), meta(), run()], 4)
    assert pairing.layer_to_history == (None, None, 0, 2)
    assert [step.layer for step in pairing.steps] == [2, None, 3]
    assert [step.repaired for step in pairing.steps] == [True, False, True]
    assert pairing.findings[0].arguments["how"] == "they are matched from the top down"


def test_as_many_rows_as_layers_are_paired_one_to_one_whatever_their_marks() -> None:
    history = [row(NOP + "ADD file:aa in / "), meta(), row("COPY a /b"), meta('CMD ["x"]')]
    pairing = pair(history, 4)
    assert [step.layer for step in pairing.steps] == [0, 1, 2, 3]
    assert [step.repaired for step in pairing.steps] == [False, True, False, True]
    assert [finding.code for finding in pairing.findings] == [REPAIRED.code]


def test_marked_rows_that_write_files_get_the_layers_that_are_left() -> None:
    history = [BASE, meta(), row("COPY a /b", empty=True), row("WORKDIR /b", empty=True), meta()]
    pairing = pair(history, 3)
    assert [step.layer for step in pairing.steps] == [0, None, 1, 2, None]
    assert [step.repaired for step in pairing.steps] == [False, False, True, True, False]
    assert [finding.code for finding in pairing.findings] == [REPAIRED.code]


def test_unmarked_metadata_rows_are_dropped_where_that_repairs_the_number() -> None:
    history = [BASE, row(NOP + "ENV A=b"), run(), meta(), row("CMD [x]")]
    pairing = pair(history, 2)
    assert [step.layer for step in pairing.steps] == [0, None, 1, None, None]
    assert [step.repaired for step in pairing.steps] == [False, True, False, False, True]
    assert [finding.code for finding in pairing.findings] == [REPAIRED.code]
    assert pairing.layer_to_history == (0, 2)


def test_surplus_rows_that_no_repair_fits_get_no_layer() -> None:
    history = [BASE, row(NOP + "ENV A=b"), run(), run(), run()]
    pairing = pair(history, 2)
    assert [step.layer for step in pairing.steps] == [0, 1, None, None, None]
    assert not any(step.repaired for step in pairing.steps)
    assert [finding.code for finding in pairing.findings] == [MISMATCH.code]


def test_an_unmarked_metadata_row_keeps_its_layer_where_the_numbers_agree() -> None:
    # buildah without --layers: one layer for all steps, made by the last row
    assert layers_of([BASE, meta(), row(NOP + 'CMD ["x"]')], 2) == [0, None, 1]
    assert codes([BASE, meta(), row(NOP + 'CMD ["x"]')], 2) == []


def test_workdir_makes_a_layer() -> None:
    assert codes([BASE, row("WORKDIR /srv"), run()], 2) == [MISMATCH.code]


def test_rows_but_no_layers() -> None:
    assert layers_of([meta(), meta()], 0) == [None, None]
    assert codes([meta(), meta()], 0) == []
    assert codes([run()], 0) == [MISMATCH.code]


def test_squash_leaves_old_rows_empty_and_one_unknown_row() -> None:
    history = [BASE, *[row("/bin/sh -c x", empty=True)] * 18, row(None, comment="merge sha256:a to sha256:b")]
    pairing = pair(history, 2)
    assert pairing.layer_to_history == (0, 19)
    assert pairing.steps[19].instruction is None
    assert sentence_of(pairing) == "2 layers = 1 base + 1 other; 18 steps are metadata only"


def test_shell_of_an_earlier_row_reads_a_later_one() -> None:
    shell = "powershell -Command $ErrorActionPreference = 'Stop';"
    history = [row(f"SHELL [{shell}]", empty=True), row(f"RUN {shell} Get-Item # buildkit")]
    assert pair(history, 1).steps[1].text == "RUN Get-Item"


SENTENCES = {
    "mysql": (
        [BASE, meta(), *[run()] * 8, *[meta()] * 5, row("COPY a /b"), *[meta()] * 3],
        10,
        "10 layers = 1 base + 8 RUN + 1 COPY; 9 steps are metadata only",
    ),
    "one-layer-one-step": ([row("COPY a /"), meta()], 1, "1 layer = 1 COPY; 1 step is metadata only"),
    "no-step": ([row("COPY a /")], 1, "1 layer = 1 COPY"),
    "no-layers": ([meta()] * 9, 0, "0 layers; 9 steps are metadata only"),
    "no-layers-one-step": ([meta()], 0, "0 layers; 1 step is metadata only"),
    "nothing": ([], 0, "0 layers"),
    "no-history": ([], 3, "3 layers = 3 other"),
    "base-alone": ([BASE], 1, "1 layer = 1 base"),
    "base-added": (
        [row(NOP + "ADD file:1 in / "), row("RUN make")],
        2,
        "2 layers = 1 base + 1 RUN",
    ),
    "add-elsewhere": ([row(NOP + "ADD file:1 in /opt")], 1, "1 layer = 1 ADD"),
    "add-to-root-above-the-base": (
        [BASE, row("ADD a.tar /")],
        2,
        "2 layers = 1 base + 1 ADD",
    ),
    "order-of-first-layer": (
        [BASE, row("WORKDIR /a"), run(), row("COPY a b"), run()],
        5,
        "5 layers = 1 base + 1 WORKDIR + 2 RUN + 1 COPY",
    ),
    "others-last": (
        [BASE, row("umoci insert"), run(), row("jib")],
        4,
        "4 layers = 1 base + 1 RUN + 2 other",
    ),
    "surplus-row-is-metadata-only": (
        [BASE, run(), run()],
        2,
        "2 layers = 1 base + 1 RUN; 1 step is metadata only",
    ),
    "umoci": ([row("umoci repack")] * 2, 2, "2 layers = 1 base + 1 other"),
}


@pytest.mark.parametrize(("history", "layers", "sentence"), SENTENCES.values(), ids=SENTENCES)
def test_sentence(history: list[HistoryEntry], layers: int, sentence: str) -> None:
    assert sentence_of(pair(history, layers)) == sentence


def config_of(path: Path) -> tuple[list[HistoryEntry], int]:
    """History and number of diffIDs of the first image that manifest.json names."""
    with tarfile.open(path) as archive:

        def read(name: str) -> Any:
            stream = archive.extractfile(name)
            assert stream is not None
            return json.loads(stream.read())

        config = read(read("manifest.json")[0]["Config"])
    rows = [HistoryEntry(**{key: row.get(key) for key in ("created_by", "comment")}, empty_layer="empty_layer" in row)
            for row in config["history"]]  # fmt: skip
    return rows, len(config["rootfs"]["diff_ids"] or [])


REAL = {
    "mysql.tar": "10 layers = 1 base + 8 RUN + 1 COPY; 9 steps are metadata only",
    "d26-buildkit-mysqlish.tar": "10 layers = 1 base + 8 RUN + 1 COPY; 9 steps are metadata only",
    "p5-docker-archive.tar": "10 layers = 1 base + 8 RUN + 1 COPY; 9 steps are metadata only",
    "d20-commit.tar": "11 layers = 1 base + 8 RUN + 1 COPY + 1 other; 9 steps are metadata only",
    "d20-emptylayers.tar": "5 layers = 1 base + 4 RUN; 9 steps are metadata only",
    "d26-duplayers.tar": "4 layers = 4 COPY; 1 step is metadata only",
    "d26c-metaonly.tar": "0 layers; 3 steps are metadata only",
}


@pytest.mark.parametrize(("name", "sentence"), REAL.items())
def test_real_images(fixtures: Path, name: str, sentence: str) -> None:
    history, layers = config_of(fixtures / name)
    pairing = pair(history, layers)
    assert sentence_of(pairing) == sentence
    assert pairing.findings == ()
    assert not any(step.repaired for step in pairing.steps)
