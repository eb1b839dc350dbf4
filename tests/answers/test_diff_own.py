"""`diff --own`: what lies in the base image of each side is left out."""

from __future__ import annotations

import html
from pathlib import Path

import pytest
from click.testing import CliRunner

from imgtar.answers.diff import DiffSettings
from imgtar.cli.registry import command_line
from imgtar.contract.content import TextSettings
from imgtar.contract.diff import ComparedPair
from imgtar.report.html.diff import diff_page
from imgtar.report.markdown.diff import diff as markdown
from imgtar.report.table.diff import diff as table
from tests.answers.comparing import content_of_two, file_rows, layer_rows
from tests.builders import docker_save, file, layer, whiteout

OLD = layer(file("etc/os", b"old"), file("etc/gone", b"x"))
NEW = layer(file("etc/os", b"newer"), file("etc/more", b"y"))
APP = layer(file("app/run", b"app"))
UNKNOWN = [{"created_by": "COPY x /x # buildkit"}] * 2


def archives(folder: Path, a: list[bytes], b: list[bytes]) -> tuple[Path, Path]:
    for name, layers in (("a.tar", a), ("b.tar", b)):
        (folder / name).write_bytes(docker_save(layers, history=UNKNOWN))
    return folder / "a.tar", folder / "b.tar"


def own(folder: Path, a: list[bytes], b: list[bytes], base: int | None = 1) -> ComparedPair:
    [pair] = content_of_two(*archives(folder, a, b), settings=DiffSettings(own=True), base=base).pairs
    return pair


def test_one_own_layer_on_two_bases_is_equal(tmp_path: Path) -> None:
    document = own(tmp_path, [OLD, APP], [NEW, APP]).document
    assert (document.equal, document.base_layers, document.growth.bytes) == (True, [1, 1], 0)
    assert [(row.status, row.a, row.b) for row in document.layers] == [("same", 1, 1)]
    assert document.pull is not None
    assert (document.pull.bytes, document.pull.layers) == (0, 0)
    [whole] = content_of_two(tmp_path / "a.tar", tmp_path / "b.tar").pairs
    assert whole.document.equal is False


@pytest.mark.parametrize(
    ("change", "row"),
    [
        (file("etc/os", b"mine"), ("modified", "/etc/os", ("content",))),
        (whiteout("etc/os"), ("deleted", "/etc/os", ())),
    ],
    ids=["modified", "deleted"],
)
def test_what_an_own_layer_does_to_a_path_of_the_base_counts(
    change: object, row: tuple[str, str, tuple[str, ...]], tmp_path: Path
) -> None:
    pair = own(tmp_path, [OLD, APP], [OLD, layer(file("app/run", b"app"), change)])
    assert (pair.document.equal, file_rows(pair)) == (False, [row])
    assert layer_rows(pair) == [("changed", 1, 1, ("paths",))]


def test_nothing_is_left_out_where_the_base_is_unknown(tmp_path: Path) -> None:
    pair = own(tmp_path, [OLD, APP], [NEW, APP], base=None)
    assert (pair.document.equal, pair.document.base_layers, len(pair.document.layers)) == (False, [0, 0], 2)
    content = content_of_two(tmp_path / "a.tar", tmp_path / "b.tar", settings=DiffSettings(own=True))
    for render in (table, markdown, diff_page):
        text = html.unescape(b"".join(render(content, TextSettings())).decode())
        assert "A: no layer is known to be the base's, so nothing is left out" in text


def test_the_base_options_are_refused_without_own(tmp_path: Path) -> None:
    a, b = map(str, archives(tmp_path, [OLD, APP], [NEW, APP]))
    for options in (["--base", "1"], ["--base-image", a]):
        result = CliRunner().invoke(command_line("diff"), [a, b, *options])
        assert (result.exit_code, "--base and --base-image need --own" in result.stderr) == (2, True)
    assert CliRunner().invoke(command_line("diff"), [a, b, "--own", "--base", "1"]).exit_code == 0
