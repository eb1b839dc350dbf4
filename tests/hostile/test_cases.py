"""Every case in every format: exit, findings, clean text, strict JSON, work, memory, nothing forbidden done.

The formats come from the command line's registry, so one that is added there is tested here.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from imgtar.cli.registry import report_types
from imgtar.contract.inspect import InspectReport
from imgtar.contract.schema import schema as json_schema
from tests.builders import docker_save, good_layers
from tests.hostile import cases_documents, cases_layers, cases_outer, cases_packages
from tests.hostile.case import (
    MIB,
    Case,
    Report,
    Run,
    check_envelope,
    check_report,
    check_run,
    codes_of,
    high_codes,
)
from tests.hostile.conftest import Worker

pytestmark = pytest.mark.slow

# Renderers know nothing of the compiled parts, so a run of the tests without these asks for JSON alone.
COMPILED = os.environ.get("IMGTAR_COMPILED") != "no"
FORMATS = tuple(report_types()["inspect"].renderers) if COMPILED else ("json",)
AUDITS = (
    *(("audit", "--format", name) for name in report_types()["audit"].renderers),
    *(("inspect", "--audit", "--format", name) for name in ("html", "jsonl", "table")),
)
CASES = (*cases_outer.CASES, *cases_documents.CASES, *cases_layers.CASES, *cases_packages.CASES)
QUICK = [pytest.param(case, id=case.id) for case in CASES if not case.starred]
STARRED = [pytest.param(case, id=case.id) for case in CASES if case.starred]
SHOWN = 200  # rows of a long list that the schema is checked on
# Cases that take long to read, and of which there is little to show: each format meets a third of them in `test_case`.
LONG_TO_READ = {
    *("C27-provenance-of-all", "C29-index-10000", "D02-zstd-bomb-128MiB", "D06-gzip-40k-empty-members"),
    *("E55-sparse-4GiB-x8", "P01-a-million-rows", "P02-one-row-again-and-again", "P12-a-million-packages"),
    *("P13-one-name-again-and-again", "P14-a-field-of-megabytes"),
}
# All cases of which a run takes a second: the commands other than `inspect` print JSON alone.
LONG = LONG_TO_READ | {
    *("B30-1000-images-one-layer", "E17-implied-parents-16", "E30-chain-10k", "E30-write-through-chain"),
    *("E57-dir-fanout", "P06-a-thousand-packages-in-each-other"),
}
LITTLE = {"address_space": 512 * MIB, "files": 16}  # X32: half the memory and a fourth of the files are enough


def by_turns(case: Case, asked: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """What asks for JSON, and a third of the rest, so that each of these meets a third of the cases.

    Of what no command can open, one line of each command is enough.
    """
    if case.exits == (3,):
        return [next((one for one in asked if one[-1] == "json"), asked[0])]
    rest = [] if case.id in LONG or not COMPILED else [one for one in asked if one[-1] != "json"]
    return [*(one for one in asked if one[-1] == "json"), *rest[turn(case) :: 3]]


def turn(case: Case) -> int:
    """Where every third begins for this case: at another place than for the next one."""
    return -CASES.index(case) % 3


@pytest.fixture(scope="session")
def schema() -> Any:
    """The validator of `inspect`'s JSON."""
    return jsonschema.Draft202012Validator(json_schema("inspect", InspectReport))


@pytest.fixture(scope="module", params=QUICK)
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Case, Path]]:
    """A case and its file, made once for all of its tests, which therefore follow one another."""
    case: Case = request.param
    path = tmp_path_factory.mktemp("case") / "case.img"
    path.write_bytes(case.build())
    yield case, path
    path.unlink()


