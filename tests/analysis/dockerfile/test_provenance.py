"""The text of the provenance in rows, whatever it says of its lines."""

from __future__ import annotations

from imgtar.analysis.dockerfile.provenance import stated_dockerfile
from imgtar.formats.build_source import BuildSource, SourceFile, StepRange
from tests.growth import bounded_work

TEXT = "FROM a\nRUN b \\\n  c\nUSER d"
BLOBS = ("sha256:0", "sha256:1", "sha256:2")


def _rows(*ranges: StepRange) -> list[tuple[int | None, str, int | None]]:
    found = stated_dockerfile(BuildSource((SourceFile("Dockerfile", TEXT),), ranges), BLOBS)
    return [(line.number, line.text, line.layer) for line in found.lines]


def test_a_layer_is_the_top_of_a_chain_that_the_image_has() -> None:
    wrong, right = ("sha256:9", "sha256:1"), BLOBS[:2]
    assert _rows(StepRange(0, 2, 3, (wrong, right)))[1] == (2, "RUN b \\\n  c", 1)
    assert _rows(StepRange(0, 2, 3, (wrong, (), (*BLOBS, "sha256:3"))))[1] == (2, "RUN b \\\n  c", None)
    assert _rows(StepRange(0, 1, 1, (right,)))[0] == (1, "FROM a", None)


def test_the_first_step_of_a_range_with_a_layer_counts() -> None:
    both = StepRange(0, 4, 4, ()), StepRange(0, 4, 4, (BLOBS,)), StepRange(0, 4, 4, (BLOBS[:1],))
    assert _rows(*both)[-1] == (4, "USER d", 2)


def test_ranges_that_lie_are_left_out() -> None:
    lies = [
        StepRange(0, first, last, (BLOBS,)) for first, last in ((0, 1), (-5, 2), (3, 2), (4, 5), (1 << 63, 1 << 63))
    ]
    assert _rows(*lies) == [(1, "FROM a", None), (2, "RUN b \\", None), (3, "  c", None), (4, "USER d", None)]
    overlapping = _rows(StepRange(0, 1, 3, (BLOBS,)), StepRange(0, 2, 4, (BLOBS,)))
    assert "\n".join(text for _, text, _ in overlapping) == TEXT


def test_of_several_files_the_one_with_most_steps_is_the_dockerfile() -> None:
    files = SourceFile("bake.hcl", "x"), None, SourceFile("Dockerfile", "y")
    found = stated_dockerfile(BuildSource(files, (StepRange(2, 1, 1, ()),)), ())
    assert (found.name, found.text, found.others) == ("Dockerfile", "y", ("bake.hcl",))
    assert stated_dockerfile(BuildSource(files, ()), ()).name == "bake.hcl"


def test_a_byte_order_mark_and_carriage_returns_are_left_out() -> None:
    files = (SourceFile("Dockerfile", "\ufeffFROM a\r\nUSER\rb\n\n"),)
    found = stated_dockerfile(BuildSource(files, ()), ())
    assert [(line.text, line.certain) for line in found.lines] == [("FROM a", True), ("USER\rb", False), ("", True)]


def test_many_lines_and_steps_take_linear_time() -> None:
    text = "RUN a\n" * 20_000
    ranges = tuple(StepRange(0, number, number, (BLOBS,)) for number in range(1, 20_001))
    with bounded_work():
        found = stated_dockerfile(BuildSource((SourceFile("Dockerfile", text),), ranges), BLOBS)
    assert len(found.lines) == 20_000
