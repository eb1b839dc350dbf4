"""Every function of the library says what its command prints, byte for byte, and reports are of one shape."""

from __future__ import annotations

import datetime
import gc
import locale
import os
import resource
import signal
import sys
import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import imgtar
from imgtar import api
from imgtar.analysis.expectation import Expectation
from imgtar.cli.main import run
from tests import builders as b
from tests.paths import FIXTURES

DAY = datetime.date(2026, 11, 25)
MYSQL, OTHER = str(FIXTURES / "mysql.tar"), str(FIXTURES / "d26c-mysqlish.tar")
PLATFORMS = str(FIXTURES / "d26c-buildx-oci-multiplatform.tar")
OPTIONS = imgtar.InspectOptions(judged_on=DAY)

# A function's call, and the same as a command line.
SAME: dict[str, tuple[Callable[[], api.Report[Any]], tuple[str, ...]]] = {
    "inspect": (lambda: api.inspect(MYSQL), ("inspect", MYSQL)),
    "inspect several": (lambda: api.inspect(PLATFORMS), ("inspect", PLATFORMS)),
    "inspect summary": (
        lambda: api.inspect(MYSQL, imgtar.InspectOptions(summary=True)),
        ("inspect", MYSQL, "--summary"),
    ),
    "inspect own": (
        lambda: api.inspect(MYSQL, imgtar.InspectOptions(own=True, base=2)),
        ("inspect", MYSQL, "--own", "--base", "2"),
    ),
    "history": (lambda: api.history(MYSQL), ("history", MYSQL)),
    "ids": (lambda: api.ids(MYSQL), ("ids", MYSQL)),
    "dockerfile": (lambda: api.dockerfile(MYSQL), ("dockerfile", MYSQL)),
    "ls": (lambda: api.ls(MYSQL), ("ls", MYSQL)),
    "ls of a layer": (lambda: api.ls(MYSQL, "/opt", layer=4), ("ls", MYSQL, "/opt", "--layer", "4")),
    "ls of all layers": (lambda: api.ls(MYSQL, all_layers=True), ("ls", MYSQL, "--all-layers")),
    "find": (
        lambda: api.find(MYSQL, "*.env", standing="deleted", digests=True),
        ("find", MYSQL, "*.env", "--deleted", "--digests"),
    ),
    "find text": (
        lambda: api.find(MYSQL, ["/etc/**", "!/etc/group"], text="mysql", upto=3),
        ("find", MYSQL, "/etc/**", "!/etc/group", "--grep", "mysql", "--upto", "3"),
    ),
    "duplicates": (lambda: api.duplicates(MYSQL), ("duplicates", MYSQL)),
    "duplicates below": (
        lambda: api.duplicates(MYSQL, all_layers=True, min_size=1, within=["/opt/**"]),
        ("duplicates", MYSQL, "--all-layers", "--min-size", "1", "--within", "/opt/**"),
    ),
    "packages": (
        lambda: api.packages(MYSQL, types=["deb", "apk"], upto=5),
        ("packages", MYSQL, "--type", "deb,apk", "--upto", "5"),
    ),
    "verify": (lambda: api.verify(MYSQL), ("verify", MYSQL)),
    "verify expected": (
        lambda: api.verify(MYSQL, imgtar.InspectOptions(expected=Expectation(ids=("sha256:" + "0" * 64,)))),
        ("verify", MYSQL, "--expect-id", "sha256:" + "0" * 64),
    ),
    "audit": (lambda: api.audit(MYSQL, OPTIONS), ("audit", MYSQL)),
    "inspect audited": (
        lambda: api.inspect(MYSQL, imgtar.InspectOptions(audit=True, judged_on=OPTIONS.judged_on)),
        ("inspect", MYSQL, "--audit"),
    ),
    "check": (
        lambda: api.check(MYSQL, {"max-size": "1MB", "require-user": True, "max-severity": "low"}, OPTIONS),
        ("check", MYSQL, "--max-size", "1MB", "--require-user", "--max-severity", "low"),
    ),
    "report": (lambda: api.report(MYSQL, options=OPTIONS), ("report", MYSQL)),
    "diff": (
        lambda: api.diff(MYSQL, OTHER, level="strict", unified=["/etc/group"]),
        ("diff", MYSQL, OTHER, "--strict", "--unified", "/etc/group"),
    ),
    "diff several": (lambda: api.diff(PLATFORMS, PLATFORMS), ("diff", PLATFORMS, PLATFORMS)),
    "shared": (lambda: api.shared([MYSQL, OTHER], files=True), ("shared", MYSQL, OTHER, "--files")),
}


