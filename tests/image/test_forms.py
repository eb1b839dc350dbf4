"""Platforms and histories of archives that real tools write and that state more or less than they should."""

from __future__ import annotations

import pytest

from tests.archive.forms import ran, text


def test_a_platform_that_index_and_config_dispute_is_the_config_s() -> None:
    inspected = ran("inspect", "bazel-multiarch")
    assert inspected.code == 0
    assert [image["platform"] for image in inspected.images] == [
        {"os": "linux", "architecture": "amd64", "variant": None}
    ] * 2
    assert inspected.messages("image.platform-mismatch") == ["the index says linux/arm64/v8, the config linux/amd64"]
    assert [row["where"]["image"] for row in inspected.document["findings"]] == [0]
    assert "amd64/v8" not in text("inspect", "bazel-multiarch")


@pytest.mark.parametrize(
    ("platform", "chosen"),
    [("linux/arm64/v8", [0]), ("arm64", [0]), ("linux/arm64", [0]), ("amd64", [0, 1]), ("linux/amd64", [0, 1])],
)
def test_either_platform_chooses_the_image(platform: str, chosen: list[int]) -> None:
    ids = ["9d44cfa836de", "f580097bf79d"]
    found = ran("ids", "bazel-multiarch", "--platform", platform)
    assert [image["id"][7:19] for image in found.images] == [ids[number] for number in chosen]


def test_no_platform_is_made_of_two() -> None:
    assert ran("inspect", "bazel-multiarch", "--platform", "linux/amd64/v8").code == 3


def test_a_history_of_the_top_layers_alone_belongs_to_the_top() -> None:
    for command in ("inspect", "history"):
        found = ran(command, "history-of-top-only")
        assert found.code == 0
        assert [(row["layer"], row["repaired"]) for row in found.images[0]["history"]] == [(2, True)]
        (message,) = found.messages("image.history-mismatch")
        assert message.endswith("is 1, but the image has 3 layers; they are matched from the top down")
        assert "3 layers = 3 other\n" in text(command, "history-of-top-only")
    layers = ran("inspect", "history-of-top-only").images[0]["layers"]
    assert [layer["instruction"] for layer in layers] == [None, None, "COPY"]


def test_as_many_rows_as_layers_are_paired_one_to_one() -> None:
    for command in ("inspect", "history"):
        found = ran(command, "empty-layer-rows-have-layers")
        assert found.code == 0
        rows = [(row["layer"], row["empty_layer"], row["repaired"]) for row in found.images[0]["history"]]
        assert rows == [(0, False, False), (1, True, True), (2, False, False), (3, True, True)]
        assert found.codes == ["image.history-repaired"]
        assert "4 layers = 1 base + 1 ENV + 1 COPY + 1 CMD\n" in text(command, "empty-layer-rows-have-layers")
    layers = ran("inspect", "empty-layer-rows-have-layers").images[0]["layers"]
    assert [layer["instruction"] for layer in layers] == ["ADD", "ENV", "COPY", "CMD"]
