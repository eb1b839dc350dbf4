"""The text of `dockerfile`: a Dockerfile whose every instruction is one that a line of the history says."""

from __future__ import annotations

from pathlib import Path

from imgtar.answers.dockerfile import dockerfile_content
from imgtar.contract.content import TextSettings
from imgtar.report.table.dockerfile import dockerfile
from tests.answers.asking import content_of
from tests.builders import docker_save, file, layer


def _text(tmp_path: Path, *rows: str) -> list[str]:
    history = [{"created_by": row, "empty_layer": True} for row in rows]
    content = content_of(dockerfile_content, docker_save([layer(file("a"))], history=history), tmp_path)
    return b"".join(dockerfile(content, TextSettings())).decode().splitlines()


def test_notes_are_comments_above_the_line(tmp_path: Path) -> None:
    text = _text(tmp_path, "RUN make all # buildkit")
    at = text.index('RUN ["make", "all"]')
    assert text[at - 1] == "# exec form: the history does not say where its words end"


def test_first_line_is_a_comment_that_is_no_directive(tmp_path: Path) -> None:
    assert _text(tmp_path, "# escape=`")[0].startswith("# Rebuilt by imgtar from the history of ")


def test_line_breaks_of_a_row_stay_in_a_comment(tmp_path: Path) -> None:
    text = _text(tmp_path, "ENV A=b\nRUN evil", "CMD x\x1b[31m\rRUN evil")
    assert "# ENV A=b\\x0aRUN evil" in text
    assert not [line for line in text if line.startswith("RUN")]


def test_what_a_terminal_does_not_show_is_a_code_and_a_note_says_so(tmp_path: Path) -> None:
    text = _text(tmp_path, "USER a\u202eb")
    at = text.index("USER a\\u202eb")
    assert "codes" in text[at - 1]


def test_a_comment_at_the_end_warns_of_build_arguments(tmp_path: Path) -> None:
    assert "imgtar audit" in _text(tmp_path, "|1 A=b /bin/sh -c make")[-1]
