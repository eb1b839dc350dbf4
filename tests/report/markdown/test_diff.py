"""The Markdown of `diff`: the lines of a text file are a code block that no line can close."""

from __future__ import annotations

from pathlib import Path

from markdown_it import MarkdownIt

from imgtar.answers.diff import DiffSettings
from imgtar.contract.content import TextSettings
from imgtar.report.markdown.diff import diff
from tests.answers.comparing import content_of_two
from tests.builders import docker_save, file, layer

HOSTILE = [
    "```",
    "  ```",
    "~~~",
    "`````````",
    "</pre><script>alert(1)</script>",
    "\x1b[31mred",
    "##[error]x",
    "::error::y",
    "@someone #1",
    "| a | b |",
]


def comment(folder: Path, before: str, after: str, *paths: str) -> str:
    for name, text in (("a.tar", before), ("b.tar", after)):
        (folder / name).write_bytes(docker_save([layer(file("f`x", text.encode()), file("same", b"x"))]))
    content = content_of_two(folder / "a.tar", folder / "b.tar", settings=DiffSettings(unified=paths))
    return b"".join(diff(content, TextSettings())).decode()


def blocks(text: str) -> list[tuple[str, str]]:
    """The code blocks as a reader of Markdown finds them: language and content."""
    return [(token.info, token.content) for token in MarkdownIt("commonmark").parse(text) if token.type == "fence"]


def test_lines_that_differ_are_a_code_block(tmp_path: Path) -> None:
    text = comment(tmp_path, "1\n2\n", "1\n3\n", "/f`x")
    assert blocks(text) == [("diff", "--- a/f`x\n+++ b/f`x\n@@ -1,2 +1,2 @@\n 1\n-2\n+3\n")]
    assert "### Lines of ``/f`x``" in text


def test_no_line_closes_the_block(tmp_path: Path) -> None:
    text = comment(
        tmp_path, "".join(f"{line}\n" for line in HOSTILE), "".join(f"{line}\n\n" for line in HOSTILE), "/f`x"
    )
    [(language, content)] = blocks(text)
    assert language == "diff"
    assert [line for line in HOSTILE[:5] if f" {line}" not in content.splitlines()] == []
    assert "\x1b" not in text
    assert "##[" not in text
    assert "+\n" in content


def test_what_has_no_lines_says_why(tmp_path: Path) -> None:
    text = comment(tmp_path, "1\n", "2\n", "same", "none")
    assert blocks(text) == []
    assert "### Lines of `/same`\n\nThe same in both.\n" in text
    assert "### Lines of `/none`\n\nin neither of the two.\n" in text


def test_lines_that_do_not_fit_are_counted_behind_a_closed_block(tmp_path: Path) -> None:
    after = "".join(f"line {number} {'x' * 60}\n" for number in range(5000))
    text = comment(tmp_path, "", after, "/f`x")
    assert len(text.encode()) <= 60_000
    [(_, content)] = blocks(text)
    listed = content.count("\n+line")
    assert listed > 500
    assert f"… {5000 - listed:,} more lines" in text
    assert text.rindex("more lines") > text.rindex("```")
