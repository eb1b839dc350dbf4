"""Writes the pages of docs/ that follow from the code, and the outputs shown in README.md; a test compares them.

python scripts/docs.py, in the environment of CONTRIBUTING.md
"""

from __future__ import annotations

import os
import re
import runpy
import shlex
import subprocess
import sys
from itertools import groupby
from pathlib import Path

from imgtar.answers.catalogue import kinds
from imgtar.cli.registry import NAMES

ROOT = Path(__file__).parent.parent
COLUMNS = 80
# A fenced block whose first line is a command of ours; what it prints follows.
SHOWN = re.compile(r"(```console\n\$ (imgtar [^\n]*)\n)(.*?)(```)", re.DOTALL)
# The headings of docs/findings.md, by what stands before the dot in a code.
HEADINGS = {
    "account": "Audit: the users of the image",
    "compression": "Compressed streams",
    "config": "Audit: configuration and history",
    "gzip": "Compressed streams: gzip",
    "zstd": "Compressed streams: zstd",
    "verify": "Verify: what you expected of the archive",
    "xz": "Compressed streams: xz",
    "bzip2": "Compressed streams: bzip2",
    "extract": "Files written out by extract",
    "image": "The image and its archive",
    "input": "The input",
    "json": "JSON documents",
    "layer": "Layers",
    "limit": "Limits",
    "oci": "OCI documents",
    "rootfs": "Root filesystems in place of an image",
    "packages": "Packages",
    "secret": "Audit: secrets",
    "supply": "Audit: where the image comes from",
    "tar": "tar",
}


FINDINGS_HEAD = """\
# Findings

Every finding that imgtar can report, by code. A code never changes its meaning. The severity says how much to care. The
effect decides the exit code (`incomplete` and `inconsistent`: 4, `limit`: 5) and may differ by place: a byte after the
outer gzip stream is a remark, a byte after the gzip stream of a layer is damage.
"""


def cli_page() -> str:
    """docs/cli.md: every help text."""
    pages = "[exit-codes.md](exit-codes.md) has the exit codes, [shell.md](shell.md) completion and defaults"
    head = f"# The command line\n\nWhat `--help` prints; {pages}.\n"
    titles = ("imgtar", *(f"imgtar {name}" for name in NAMES))
    return "\n".join([head, *(f"## {title}\n\n```text\n{shown_output(f'{title} --help')}```\n" for title in titles)])


def findings_page() -> str:
    """docs/findings.md: every code of a finding."""
    parts = [FINDINGS_HEAD]
    for prefix, members in groupby(kinds().values(), key=lambda kind: kind.code.split(".")[0]):
        parts.append(f"## {HEADINGS.get(prefix, prefix)}\n")
        for kind in members:
            effect = "" if kind.effect == "none" else f", {kind.effect}"
            references = f" ({', '.join(kind.references)})" if kind.references else ""
            parts.append(
                f"### {kind.code}\n\n*{kind.severity}{effect}*{references}. {kind.meaning}\n\n"
                f"What to do: {kind.remedy or 'nothing.'}\n"
            )
    return "\n".join(parts)


def shown_output(command: str) -> str:
    """What a command of ours prints, at 80 columns and without a terminal."""
    environment = {**os.environ, "COLUMNS": str(COLUMNS), "LC_ALL": "C.UTF-8", "PYTHONPATH": str(ROOT)}
    arguments = [sys.executable, "-m", "imgtar", *shlex.split(command)[1:]]
    run = subprocess.run(arguments, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode not in (2, 70), run.stderr  # wrong usage, a bug
    return run.stdout


def with_outputs(page: str) -> str:
    """The page with what its commands print now."""
    return SHOWN.sub(lambda found: found[1] + shown_output(found[2]) + found[4], page)


def pages() -> dict[Path, str]:
    """Every page that follows from the code, as it should be."""
    found = {ROOT / "docs/cli.md": cli_page(), ROOT / "docs/findings.md": findings_page()}
    for maker in ("man.py", "api_reference.py", "explorer_picture.py"):
        found |= runpy.run_path(str(ROOT / "scripts" / maker))["pages"]()
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        if path not in found and SHOWN.search(text := path.read_text()):
            found[path] = with_outputs(text)
    return found


if __name__ == "__main__":
    for place, text in pages().items():
        place.parent.mkdir(exist_ok=True)
        place.write_text(text)
        print(place.relative_to(ROOT))
