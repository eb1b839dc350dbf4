"""SBOMs that any image can forge: a comparison with them ends, within its time and memory, with clean text."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.answers.attesting import attested_layout, cyclonedx, json_file, spdx
from tests.builders import docker_save, file, layer
from tests.hostile.case import MIB, check_run
from tests.hostile.conftest import Worker

pytestmark = pytest.mark.slow

LAYERS = [layer(file("a", b"a"))]
PLACE = "var/lib/db/sbom/%d.spdx.json"
CLAIMS_OF_LITTLE = b",".join(b'{"name":"%x"}' % number for number in range(200_000))
NAME = "\x1b[31m\u202e::error::\r\n\x07|<b>=1+1"
CLAIM = b'{"name":"p%d","versionInfo":"1","externalRefs":[{"referenceType":"purl","referenceLocator":"pkg:deb/p%d@1"}]}'


class Forged(NamedTuple):
    """An image with SBOMs, the exit codes that are right, and words of standard error."""

    build: Callable[[], bytes]
    exits: tuple[int, ...]
    words: str = ""


def _inside(*contents: bytes) -> bytes:
    return docker_save([*LAYERS, layer(*(file(PLACE % number, one) for number, one in enumerate(contents)))])


def _spdx(packages: bytes) -> bytes:
    return b'{"spdxVersion":"SPDX-2.3","packages":[' + packages + b"]}"


def _many(count: int) -> bytes:
    return _spdx(b",".join(CLAIM % (number, number) for number in range(count)))


def _versions() -> bytes:
    return _spdx(b",".join(CLAIM.replace(b"p%d@1", b"a@%d") % (number, number) for number in range(100_000)))


def _attested(sbom: object, subject: str | None = None) -> Callable[[], bytes]:
    return lambda: attested_layout(LAYERS, sbom, subject=subject).tar()


CASES = {
    "a-hundred-thousand-packages": Forged(lambda: _inside(_many(100_000)), (1,)),
    "a-hundred-thousand-versions-of-one": Forged(lambda: _inside(_versions()), (1,)),
    "two-million-objects": Forged(lambda: _inside(_spdx(b"{}" + b",{}" * 2_000_000)), (3,), "cannot be read"),
    "a-million-empty-objects": Forged(lambda: _inside(_spdx(b"{}" + b",{}" * 990_000)), (0,)),
    "larger-than-the-limit": Forged(lambda: _inside(b'{"a":"' + b"a" * (65 * MIB) + b'"}'), (5,), "package-list-bytes"),
    "one-name-of-megabytes": Forged(
        lambda: _inside(_spdx(CLAIM % (1, 1) + b',{"name":"' + b"a" * 40 * MIB + b'"}')), (1,)
    ),
    "ten-thousand-sboms": Forged(lambda: _inside(*[_many(1)] * 10_000), (1,)),
    "twenty-sboms-of-many-packages": Forged(lambda: _inside(*[_spdx(CLAIMS_OF_LITTLE)] * 20), (5,)),
    "deep": Forged(lambda: _inside(b'{"spdxVersion":"SPDX-2.3","a":' + b"[" * 5_000_000), (3,), "cannot be read"),
    "deep-components": Forged(
        lambda: _inside(b'{"bomFormat":"CycloneDX","components":' + b'[{"components":' * 900_000),
        (3,),
        "cannot be read",
    ),
    "a-lone-surrogate": Forged(lambda: _inside(_spdx(b'{"name":"\\ud800"}')), (0, 3)),
    "no-utf-8": Forged(lambda: _inside(_spdx(b'{"name":"\xff"}')), (3,), "cannot be read"),
    "numbers-for-names": Forged(lambda: _inside(_spdx(b'{"name":1e999}')), (3,), "cannot be read"),
    "another-subject": Forged(_attested(spdx("pkg:deb/a@1"), "e" * 64), (3,), "about another image"),
    "not-an-sbom": Forged(_attested(["a"]), (3,), "cannot be read"),
    "names-for-a-terminal": Forged(
        lambda: _inside(json_file(spdx(f"pkg:deb/{NAME}@{NAME}", f"pkg:{NAME}/a@1", **{NAME: NAME}))), (1,)
    ),
    "attested-names-for-a-terminal": Forged(_attested(cyclonedx(f"pkg:npm/{NAME}@1", f"pkg:{NAME}/a@1")), (1,)),
}


LONG = {"twenty-sboms-of-many-packages", "a-hundred-thousand-packages", "a-hundred-thousand-versions-of-one"}  # seconds


@pytest.mark.parametrize("case", CASES)
def test_a_comparison_with_a_forged_sbom_ends(case: str, worker: Worker, tmp_path: Path) -> None:
    forged = CASES[case]
    path = tmp_path / "case.img"
    path.write_bytes(forged.build())
    forms = ("json",) if case in LONG else ("table", "json", "jsonl")
    argvs = [["packages", str(path), "--compare-attested", "--format", form] for form in forms]
    for form, run in zip(forms, worker.run(argvs, [path], tmp_path), strict=True):
        check_run(run, form)
        assert run.exit in forged.exits, run.err
        assert forged.words in run.err
        assert run.peak < 450 * MIB, f"{run.peak / MIB:.0f} MiB"
        if form == "json" and run.exit < 2:
            assert json.loads(run.out)["attested"]["sboms"]
