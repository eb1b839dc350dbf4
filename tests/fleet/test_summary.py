"""The summary agrees with `shared` and with the rows, and its formats hold hostile names."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from imgtar.answers.audit import AuditSettings
from imgtar.contract.content import TextSettings
from imgtar.contract.fleet import Action
from imgtar.contract.fleet_summary import FleetSummary, FleetSummaryContent
from imgtar.fleet.settings import FleetSettings, Shard
from imgtar.report.html.fleet import fleet as html_page
from imgtar.report.markdown.fleet import fleet as markdown
from tests.builders import docker_save, file, good, layer, whiteout
from tests.cli.command import imgtar
from tests.fleet.running import fleet, images, rows
from tests.several_images import save, small_layer

AUDIT = AuditSettings(judged_on=date(2026, 11, 29))
SETTINGS = FleetSettings(actions=("inspect", "packages"))
DPKG = b"Package: %s\nStatus: install ok installed\nArchitecture: all\nVersion: %s\n\n"


def status(*packages: tuple[bytes, bytes]) -> bytes:
    """The layer of a database of dpkg."""
    return layer(
        file("etc/os-release", b"ID=debian\nVERSION_ID=12\n"),
        file("var/lib/dpkg/status", b"".join(DPKG % one for one in packages)),
    )


def summary(*inputs: Path, out: Path, settings: FleetSettings = SETTINGS, **more: Any) -> FleetSummary:
    found = fleet(*inputs, out=out, settings=settings, summary=True, **more).summary
    assert found is not None
    return found


@pytest.fixture
def archives(tmp_path: Path) -> Path:
    """Archives of two forms with common layers, one of several images, a damaged one, and one that is none."""
    folder = tmp_path / "archives"
    images(folder, 4)
    (folder / "again.tar").write_bytes((folder / "app-000.tar").read_bytes())
    (folder / "two.tar").write_bytes(
        save({"a:1": [small_layer(1), small_layer(2)], "b:1": [small_layer(1), small_layer(3)]})
    )
    (folder / "cut.tar").write_bytes(good()[:-4000])
    return folder


def test_sums_are_those_of_shared(archives: Path, tmp_path: Path) -> None:
    found = summary(archives, out=tmp_path / "out")
    shared = json.loads(imgtar("shared", archives, "--format", "json").stdout)
    names = ("count", "distinct", "alone", "together", "saved")
    assert {name: getattr(found.disk, name) for name in names} == {name: shared["totals"][name] for name in names}
    assert found.images.distinct == len(shared["images"])
    several = {one["chain_id"]: len(one["images"]) for one in shared["layers"] if len(one["images"]) > 1}
    assert {one.chain_id: one.images for one in found.layers} == several


def test_blobs_are_those_of_shared_where_each_is_stated(tmp_path: Path) -> None:
    folder = tmp_path / "archives"
    images(folder, 8)
    for path in sorted(folder.iterdir())[::2]:
        path.unlink()  # those that state no digest
    found = summary(folder, out=tmp_path / "out").registry
    stated = json.loads(imgtar("shared", folder, "--format", "json").stdout)["registry"]
    names = ("count", "distinct", "alone", "together", "saved", "at_least")
    assert {name: getattr(found, name) for name in names} == {name: stated[name] for name in names}


def test_it_says_what_the_rows_say(archives: Path, tmp_path: Path) -> None:
    found = summary(archives, out=tmp_path / "out")
    written = rows(tmp_path / "out")
    assert found.archives.count == len(written) == 7
    assert found.archives.exit_codes == {str(code): n for code, n in Counter(r["exit_code"] for r in written).items()}
    assert [one.path for one in found.failures] == [row["path"] for row in written if row["exit_code"]]
    counts: Counter[str] = Counter()
    for row in written:
        if row["path"].endswith("again.tar"):
            continue  # its image is that of another archive
        for finding in row["inspect"]["findings"]:
            counts[finding["severity"]] += finding["count"]
    assert {name: count for name, count in found.severities.items() if count} == counts


def test_waste_is_listed_by_image_the_most_first(tmp_path: Path) -> None:
    for number in (1, 3, 2):
        layers = [layer(file("big", bytes(1000 * number))), layer(whiteout("big"))]
        (tmp_path / f"{number}.tar").write_bytes(docker_save(layers))
    found = summary(*tmp_path.glob("*.tar"), out=tmp_path / "out")
    assert [(Path(one.path).name, one.wasted_bytes) for one in found.waste] == [
        ("3.tar", 3000),
        ("2.tar", 2000),
        ("1.tar", 1000),
    ]
    assert found.images.wasted_bytes == 6000


def test_packages_count_images_and_versions(tmp_path: Path) -> None:
    installed = [((b"bash", b"1"), (b"curl", b"7")), ((b"bash", b"2"),), ((b"bash", b"2"), (b"zlib", b"1"))]
    for number, packages in enumerate(installed):
        (tmp_path / f"{number}.tar").write_bytes(docker_save([status(*packages)], author=str(number)))
    emptied = [status((b"bash", b"1")), layer(whiteout("var/lib/dpkg/status"))]  # the files of bash are still there
    (tmp_path / "3.tar").write_bytes(docker_save(emptied))
    (tmp_path / "copy.tar").write_bytes((tmp_path / "0.tar").read_bytes())  # an image counts once
    found = summary(*tmp_path.glob("*.tar"), out=tmp_path / "out").packages
    assert [(one.name, one.images) for one in found] == [("bash", 4), ("curl", 1), ("zlib", 1)]
    assert [(one.version, one.images) for one in found[0].versions] == [("1", 2), ("2", 2)]


@pytest.mark.parametrize("action", ["inspect", "audit", "verify"])
def test_findings_about_an_image_count_once_unless_a_copy_has_more(action: Action, tmp_path: Path) -> None:
    odd = layer(file("tmp/a\x07b", b"x"))
    raw = docker_save([odd], names=["a:1"])
    damaged = raw.replace(odd, odd[:-1024] + bytes([1]) + odd[-1023:])
    for name, content in {"one": raw, "copy": raw, "third": raw, "damaged": damaged}.items():
        (tmp_path / f"{name}.tar").write_bytes(content)
    (tmp_path / "other.tar").write_bytes(docker_save([odd], author="another image"))
    found = summary(
        *tmp_path.glob("*.tar"), out=tmp_path / "out", settings=FleetSettings(actions=(action,), audit=AUDIT)
    )
    counts = {one.code: (one.archives, one.count) for one in found.findings}
    assert counts["layer.control-char"] == (5, 2)
    assert sum(archives == 1 for archives, _ in counts.values()) > 0  # what only the damaged copy has
    assert found.images.distinct == (0 if action == "audit" else 2)
    assert sum(found.severities.values()) == sum(one.count for one in found.findings)


def test_it_does_not_depend_on_shards_or_on_what_was_there(archives: Path, tmp_path: Path) -> None:
    whole = summary(archives, out=tmp_path / "out")
    for number in (1, 2):
        fleet(archives, out=tmp_path / "shards", settings=SETTINGS, shard=Shard(number, 2))
    assert summary(archives, out=tmp_path / "shards", resume=True) == whole


def test_a_shared_layer_has_the_step_of_an_image_that_names_one(tmp_path: Path) -> None:
    lower = [layer(file("a", b"x" * 900)), layer(file("b", b"y" * 500))]
    histories = ([{"comment": "base"}, {}], [{"created_by": "RUN make a"}, {}])
    for number, history in enumerate(histories):
        image = docker_save([*lower, layer(file(f"{number}", b"z"))], history=[*history, {"created_by": "RUN top"}])
        (tmp_path / f"{number}.tar").write_bytes(image)
    found = summary(*sorted(tmp_path.glob("*.tar")), out=tmp_path / "out")
    assert [place.created_by for place in found.layers] == ["RUN make a", None]
    text = b"".join(markdown(FleetSummaryContent(found), TextSettings())).decode()
    assert text.count("| `RUN make a` |\n") == 1
    assert text.count("| no step named in the history |\n") == 1
    page = b"".join(html_page(FleetSummaryContent(found), TextSettings())).decode()
    assert '<td class="why">no step named in the history</td>' in page


def test_why_an_archive_failed_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.tar").write_bytes(good()[:-4000])
    content = FleetSummaryContent(summary(tmp_path / "a.tar", out=tmp_path / "out"))
    [failure] = content.document.failures
    text = b"".join(markdown(content, TextSettings())).decode()
    assert f"| 4 | {failure.message} |\n" in text
    assert f'<td class="why">{failure.message}</td>' in b"".join(html_page(content, TextSettings())).decode()


def test_each_count_of_failures_has_its_own_word(tmp_path: Path) -> None:
    """The head of the page, its first sentence, its table and standard error agree."""
    paths = images(tmp_path / "archives", 4)
    paths[0].write_bytes(good()[:-4000])
    (tmp_path / "list").write_text("none.tar\n")
    given = ("fleet", tmp_path / "archives", f"@{tmp_path / 'list'}", "--out", tmp_path / "out", "--workers", "1")
    names = ("--summary", tmp_path / "s.html", "--summary", tmp_path / "s.md")
    gate = ("--do", "audit", "--fail-on", "info")
    run = imgtar(*given, *gate, *names)
    words = "5 archives: 3 did not pass a gate, 1 damaged, 1 not read; 5 failed"
    assert words in run.stderr.decode().splitlines()[-1]
    assert words in (tmp_path / "s.md").read_text()
    page = (tmp_path / "s.html").read_text()
    assert words in page
    assert "2 of 5 archives were not read whole." in page
    assert page.split("Archives that failed")[1].split("</tbody>")[0].count("<tr>") == 6  # with the head


class Text(HTMLParser):
    """The tags of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1

    def handle_data(self, data: str) -> None:
        self.text += data


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    evil = "<script>alert(1)</script>\x1b[31m|`x`\n##vso[task]"
    (tmp_path / f"{evil.replace('/', '-')}.tar").write_bytes(good()[:-4000])
    (tmp_path / "a.tar").write_bytes(docker_save([status((evil.encode().replace(b"\n", b""), b"1"))], author=evil))
    content = FleetSummaryContent(summary(*tmp_path.glob("*.tar"), out=tmp_path / "out"))
    page = Text(b"".join(html_page(content, TextSettings())).decode())
    assert page.tags["script"] == 0
    assert "alert(1)" in page.text
    for text in (page.text, b"".join(markdown(content, TextSettings())).decode()):
        assert "\x1b" not in text
        assert "##vso" not in text
    assert "\n##" not in b"".join(markdown(content, TextSettings())).decode().replace("\n## ", "\n")


