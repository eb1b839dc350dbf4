"""Several archives in one call: a report of each, a line each at the end, the worst exit code, output files."""

from __future__ import annotations

import csv
import io
import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest

from imgtar.answers.session import Session
from imgtar.archive.input.archive_folder import archives_in
from imgtar.cli.main import run
from imgtar.cli.registry import command, command_line, report_types
from imgtar.exit_codes import Exit, worst
from imgtar.fleet.inputs import archives_of
from tests.builders import bzip2, docker_save, file, gzip, tar, xz, zstd
from tests.cli.command import imgtar, one_line
from tests.runs import COMMANDS, NEEDED
from tests.several_images import save, small_layer

LAYERS = [small_layer(number) for number in range(4)]
SEVERAL = ("inspect", "verify", "audit", "check", "packages")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of two good archives and one that is cut before its end."""
    place = tmp_path / "archives"
    place.mkdir()
    good = docker_save(LAYERS[:3], names=["a:1"])
    (place / "a.tar").write_bytes(good)
    (place / "b.tar").write_bytes(docker_save(LAYERS[:2], names=["b:1"]))
    (place / "cut.tar").write_bytes(good[:2000])
    (place / "NOTES.txt").write_text("nothing")
    return place


def test_the_commands_that_take_several_archives_say_each_in_a_line() -> None:
    taking = {
        name
        for name in COMMANDS.values()
        if any(parameter.name == "images" for parameter in command_line(name).params) and name != "shared"
    }
    assert taking == set(SEVERAL)
    assert {report.name for report in report_types().values() if report.line is not None} == set(SEVERAL)
    assert all(callable(command(name).report_types[0].line_function()) for name in SEVERAL)


@pytest.mark.parametrize("name", SEVERAL)
def test_a_text_has_every_report_under_its_name_and_a_line_each_at_the_end(name: str, folder: Path) -> None:
    run = imgtar(name, "archives", "missing.tar", *NEEDED.get(name, ()), cwd=folder.parent)
    assert run.returncode == 3
    shown = run.stdout.decode()
    names = ["archives/a.tar", "archives/b.tar", "archives/cut.tar", "missing.tar"]
    for number, one in enumerate(names, 1):
        assert f"==> {one} ({number} of 4) <==\n" in shown
    *_, title, a, b, cut, missing = shown.splitlines()
    assert title == "==> 4 archives <=="
    assert [line.split()[0] for line in (a, b, cut)] == ["ok", "ok", "DAMAGED"]
    assert missing.split(maxsplit=3) == ["NOT", "READ", "missing.tar", "no such file"]
    assert [line.split(": ")[1] for line in run.stderr.decode().splitlines()] == ["archives/cut.tar", "missing.tar"]


@pytest.mark.parametrize("name", SEVERAL)
def test_json_has_the_document_of_each_archive(name: str, folder: Path) -> None:
    options = (*NEEDED.get(name, ()), "--format", "json")
    run = imgtar(name, "archives", "missing.tar", *options, cwd=folder.parent)
    found = json.loads(run.stdout)
    assert list(found) == ["schema_version", "generator", "reports"]
    alone = imgtar(name, "archives/b.tar", *options, cwd=folder.parent)
    a, b, cut, missing = found["reports"]
    assert b == json.loads(alone.stdout)
    assert (a["complete"], cut["complete"]) == (True, False)
    assert missing["error"] == {"code": "input.missing", "message": "no such file"}
    assert missing["source"] == {"path": "missing.tar"}
    schema = json.loads(imgtar("schema", name).stdout)
    for document in (a, b, cut):
        jsonschema.validate(document, schema)


def test_one_stream_of_json_lines_whose_records_carry_the_number_of_their_archive(folder: Path) -> None:
    run = imgtar("inspect", "archives", "missing.tar", "--format", "jsonl", cwd=folder.parent)
    *records, end = [json.loads(line) for line in run.stdout.splitlines()]
    assert end == {"record": "end", "archives": 4, "unread": 1}
    assert {record["archive"] for record in records} == {0, 1, 2, 3}
    alone = imgtar("inspect", "archives/b.tar", "--format", "jsonl", cwd=folder.parent)
    own = [{key: record[key] for key in record if key != "archive"} for record in records if record["archive"] == 1]
    assert own == [json.loads(line) for line in alone.stdout.splitlines()]
    assert records[-1]["record"] == "error"
    assert records[-1]["error"]["code"] == "input.missing"


@pytest.mark.parametrize(
    ("name", "form"),
    [("inspect", "csv"), ("inspect", "csv-layers"), ("audit", "csv"), ("check", "csv"), ("packages", "csv")],
)
def test_a_csv_names_the_archive_in_its_first_column(name: str, form: str, folder: Path) -> None:
    run = imgtar(name, "missing.tar", "archives", *NEEDED.get(name, ()), "--format", form, cwd=folder.parent)
    head, *rows = csv.reader(io.StringIO(run.stdout.decode()))
    assert head[0] == "archive"
    assert all(len(row) == len(head) for row in rows)
    assert rows[-1][0] == "missing.tar"
    assert {"unread", "no such file"} <= set(rows[-1])
    alone = imgtar(name, "archives/a.tar", *NEEDED.get(name, ()), "--format", form, cwd=folder.parent)
    assert [row[1:] for row in rows if row[0] == "archives/a.tar"] == list(
        csv.reader(io.StringIO(alone.stdout.decode()))
    )[1:]


def test_a_csv_of_archives_that_nobody_can_read(tmp_path: Path) -> None:
    run = imgtar("inspect", "x.tar", "=y.tar", "--format", "csv", cwd=tmp_path)
    assert run.stdout.decode() == "archive,kind,note\nx.tar,unread,no such file\n'=y.tar,unread,no such file\n"


def test_sarif_has_a_run_and_junit_a_suite_for_each_archive(folder: Path) -> None:
    outputs = ("-o", "sarif=x.sarif", "-o", "junit=x.xml")
    run = imgtar("check", "archives", "missing.tar", "--max-layers", "2", *outputs, cwd=folder.parent)
    assert run.returncode == 3
    written = (folder.parent / "x.sarif").read_text()
    runs = json.loads(written)["runs"]
    assert [one["artifacts"][0]["location"]["uri"] for one in runs] == [f"archives/{x}.tar" for x in ("a", "b", "cut")]
    assert written == json.dumps(json.loads(written), indent=2, ensure_ascii=False) + "\n"
    alone = imgtar("check", "archives/b.tar", "--max-layers", "2", "--format", "sarif", cwd=folder.parent)
    assert runs[1] == json.loads(alone.stdout)["runs"][0]
    root = ElementTree.parse(folder.parent / "x.xml").getroot()
    assert [suite.get("name") for suite in root] == [f"archives/{x}.tar" for x in ("a", "b", "cut")] + ["missing.tar"]
    assert root.get("errors") == "2"  # cut.tar and missing.tar
    assert int(root.get("tests", "")) == sum(int(suite.get("tests", "")) for suite in root)


def test_sarif_without_any_run(tmp_path: Path) -> None:
    run = imgtar("inspect", "x.tar", "y.tar", "--format", "sarif", cwd=tmp_path)
    assert json.loads(run.stdout)["runs"] == []


def test_a_folder_takes_a_file_of_each_archive(folder: Path) -> None:
    pages = folder.parent / "pages"
    pages.mkdir()
    other = folder.parent / "other"
    other.mkdir()
    shutil.copy(folder / "a.tar", other / "a.tar")
    run = imgtar("inspect", "archives", "other/a.tar", "missing.tar", "-o", "html=pages/", cwd=folder.parent)
    assert run.returncode == 3
    names = ["a.tar-2.html", "a.tar.html", "b.tar.html", "cut.tar.html"]
    assert sorted(path.name for path in pages.iterdir()) == names
    assert run.stdout == b""
    assert run.stderr.decode().count("wrote pages/") == 4
    one = imgtar("inspect", "archives/a.tar", "-o", "json=pages/", "--quiet", cwd=folder.parent)
    assert (one.returncode, one.stderr) == (0, b"")
    assert json.loads((pages / "a.tar.json").read_text())["images"][0]["names"] == ["a:1"]


def test_a_page_about_several_archives_is_refused_before_any_is_read(folder: Path) -> None:
    for options in (("-o", "all.html"), ("--format", "html"), ("-o", "html=all.html")):
        run = imgtar("inspect", "archives", *options, cwd=folder.parent)
        assert run.returncode == 2
        assert "html is about one archive; write one for each into a folder that exists: -o html=FOLDER/" in one_line(
            run
        )
    assert not (folder.parent / "all.html").exists()


@pytest.mark.parametrize("output", ["json=archives/b.tar", "json=absent/"])
def test_an_output_that_cannot_be_written_is_refused_before_any_archive_is_read(output: str, folder: Path) -> None:
    run = imgtar("inspect", "archives", "-o", output, cwd=folder.parent)
    assert run.returncode == (2 if "b.tar" in output else 6)
    assert run.stdout == b""


def test_standard_input_is_one_of_them_once(folder: Path) -> None:
    run = imgtar("inspect", "-", str(folder / "a.tar"), stdin=(folder / "b.tar").read_bytes())
    assert run.returncode == 0
    assert b"==> - (1 of 2) <==" in run.stdout
    twice = imgtar("verify", "-", "-")
    assert twice.returncode == 2
    assert "named twice" in one_line(twice)


def test_a_folder_with_one_archive_gives_several_reports_and_one_file_gives_its_own(folder: Path) -> None:
    (folder / "b.tar").unlink()
    (folder / "cut.tar").unlink()
    assert "reports" in json.loads(imgtar("inspect", str(folder), "--format", "json").stdout)
    assert "images" in json.loads(imgtar("inspect", str(folder / "a.tar"), "--format", "json").stdout)


def test_a_file_that_is_a_tar_by_name_alone_is_not_passed_by(folder: Path) -> None:
    for name in ("empty.tar", "text.TAR.gz", "text.tgz"):
        (folder / name).write_bytes(b"" if name.startswith("empty") else b"text")
    (folder / "gone.tar").symlink_to("nowhere")
    ran = imgtar("verify", str(folder))
    assert ran.returncode == 3
    assert ran.stdout.count(b"\n  NOT READ") == 4


def test_folders_below_a_folder_of_archives_are_named_and_not_searched(folder: Path) -> None:
    (folder / "cut.tar").unlink()
    for name in ("x/y", "z"):
        (folder / name).mkdir(parents=True)
        (folder / name / "deep.tar").write_bytes((folder / "a.tar").read_bytes())
    (folder / "link").symlink_to("z")
    (folder / "layout").mkdir()
    (folder / "layout" / "index.json").write_bytes(b"{}")
    for name in ("inspect", "shared"):
        run = imgtar(name, folder.name, cwd=folder.parent)
        told = run.stderr.decode().splitlines()[0]
        assert told.startswith("imgtar: archives: 2 folders below were not searched; `imgtar fleet FOLDER` searches")
        assert b"deep.tar" not in run.stdout
        assert b"not searched" not in imgtar(name, folder.name, "--quiet", cwd=folder.parent).stderr
    assert imgtar("inspect", folder / "a.tar", folder / "b.tar").stderr == b""


@pytest.mark.parametrize(("folders", "says"), [(("x/y",), "its folder was"), (("x", "z"), "its 2 folders were")])
def test_a_folder_whose_archives_lie_deeper_is_told_what_searches_them(
    folders: tuple[str, ...], says: str, folder: Path
) -> None:
    for name in folders:
        (folder / "deep" / name).mkdir(parents=True)
        shutil.copy(folder / "a.tar", folder / "deep" / name)
    run = imgtar("inspect", folder / "deep")
    assert run.returncode == 3
    assert f"; {says} not searched for archives; `imgtar fleet FOLDER` searches at any depth" in one_line(run)


@pytest.mark.parametrize("pack", [gzip, xz, bzip2, zstd])
def test_a_compressed_file_is_an_archive_of_a_folder_where_a_tar_is_inside(
    pack: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    image = docker_save(LAYERS[:2], names=["a:1"])
    noise = random.Random(1).randbytes(2_000_000)
    packed = {
        "image.bin": image,
        "large.bin": image[:512] + noise,
        "log.bin": b"text",
        "noise.bin": noise,
        "no.bin": b"",
    }
    for name, raw in packed.items():
        (tmp_path / name).write_bytes(pack(raw))
    (tmp_path / "cut.bin").write_bytes(pack(image)[:40])
    (tmp_path / "log.tar.gz").write_bytes(pack(b"text"))
    wanted = [str(tmp_path / name) for name in ("cut.bin", "image.bin", "large.bin", "log.tar.gz")]
    assert archives_in(str(tmp_path)) == wanted
    assert sorted(found.path.decode() for found in archives_of([str(tmp_path)], without="")) == wanted
    named = imgtar("inspect", tmp_path / "log.bin")
    assert named.returncode == 3
    assert "not an archive that imgtar reads" in one_line(named) or "less than one tar header" in one_line(named)


def test_a_root_filesystem_with_an_archive_in_it_is_no_folder_of_archives(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "backup.tar").write_bytes(tar(file("x", b"")))
    assert archives_in(str(tmp_path)) == []


@pytest.fixture
def with_two_images(tmp_path: Path) -> Path:
    """A folder with an archive of one image and an archive of two."""
    place = tmp_path / "archives"
    place.mkdir()
    (place / "one.tar").write_bytes(docker_save(LAYERS[:2], names=["a:1"]))
    (place / "two.tar").write_bytes(save({"a:1": LAYERS[:1], "b:1": LAYERS[:2]}))
    return place


def test_packages_of_several_archives_are_those_of_each_of_their_images(with_two_images: Path) -> None:
    """`packages` answers about one image; of one archive with several it is wrong usage."""
    run = imgtar("packages", with_two_images, "missing.tar", "--format", "json")
    assert run.returncode == 3
    *found, missing = json.loads(run.stdout)["reports"]
    listed = json.loads(imgtar("inspect", with_two_images / "two.tar", "--format", "json").stdout)["images"]
    assert [report["image"] for report in found[1:]] == [image["id"] for image in listed]
    assert [Path(report["source"]["path"]).name for report in found] == ["one.tar", "two.tar", "two.tar"]
    assert missing["error"]["code"] == "input.missing"
    assert imgtar("packages", with_two_images / "two.tar").returncode == 2
    both = imgtar("packages", with_two_images, "-f", "cyclonedx")
    assert both.returncode == 2
    assert "write one for each into a folder that exists: -o cyclonedx=FOLDER/" in one_line(both)


@pytest.mark.parametrize("name", ["ls", "find", "extract", "duplicates", "dockerfile", "packages"])
def test_no_layer_is_read_before_an_image_is_chosen(
    name: str, with_two_images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("a layer is read")

    monkeypatch.setattr(Session, "read", never)
    operands = {"find": ("f*",), "extract": ("--output", str(tmp_path / "new"))}
    assert run([name, str(with_two_images / "two.tar"), *operands.get(name, ()), "--quiet"]) == 2


def test_each_image_of_an_archive_has_its_own_title_line_and_file(with_two_images: Path, tmp_path: Path) -> None:
    (with_two_images / "two.tar@1").write_bytes(docker_save(LAYERS[:3], names=["c:1"]))
    out = tmp_path / "out"
    out.mkdir()
    run = imgtar("packages", "archives", "-f", "table", "-o", "spdx=out/", cwd=tmp_path, env={"COLUMNS": "200"})
    assert run.returncode == 0
    shown = run.stdout.decode()
    assert "==> archives/two.tar @1 (2 of 3) <==" in shown
    assert [line.split()[1:3] for line in shown.splitlines()[-4:]] == [
        ["archives/one.tar", "0"],
        ["archives/two.tar", "@0"],
        ["archives/two.tar", "@1"],
        ["archives/two.tar@1", "0"],
    ]
    names = sorted(path.name for path in out.iterdir())
    assert names == [f"{name}.spdx.json" for name in ("one.tar", "two.tar@0", "two.tar@1-2", "two.tar@1")]
    records = [json.loads(line) for line in imgtar("packages", with_two_images, "-f", "jsonl").stdout.splitlines()]
    assert [row["archive"] for row in records if row["record"] == "source"] == [0, 1, 1, 2]
    assert records[-1] == {"record": "end", "archives": 3, "unread": 0}


@pytest.mark.parametrize("columns", [20, 40, 80])
def test_however_long_a_path_is_the_number_of_the_image_stays(
    columns: int, with_two_images: Path, tmp_path: Path
) -> None:
    long = tmp_path / ("folder" * 20)
    with_two_images.rename(long)
    run = imgtar("packages", long.name, "-f", "table", cwd=tmp_path, env={"COLUMNS": str(columns)})
    lines = run.stdout.decode().splitlines()
    titles = [line.removesuffix(" <==") for line in lines if line.startswith("==> ") and line.endswith(" of 2) <==")]
    assert [title.split()[-4] for title in titles[1:]] == ["@0", "@1"]
    assert all(f" @{number} " in line for number, line in enumerate(lines[-2:]))


def test_each_image_of_an_archive_in_a_pipe_has_its_report(with_two_images: Path) -> None:
    raw = (with_two_images / "two.tar").read_bytes()
    run = imgtar("packages", "-", with_two_images / "two.tar", "--format", "json", stdin=raw)
    assert run.returncode == 0
    piped, named = (json.loads(run.stdout)["reports"][half : half + 2] for half in (0, 2))
    assert [report["image"] for report in piped] == [report["image"] for report in named]
    assert [report["totals"] for report in piped] == [report["totals"] for report in named]


def test_each_image_that_a_reference_in_the_operand_fits_has_its_report(tmp_path: Path) -> None:
    (tmp_path / "three.tar").write_bytes(save({"x/a:1": LAYERS[:1], "b:1": LAYERS[:3], "y/a:1": LAYERS[:2]}))
    run = imgtar("packages", "docker-archive:three.tar:a:1", "missing.tar", "-f", "table", cwd=tmp_path)
    assert run.returncode == 3
    titles = [line for line in run.stdout.decode().splitlines() if line.endswith("<==")]
    assert titles[:2] == [f"==> docker-archive:three.tar:a:1 @{number} (1 of 2) <==" for number in (0, 2)]


def test_what_is_expected_is_expected_of_one_archive(folder: Path) -> None:
    run = imgtar("verify", str(folder), "--expect-id", "0123456789ab")
    assert run.returncode == 2
    assert "--expect-id is about one archive" in one_line(run)


def test_a_time_limit_ends_all_archives_together(folder: Path) -> None:
    run = imgtar("inspect", str(folder), "--timeout", "0.000001", "--format", "json")
    assert run.returncode in (4, 5)
    reports = json.loads(run.stdout)["reports"]
    assert len(reports) == 3
    assert not any(report["complete"] for report in reports)


def test_the_first_code_of_the_precedence_counts() -> None:
    assert worst([0, 1, 5, 4, 6, 3, 2]) == Exit.USAGE
    assert worst([0, 5, 1]) == Exit.LIMIT
    assert worst([1, 0]) == Exit.GATE
    assert worst([]) == Exit.OK
    assert worst([3, 70]) == Exit.BUG


def test_names_of_archives_never_control_a_terminal(tmp_path: Path) -> None:
    name = "\x1b[31m=cmd\n<b>|`x`.tar"
    (tmp_path / name).write_bytes(docker_save(LAYERS[:1], names=["a:1"]))
    for form in ("table", "markdown", "csv", "json", "jsonl", "sarif"):
        run = imgtar("inspect", ".", "missing\x1b[2J.tar", "--format", form, cwd=tmp_path)
        assert run.returncode == 3
        assert b"\x1b" not in run.stdout + run.stderr
    junit = imgtar("check", ".", "missing\x1b.tar", "--max-layers", "1", "--format", "junit", cwd=tmp_path)
    assert b"\x1b" not in junit.stdout
    ElementTree.fromstring(junit.stdout)