@pytest.mark.parametrize("name", SAME)
def test_json_has_the_bytes_of_the_command(
    name: str, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(datetime.datetime(2026, 11, 25, tzinfo=datetime.UTC).timestamp())))
    call, line = SAME[name]
    report = call()
    assert run([*line, "--format", "json", "--quiet"]) in (0, 1, 4)
    assert report.to_json().encode() == capfdbinary.readouterr().out
    assert report.to_json() == report.to_json()


@pytest.mark.parametrize("name", SAME)
def test_rows_are_those_of_the_json(name: str) -> None:
    report = SAME[name][0]()
    found = list(main_rows(report.to_dict(), report._shape.rows))
    rows = report.rows()
    assert len(rows) == len(found)
    for row, stored in zip(rows, found, strict=True):
        plain = {key: value for key, value in stored.items() if not isinstance(value, (list, dict))}
        assert plain.items() <= row.items()
    assert len({tuple(row) for row in rows}) <= 1  # one set of keys


def main_rows(document: Any, name: str) -> Any:
    """The rows of a list as the JSON nests them."""
    yield from (row for row in document.get(name, ()) if isinstance(row, dict))
    for nested in ("reports", "images", "layers"):
        for one in document.get(nested, []) if nested != name else []:
            if isinstance(one, dict):
                yield from main_rows(one, name)


def test_every_function_is_among_the_same() -> None:
    functions = {name for name in api.__all__ if name[0].islower()}
    assert {name.split()[0] for name in SAME} == functions


@pytest.mark.parametrize("name", SAME)
def test_a_call_leaves_the_process_as_it_was(name: str) -> None:
    gc.collect()
    gc.freeze()
    before, frozen = process_state(), gc.get_freeze_count()
    report = SAME[name][0]()
    report.to_json()
    report._repr_html_()
    del report  # which keeps its archive open
    assert process_state() == before
    assert 0 < gc.get_freeze_count() <= frozen  # some of it goes by and by


