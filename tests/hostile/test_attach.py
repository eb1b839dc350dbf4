"""`attach` over every case: it writes the copy alone, whole or not at all, and a copy hides no damage."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hostile.case import MIB, Case, Report, check_run
from tests.hostile.conftest import Worker
from tests.hostile.test_cases import QUICK

pytestmark = pytest.mark.slow


def damage(report: Report) -> set[str]:
    """The codes of the findings that make a report incomplete or inconsistent."""
    return {finding["code"] for finding in report["findings"] if finding["effect"] != "none"}


@pytest.mark.parametrize("case", QUICK)
def test_attach(case: Case, worker: Worker, tmp_path: Path) -> None:
    image, report, out = tmp_path / "case.img", tmp_path / "report.json", tmp_path / "out"
    image.write_bytes(case.build())
    report.write_bytes(b"{}")
    out.mkdir()
    copy = out / "copy.tar"
    argv = ["attach", str(image), str(report), "--image", "@0", "--output", str(copy)]
    [run] = worker.run([argv], [image, report], tmp_path, outputs=[str(out)], cpu=case.cpu)
    check_run(run, "table")
    assert run.out == b""
    assert run.peak < max(case.peak, 200 * MIB)
    assert run.exit in (0, 3, 4, 5), run.err
    assert run.err or run.exit == 0
    assert [path.name for path in out.iterdir()] == (["copy.tar"] if run.exit == 0 else [])
    if run.exit == 0:
        argvs = [["inspect", "--format", "json", str(path)] for path in (image, copy)]
        before, after = (run.document for run in worker.run(argvs, [image, copy], tmp_path))
        assert damage(before) == damage(after)
        assert [one["id"] for one in before["images"]] == [one["id"] for one in after["images"]]
        assert before["images"] == after["images"]


@pytest.mark.parametrize("event", ["in", "beside", "below"])
def test_the_watch_allows_the_output_directory_alone(event: str, worker: Worker, tmp_path: Path) -> None:
    """The runs above are watched: a copy that is not directly in the directory of the outputs is reported."""
    case = next(case for case in (param.values[0] for param in QUICK) if case.id == "C27-attestation")
    image, report, out = tmp_path / "case.img", tmp_path / "report.json", tmp_path / "out"
    image.write_bytes(case.build())
    report.write_bytes(b"{}")
    (out / "deeper").mkdir(parents=True)
    copy = {"in": out, "beside": tmp_path, "below": out / "deeper"}[event] / "copy.tar"
    argv = ["attach", str(image), str(report), "--output", str(copy)]
    [run] = worker.run([argv], [image, report], tmp_path, outputs=[str(out)])
    assert run.exit == 0
    assert bool(run.forbidden) == (event != "in")