@pytest.mark.parametrize(("name", "start"), [("s.html", b"<!doctype html>"), ("s.md", b"# Many"), ("s.json", b"{")])
def test_the_ending_names_the_format(name: str, start: bytes, archives: Path, tmp_path: Path) -> None:
    run = imgtar("fleet", archives, "--out", tmp_path / "out", "--summary", tmp_path / name, "--workers", "1", "-q")
    assert run.returncode == 4
    assert (tmp_path / name).read_bytes().startswith(start)


def test_a_summary_is_written_in_each_format_that_is_asked_for(archives: Path, tmp_path: Path) -> None:
    names = ("--summary", tmp_path / "s.html", "--summary", tmp_path / "s.md")
    imgtar("fleet", archives, "--out", tmp_path / "out", *names, "--workers", "1", "-q")
    assert (tmp_path / "s.html").read_bytes().startswith(b"<!doctype html>")
    assert (tmp_path / "s.md").read_bytes().startswith(b"# Many")


@pytest.mark.parametrize("name", ["s.txt", "s", "none/s.html"])
def test_a_summary_that_cannot_be_written_is_refused_first(name: str, archives: Path, tmp_path: Path) -> None:
    run = imgtar("fleet", archives, "--out", tmp_path / "out", "--summary", tmp_path / name)
    assert run.returncode in (2, 6)
    assert not (tmp_path / "out").exists()
