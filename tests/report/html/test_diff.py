"""The page of `diff`: whatever the images hold is text, every row is there, and nothing runs."""

from __future__ import annotations

from html import unescape
from pathlib import Path

import pytest

from imgtar.contract.content import TextSettings
from imgtar.report.html.diff import diff_page
from imgtar.text import cut_middle, escape_stored
from tests.answers.comparing import content_of_two
from tests.builders import docker_save, file, layer
from tests.cli.command import imgtar
from tests.paths import FIXTURES
from tests.report.html.test_inspect import TAGS, Page
from tests.report.rendering import HOSTILE_NAMES, named_image

FILES = 1005


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("diff")
    a, b = folder / "a.tar", folder / "b.tar"
    a.write_bytes(docker_save([layer(file("kept", b"x"))]))
    b.write_bytes(named_image(HOSTILE_NAMES))
    return a, b


def test_hostile_names_stay_text_and_nothing_runs(archives: tuple[Path, Path]) -> None:
    content = content_of_two(*archives)
    text = b"".join(diff_page(content, TextSettings())).decode()
    page = Page(text)
    assert set(page.tags) <= TAGS
    assert page.open == []
    assert "script" not in page.tags
    assert "script-src 'none'" in unescape(text)
    for tag, name, value in page.attributes:
        assert not name.startswith("on"), (tag, name)
        assert name not in ("style", "src", "srcset", "action", "formaction")
        if name == "href":
            assert value.startswith("#") or (tag, value) == ("link", "data:,")
    shown = unescape(text)
    [pair] = content.pairs
    for row in pair.files():
        assert cut_middle(escape_stored(row.path, row.path_b64), 400) in shown
    assert all(f">{row.kind}</td>" in shown for row in pair.files())


def many(folder: Path) -> tuple[Path, Path]:
    a, b = folder / "a.tar", folder / "b.tar"
    a.write_bytes(docker_save([layer(file("kept", b"x"))]))
    b.write_bytes(docker_save([layer(file("kept", b"x"), *(file(f"f{n:04}", b"%d" % n) for n in range(FILES)))]))
    return a, b


@pytest.mark.parametrize(("top", "left"), [(10, FILES - 1000), (1002, FILES - 1002), (0, 0)])
def test_it_says_how_many_files_are_left_out(top: int, left: int, tmp_path: Path) -> None:
    text = b"".join(diff_page(content_of_two(*many(tmp_path)), TextSettings(top=top))).decode()
    assert text.count('<tr><td class="added">') == FILES - left
    assert (f"… {left} more files" in text) == bool(left)


def test_layers_gates_and_the_verdict() -> None:
    a, b = FIXTURES / "d20-classic-mysqlish.tar.gz", FIXTURES / "d26-buildkit-mysqlish.tar"
    ran = imgtar("diff", str(a), str(b), "--max-pull", "1kB", "--allow", "x", "--format", "html")
    text = ran.stdout.decode()
    assert ran.returncode == 1
    assert text.count(">rebuilt</td>") == 9
    assert '<p class="lead failed">verdict: failed pull 1.28 MB &gt; 1 kB</p>' in text
    assert text.count('<td class="failed">FAIL</td>') == 1
    assert '<td class="passed">pass</td><td>allow</td><td class="path">0 differences outside' in text


def test_lines_of_a_text_are_text(tmp_path: Path) -> None:
    for name, lines in (("a", b"one\n"), ("b", b"<b>two</b>\x1b[1m\n")):
        (tmp_path / f"{name}.tar").write_bytes(docker_save([layer(file("text", lines))]))
    text = imgtar("diff", "a.tar", "b.tar", "--unified", "/text", "--format", "html", cwd=tmp_path).stdout.decode()
    assert "-one\n+&lt;b&gt;two&lt;/b&gt;\\x1b[1m\n</pre>" in text


def test_each_pair_and_the_archive_of_a_finding(tmp_path: Path) -> None:
    both = str(FIXTURES / "d20-two-images-shared.tar")
    text = imgtar("diff", both, both, "--format", "html").stdout.decode()
    assert text.count('<section class="pair">') == 2
    (tmp_path / "cut.tar").write_bytes(Path(both).read_bytes()[:200_000])
    ran = imgtar("diff", both, str(tmp_path / "cut.tar"), "--format", "html")
    assert ran.returncode == 4
    assert '<span class="state bad"' in ran.stdout.decode()
    assert "<li>B: " in ran.stdout.decode()
