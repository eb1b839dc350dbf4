"""`dockerfile`: the history of an image as lines of a Dockerfile, each with its step and layer."""

from __future__ import annotations

from pathlib import Path

import pytest

from imgtar.answers.dockerfile import dockerfile_content
from imgtar.contract.dockerfile import DockerfileLine
from imgtar.errors import UsageError
from tests.answers.asking import all_findings, content_of, opened
from tests.builders import docker_save, file, layer
from tests.paths import FIXTURES

SHA = "a" * 64
LAYERS = [layer(file("a", b"first")), layer(file("b", b"second"), file("c", b"")), layer(file("usr/bin/x", b"12345"))]
STEPS = [
    {"created_by": f"/bin/sh -c #(nop) ADD file:{SHA} in / "},
    {"created_by": '/bin/sh -c #(nop)  CMD ["a" "b c"]', "empty_layer": True},
    {"created_by": "/bin/sh -c set -e; make b"},
    {"created_by": f"/bin/sh -c #(nop) COPY file:{SHA} in /usr/bin/ "},
]


def _lines(tmp_path: Path, **arguments: object) -> list[DockerfileLine]:
    return content_of(dockerfile_content, docker_save(LAYERS, history=STEPS), tmp_path, **arguments).document.lines


def test_each_line_has_its_step_and_layer(tmp_path: Path) -> None:
    lines = _lines(tmp_path)
    assert [(line.text, line.step, line.layer, line.certain) for line in lines] == [
        ("FROM scratch", None, None, True),
        ("ADD layer-00.tar /", 0, 0, False),
        ('CMD ["a", "b c"]', 1, None, True),
        ("RUN set -e; \\\n    make b", 2, 1, True),
        ("COPY layer-02/usr/bin/x /usr/bin/", 3, 2, False),
    ]
    assert lines[-1].notes == [f"source name lost: file:{SHA}; it made /usr/bin/x (5 B)"]


def test_no_wrap_keeps_a_command_on_one_line(tmp_path: Path) -> None:
    assert _lines(tmp_path, wrap=False)[3].text == "RUN set -e; make b"


def test_layers_of_an_unnamed_base_are_added_from_their_tars(tmp_path: Path) -> None:
    assert [line.text for line in _lines(tmp_path, base=2)] == [
        "FROM scratch",
        "ADD layer-00.tar /",
        'CMD ["a", "b c"]',
        "ADD layer-01.tar /",
        "COPY layer-02/usr/bin/x /usr/bin/",
    ]
    with pytest.raises(UsageError, match="has 3 layers"):
        _lines(tmp_path, base=4)


def test_layers_without_a_row_stand_in_their_place(tmp_path: Path) -> None:
    archive = docker_save(LAYERS, history=[])
    lines = content_of(dockerfile_content, archive, tmp_path).document.lines
    assert [line.text for line in lines[1:]] == [f"ADD layer-0{number}.tar /" for number in range(3)]


def test_a_named_base_replaces_its_rows() -> None:
    session, _ = opened(FIXTURES / "p5-nolayers-oci.tar")
    lines = dockerfile_content(session, all_findings(session)).document.lines
    assert lines[0].text.startswith("FROM tinybase:1@sha256:")
    assert lines[0].notes == ["layer 0"]
    assert "ADD" not in {line.text.split()[0] for line in lines}
    whole = dockerfile_content(session, all_findings(session), base="none").document.lines
    assert [line.text for line in whole[:2]] == ["FROM scratch", "ADD layer-00.tar /"]