def process_state() -> list[object]:
    """What a library must leave alone."""
    gc.collect()  # what other tests left open is closed before it is counted
    mask = os.umask(0)
    os.umask(mask)
    return [
        gc.isenabled(),
        gc.get_threshold(),
        sys.getswitchinterval(),
        sys.getrecursionlimit(),
        sys.get_int_max_str_digits(),
        [signal.getsignal(number) for number in sorted(signal.valid_signals())],
        signal.pthread_sigmask(signal.SIG_BLOCK, ()),
        [resource.getrlimit(value) for name, value in sorted(vars(resource).items()) if name.startswith("RLIMIT_")],
        sorted(os.environ.items()),
        os.getcwd(),
        mask,
        locale.setlocale(locale.LC_ALL),
        list(warnings.filters),
        sys.excepthook,
        threading.excepthook,
        sys.stdin,
        sys.stdout,
        sys.stderr,
        threading.active_count(),
        sorted(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else (),
    ]


def test_rows_of_a_list_are_those_of_every_image_and_layer() -> None:
    report = imgtar.inspect(PLATFORMS)
    rows = report.rows("changes")
    wanted = [
        (number, layer.index, change.path)
        for number, image in enumerate(report.document.images)
        for layer in image.layers
        for change in report.changes(number, layer.index)
    ]
    assert len({row[:2] for row in wanted}) == 6
    assert [(row["image"], row["layer"], row["path"]) for row in rows] == wanted
    assert {(row["image"], row["index"]) for row in report.rows()} == {(image, layer) for image, layer, _ in wanted}
    assert {row["added.count"] for row in report.rows()} == {
        layer.added.count for image in report.document.images for layer in image.layers
    }


def test_rows_leave_out_lists_that_have_rows_of_their_own() -> None:
    report = api.find(MYSQL, "/etc/passwd")
    [match] = report.rows()
    assert "events" not in match
    assert [row["match"] for row in report.rows("events")] == [0] * len(report.document.matches[0].events)
    assert [row["path"] for row in imgtar.inspect(MYSQL, imgtar.InspectOptions(base=1, own=True)).rows("changes")]


def test_an_unknown_list_is_an_error_that_names_the_lists() -> None:
    with pytest.raises(ValueError, match=r"no list 'layer'; it has .*layers"):
        imgtar.inspect(MYSQL).rows("layer")
    assert imgtar.inspect(MYSQL).rows("other") == []


@pytest.mark.parametrize("name", SAME)
def test_a_report_shows_itself_in_one_line(name: str) -> None:
    report = SAME[name][0]()
    assert repr(report).startswith(f"<imgtar {name.split()[0]}: ")
    assert len(repr(report).splitlines()) == 1
    assert "complete" in repr(report) or name.startswith("diff")


def hostile() -> bytes:
    layer = b.tar(b.file("a<script>alert(1)</script>", b"x"), b.file("b\x1b[31m\u202e\n&\"'", b"y"))
    return b.docker_save([layer], history=[{"created_by": "<img src=x onerror=alert(2)>\x1b]0;t\x07"}])


def test_a_notebook_gets_escaped_tables_without_a_script(tmp_path: Path) -> None:
    archive = tmp_path / "<b>\x1b[1m.tar"
    archive.write_bytes(hostile())
    for report in (api.inspect(archive), api.ls(archive), api.audit(archive), api.history(archive)):
        page = report._repr_html_()
        assert "<table>" in page
        for text in ("<script", "<img", "<b>", "\x1b", "\u202e", "onerror=alert(2)>", "http", " style", " on"):
            assert text not in page.replace("onerror=alert(2)&gt;", ""), text
        assert "\x1b" not in repr(report)
    assert "a&lt;script&gt;alert(1)&lt;/script&gt;" in api.ls(archive)._repr_html_()


def test_a_notebook_gets_ten_rows_and_how_many_there_are_more() -> None:
    report = api.ls(MYSQL)
    page = report._repr_html_()
    assert page.count("<tr>") == 11
    assert f"… {len(report.document.entries) - 10} more rows" in page
    assert len(page) < 4000


def test_findings_that_the_options_ignore_are_counted() -> None:
    from imgtar.answers.filters import Filter

    options = imgtar.InspectOptions(ignores=Filter.of(None, ["layer.control-char"], ()))
    report = imgtar.inspect(MYSQL, options)
    assert report.document.findings == []
    assert report.document.ignored == 2


@pytest.mark.parametrize("gates", [{}, {"max-sizes": 1}, {"max-size": "much"}, {"max-growth": "1%"}])
def test_gates_that_are_none_are_refused(gates: dict[str, object]) -> None:
    with pytest.raises(imgtar.UsageError):
        api.check(MYSQL, gates)


def test_of_several_sources_one_that_cannot_be_used_stops_no_other(tmp_path: Path) -> None:
    report = api.shared([tmp_path / "none.tar", MYSQL])
    assert [source.error is None for source in report.document.sources] == [False, True]
    with pytest.raises(imgtar.InputError, match=r"none\.tar: no such file"):
        api.shared([tmp_path / "none.tar"])


def test_a_folder_of_archives_stands_for_them(tmp_path: Path) -> None:
    for name in ("b.tar", "a.tar"):
        (tmp_path / name).write_bytes(b.good())
    sources = api.shared([tmp_path]).document.sources
    assert [source.path for source in sources] == [str(tmp_path / "a.tar"), str(tmp_path / "b.tar")]


def test_an_error_is_a_line_with_the_path_and_the_remedy(tmp_path: Path) -> None:
    missing = tmp_path / "mis\x1b[2Jsing.tar"
    with pytest.raises(imgtar.InputError) as caught:
        imgtar.inspect(missing)
    error = caught.value
    assert str(error) == f"{tmp_path}/mis\\x1b[2Jsing.tar: no such file; {error.remedy}"
    assert (error.source, error.code) == (str(missing), "input.missing")
    for call in (
        lambda: api.ls(MYSQL, layer=99),
        lambda: api.ls(PLATFORMS),
        lambda: imgtar.open_session(FIXTURES / "none.tar"),
        lambda: imgtar.open_image(PLATFORMS),
        lambda: api.diff(MYSQL, FIXTURES / "none.tar"),
        lambda: api.diff(MYSQL, PLATFORMS),
    ):
        with pytest.raises(imgtar.ImgtarError) as caught:
            call()
        assert caught.value.source
        assert str(caught.value).startswith(caught.value.source)
        assert str(caught.value).endswith(caught.value.remedy)


def test_the_second_of_two_is_named(tmp_path: Path) -> None:
    with pytest.raises(imgtar.InputError) as caught:
        api.diff(MYSQL, tmp_path / "none.tar")
    assert caught.value.source == str(tmp_path / "none.tar")


def test_environment_of_the_command_is_not_that_of_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    assert api.audit(MYSQL, OPTIONS).document.judged_on == "2026-11-25"
