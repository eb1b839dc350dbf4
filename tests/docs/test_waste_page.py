"""The text on the page about waste is what `inspect` prints of an image as that page describes it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.builders import directory, docker_save, file, image_config, layer, whiteout
from tests.cli.command import environment
from tests.paths import ROOT

PAGE = (ROOT / "docs/waste.md").read_text()
SHELL = "/bin/sh -c "
COPIED = [f"app/node_modules/m{number}/index.js" for number in range(40)]
LISTS = [f"var/lib/apt/lists/debian_{number}" for number in range(12)]
STEPS = [
    (f"{SHELL}#(nop) ADD file:0 in / ", [file("etc/os-release", b"ID=debian\n")]),
    (f"{SHELL}apt-get update && apt-get install -y nodejs", [file(name, b"p" * 700_000) for name in LISTS]),
    (f"{SHELL}#(nop) COPY dir:0 in /app ", [directory("app"), *(file(name, b"j" * 120_000) for name in COPIED)]),
    (f"{SHELL}rm -rf /var/lib/apt/lists/*", [whiteout(name) for name in LISTS]),
    (f"{SHELL}chown -R node /app", [file(name, b"j" * 120_000, uid=1000) for name in COPIED]),
]


def test_the_text_is_what_inspect_prints(tmp_path: Path) -> None:
    layers = [layer(*members) for _, members in STEPS]
    config = image_config(layers, history=[{"created_by": command} for command, _ in STEPS])
    (tmp_path / "app.tar").write_bytes(docker_save(layers, config=config))
    ran = subprocess.run(
        [sys.executable, "-m", "imgtar", "inspect", "app.tar", "--top", "3"],
        cwd=tmp_path,
        env=environment({"COLUMNS": "80"}),
        capture_output=True,
        text=True,
        check=True,
    )
    [shown] = re.findall(r"\$ imgtar inspect app\.tar --top 3\n(.*?)```", PAGE, re.DOTALL)
    waste = re.search(r"(  Waste .*?)\n\n  Findings", ran.stdout, re.DOTALL)
    assert waste is not None
    assert shown.strip("\n").removeprefix("…\n") == waste[1]