@pytest.fixture(scope="module")
def inspected(built: tuple[Case, Path], worker: Worker, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The run of a case that prints all of it as JSON."""
    case, path = built
    argv = ["inspect", *case.arguments, "--format", "json", str(path)]
    [run] = worker.run([argv], [path], tmp_path_factory.mktemp("inspected"), cpu=case.cpu, **LITTLE)
    check_run(run, "json")
    return run


def test_ids_are_unique() -> None:
    ids = {case.id for case in CASES}
    assert len(ids) == len(CASES)
    assert ids >= LONG


def test_case(built: tuple[Case, Path], inspected: Run, worker: Worker, schema: Any, tmp_path: Path) -> None:
    case, path = built
    others = [name for name in FORMATS if name != "json"]
    if case.id in LONG_TO_READ:
        others = others[turn(case) :: 3]
    argvs = [["inspect", *case.arguments, "--format", name, str(path)] for name in others]
    argvs.append(["inspect", *case.arguments, "--verify", "--format", "json", str(path)])
    runs = worker.run(argvs, [path], tmp_path, cpu=case.cpu, **LITTLE)
    for name, run in zip((*others, "json", "json"), (*runs, inspected), strict=True):
        check_run(run, name)
        assert run.peak < case.peak, f"{name}: {run.peak / MIB:.0f} MiB"
    assert {run.exit for run in runs[:-1]} <= {inspected.exit}
    judge(case, inspected, case.exits, case.codes, schema)
    judge(case, runs[-1], case.exits_verified, (*case.codes, *case.verified_codes), schema)
    if inspected.exit == 0:
        assert inspected.document["integrity"] == "not-checked"


@pytest.mark.starred
@pytest.mark.parametrize("case", STARRED)
def test_starred(case: Case, worker: Worker, schema: Any, tmp_path: Path) -> None:
    path = tmp_path / "case.img"
    path.write_bytes(case.build())
    argv = ["inspect", "--format", "json", str(path)]
    [run] = worker.run([argv], [path], tmp_path, cpu=case.cpu, address_space=2048 * MIB)
    check_run(run, "json")
    assert run.peak < case.peak, f"{run.peak / MIB:.0f} MiB"
    judge(case, run, case.exits, case.codes, schema)


def test_strict_interpreter(built: tuple[Case, Path], strict_worker: Worker, tmp_path: Path) -> None:
    """X34: `-W error -X dev` finds nothing to complain about."""
    case, path = built
    argv = ["inspect", *case.arguments, "--format", "json", str(path)]
    [run] = strict_worker.run([argv], [path], tmp_path)
    check_run(run, "json")
    assert run.exit in case.exits


def test_audit(built: tuple[Case, Path], worker: Worker, tmp_path: Path) -> None:
    """What looks into the files as well ends as `inspect` does."""
    case, path = built
    rows = by_turns(case, AUDITS)
    argvs = [[command, *case.arguments, *options, str(path)] for command, *options in rows]
    runs = worker.run(argvs, [path], tmp_path, cpu=case.cpu)
    for asked, run in zip(rows, runs, strict=True):
        name = asked[-1]
        check_run(run, name)
        assert run.exit in case.exits, f"{name}: exit {run.exit}: {run.err}"
        assert run.peak < case.peak, f"{name}: {run.peak / MIB:.0f} MiB"


WHOLE_REPORTS = tuple(("--format", name) for name in report_types()["report"].renderers)


def test_report(built: tuple[Case, Path], worker: Worker, tmp_path: Path) -> None:
    """Everything at once ends as `inspect --verify` does, or says that a database of packages is damaged."""
    case, path = built
    rows = by_turns(case, WHOLE_REPORTS)
    argvs = [["report", *case.arguments, *asked, str(path)] for asked in rows]
    runs = worker.run(argvs, [path], tmp_path, cpu=2 * case.cpu)
    document = next(run.out for asked, run in zip(rows, runs, strict=True) if asked[-1] == "json")
    judged = any(code in document for code in DATABASES)
    for asked, run in zip(rows, runs, strict=True):
        check_run(run, asked[-1])
        exits = (*case.exits_verified, *((4, 5) if judged else ()))
        assert run.exit in exits, f"{asked[-1]}: exit {run.exit}: {run.err}"
        assert run.peak < case.peak, f"{asked[-1]}: {run.peak / MIB:.0f} MiB"


FINDS = (
    *(("/**", "--all-events", "--format", name) for name in report_types()["find"].renderers),
    ("--grep", "root", "--digests", "--format", "json"),
    (f"sha256:{'0' * 64}", "/a/b/../c", "**/*a*[b-z]", "--format", "json"),
)


def test_find(built: tuple[Case, Path], worker: Worker, tmp_path: Path) -> None:
    """A search reads what `inspect` reads, or the contents as well, and ends as it does, or finds nothing."""
    case, path = built
    rows = by_turns(case, FINDS)
    argvs = [["find", str(path), *case.arguments, *asked] for asked in rows]
    runs = worker.run(argvs, [path], tmp_path, cpu=case.cpu)
    for asked, run in zip(rows, runs, strict=True):
        check_run(run, asked[-1])
        several = run.exit == 2 and "choose one with --image" in run.err
        sparse = run.exit == 5 and "hole-bytes" in run.err
        assert several or sparse or run.exit in (*case.exits, 1), f"{asked}: exit {run.exit}: {run.err}"
        assert run.peak < case.peak, f"{asked}: {run.peak / MIB:.0f} MiB"


DIFFERENCES = tuple(("--format", name) for name in report_types()["diff"].renderers)


def test_diff(built: tuple[Case, Path], worker: Worker, tmp_path: Path) -> None:
    """Compared with itself and with a good image, on either side, it ends as `inspect` does.

    A good image can show what else only `--verify` does: that a diffID is another layer's.
    """
    case, path = built
    good = tmp_path / "good.tar"
    good.write_bytes(docker_save(good_layers()))
    forth, back, itself = (str(path), str(good)), (str(good), str(path)), (str(path), str(path))
    asked = [(forth, one) for one in by_turns(case, DIFFERENCES)]
    asked.append((back, ("--format", "json" if case.id in LONG else "table")))
    asked.append((itself, ("--strict", "--allow", "*", "--max-pull", "1", "--format", "json")))
    argvs = [["diff", *case.arguments, *side, *more] for side, more in asked]
    runs = worker.run(argvs, [path, good], tmp_path, cpu=2 * case.cpu)
    for (side, more), run in zip(asked, runs, strict=True):
        check_run(run, more[-1])
        unpaired = run.exit == 2 and "do not pair" in run.err
        assert unpaired or run.exit in (*case.exits, *case.exits_verified, 1), (
            f"{side} {more}: exit {run.exit}: {run.err}"
        )
        assert run.peak < 2 * case.peak, f"{more}: {run.peak / MIB:.0f} MiB"


REBUILDINGS = (
    *(("--format", name) for name in report_types()["dockerfile"].renderers),
    ("--base", "none", "--no-wrap", "--source", "history", "--format", "json"),
)


def test_dockerfile(built: tuple[Case, Path], worker: Worker, tmp_path: Path) -> None:
    """A rebuilt Dockerfile reads what `inspect` reads, and ends as it does."""
    case, path = built
    rows = by_turns(case, REBUILDINGS)
    argvs = [["dockerfile", str(path), *case.arguments, *asked] for asked in rows]
    runs = worker.run(argvs, [path], tmp_path, cpu=case.cpu)
    for asked, run in zip(rows, runs, strict=True):
        check_run(run, asked[-1])
        several = run.exit == 2 and "choose one with --image" in run.err
        assert several or run.exit in case.exits, f"{asked}: exit {run.exit}: {run.err}"
        assert run.peak < case.peak, f"{asked}: {run.peak / MIB:.0f} MiB"


SHARES = (*(("--format", name) for name in report_types()["shared"].renderers), ("--files", "--format", "json"))
SUMS = {"limit.image-entries", "limit.archive-entries"}  # of layers that are kept; `shared` keeps none


def test_shared(built: tuple[Case, Path], worker: Worker, tmp_path: Path) -> None:
    """The same archive twice ends as `inspect` does; only what is kept of several layers has no limit."""
    case, path = built
    rows = by_turns(case, SHARES)
    argvs = [["shared", str(path), str(path), *case.arguments, *asked] for asked in rows]
    runs = worker.run(argvs, [path], tmp_path, cpu=2 * case.cpu)
    for asked, run in zip(rows, runs, strict=True):
        run.err = run.err.partition("\n")[0]  # a line for each archive
        check_run(run, asked[-1])
        kept = run.exit == 0 and SUMS & {*case.codes}
        assert kept or run.exit in (*case.exits, 5), f"{asked}: exit {run.exit}: {run.err}"


INVENTORIES = (
    *(("--format", name) for name in report_types()["packages"].renderers),
    *(("--by", by, "--format", "table") for by in ("package", "type", "directory")),
)
# What is damaged in a database of packages, or too much of it, which no other command sees.
DATABASES = (b"packages.unreadable-database", b"limit.package-list-bytes")


def test_packages(built: tuple[Case, Path], worker: Worker, tmp_path: Path) -> None:
    """The packages: it ends as `inspect` does, or says that a database is damaged or larger than the limit."""
    case, path = built
    rows = by_turns(case, INVENTORIES)
    argvs = [["packages", str(path), *case.arguments, *asked] for asked in rows]
    runs = worker.run(argvs, [path], tmp_path, cpu=case.cpu)
    document = next(run.out for asked, run in zip(rows, runs, strict=True) if asked[-1] == "json")
    judged = any(code in document for code in DATABASES)
    for asked, run in zip(rows, runs, strict=True):
        check_run(run, asked[-1])
        several = run.exit == 2 and "choose one with --image" in run.err
        assert several or run.exit in case.exits or (judged and run.exit in (4, 5)), f"{asked}: {run.exit}: {run.err}"
        assert run.peak < case.peak, f"{asked}: {run.peak / MIB:.0f} MiB"


DUPLICATES = (
    *(("--all-layers", "--format", name) for name in report_types()["duplicates"].renderers),
    ("--within", "**/*a*", "--max-duplicates", "0", "--format", "json"),
)


def test_duplicates(built: tuple[Case, Path], worker: Worker, tmp_path: Path) -> None:
    """Equal contents: it ends as `inspect` does, refuses a choice, stops at a hole or fails its gate."""
    case, path = built
    rows = by_turns(case, DUPLICATES)
    argvs = [["duplicates", str(path), *case.arguments, "--min-size", "0", *asked] for asked in rows]
    runs = worker.run(argvs, [path], tmp_path, cpu=case.cpu)
    for asked, run in zip(rows, runs, strict=True):
        check_run(run, asked[-1])
        several = run.exit == 2 and "choose one with --image" in run.err
        sparse = run.exit == 5 and "hole-bytes" in run.err
        failed = run.exit == 1 and "--max-duplicates" in asked
        assert several or sparse or failed or run.exit in case.exits, f"{asked}: exit {run.exit}: {run.err}"
        assert run.peak < case.peak, f"{asked}: {run.peak / MIB:.0f} MiB"


EXTRACTIONS = (("--list",), ("--all-layers",), ("--deleted", "--links", "inside"))


def test_extract_as_a_tar(built: tuple[Case, Path], worker: Worker, tmp_path: Path) -> None:
    """A tar of the files: it ends as `inspect` does, or refuses a choice or finds nothing deleted."""
    case, path = built
    line = ["extract", str(path), "--tar", "/dev/null", "--quiet", "--format", "json", *case.arguments]
    line += ["--limit", "extract-bytes=64MiB"]  # zeros take time
    rows = EXTRACTIONS[:1] if case.exits == (3,) else EXTRACTIONS
    argvs = [[*line, *asked] for asked in rows]
    runs = worker.run(argvs, [path], tmp_path, cpu=case.cpu)
    for asked, run in zip(rows, runs, strict=True):
        check_run(run, "json")
        several = run.exit == 2 and "choose one with --image" in run.err
        assert several or run.exit in (*case.exits, 1, 5), f"{asked}: exit {run.exit}: {run.err}"
        assert run.exit != 5 or 5 in case.exits or b"limit.extract-bytes" in run.out, asked
        assert run.peak < case.peak, f"{asked}: {run.peak / MIB:.0f} MiB"


CATALOG = [name for name, report in report_types().items() if report.reads == "catalog"]


def test_what_the_catalog_tells(built: tuple[Case, Path], inspected: Run, worker: Worker, tmp_path: Path) -> None:
    """A command that reads no layer finds what `inspect` finds, except what is in the bytes of a layer."""
    case, path = built
    argvs = [[command, *case.arguments, "--format", "json", str(path)] for command in CATALOG]
    runs = worker.run(argvs, [path], tmp_path)
    expected = inspected.document
    for command, run in zip(CATALOG, runs, strict=True):
        check_run(run, "json")
        report = run.document
        if "error" in expected:
            assert report == expected
            continue
        found, known = report["findings"], expected["findings"]
        assert all(finding in known for finding in found), command
        unread = [finding for finding in known if finding not in found]
        assert all("layer" in finding["where"] for finding in unread), (command, unread)
        check_envelope(report, run.exit or 0)
        assert [image["id"] for image in report["images"]] == [image["id"] for image in expected["images"]]


def judge(case: Case, run: Run, exits: tuple[int, ...], codes: tuple[str, ...], schema: Any) -> None:
    """The JSON of one run against the case."""
    report = run.document
    found = {report["error"]["code"]} if "error" in report else codes_of(report)
    assert run.exit in exits, f"exit {run.exit} with {sorted(found)}: {run.err}"
    if len(exits) == 1 or run.exit != 0 or case.always:
        assert set(codes) <= found, f"found {sorted(found)}"
    if run.exit == 3:
        assert found == set(case.codes)
        assert run.err.startswith(f"imgtar: {run.argv[-1]}: ")
        assert report["schema_version"] == 1
    else:
        # What is damaged does not hash to what was promised either.
        mismatch = {"image.diffid-mismatch"} if "--verify" in run.argv and 4 in exits else set()
        unexpected = high_codes(report) - {*codes, *case.also} - mismatch
        assert not unexpected, f"unexpected {sorted(unexpected)}"
        assert bool(run.err) == (run.exit != 0)
        check_report(report, run.exit or 0)
        validate(schema, report)
    if case.check is not None:
        case.check(report)


def validate(schema: Any, report: Report) -> None:
    """Schema-valid: the long lists by their first and last rows."""
    for image in report["images"][:20]:
        image = {**image, "waste": _ends(image["waste"])}
        image["layers"] = [{**layer, "changes": _ends(layer["changes"])} for layer in image["layers"]]
        schema.validate({**report, "images": [image], "findings": _ends(report["findings"])})
    schema.validate({**report, "images": []})


def _ends(rows: list[Any]) -> list[Any]:
    return rows if len(rows) <= 2 * SHOWN else [*rows[:SHOWN], *rows[-SHOWN:]]
