"""Runs a command on an archive of tests/fixtures/forms, or on any other, as a script would."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from tests.cli.command import imgtar
from tests.paths import FIXTURES

FORMS = FIXTURES / "forms"


class Ran(NamedTuple):
    """The exit code, the JSON document (None where there is none), and what standard error says."""

    code: int
    document: Any
    errors: str

    @property
    def images(self) -> list[Any]:
        found: list[Any] = self.document["images"]
        return found

    @property
    def codes(self) -> list[str]:
        """The code of each finding."""
        return [row["code"] for row in self.document["findings"]]

    def messages(self, code: str) -> list[str]:
        """The sentences of the findings of one code."""
        return [row["message"] for row in self.document["findings"] if row["code"] == code]


def ran(command: str, archive: str | Path, *options: str) -> Ran:
    """The JSON of a command; `archive` is a path, or the name of a fixture without its ending."""
    path = FORMS / f"{archive}.tar" if isinstance(archive, str) and "/" not in archive else archive
    done = imgtar(command, path, "--format", "json", *options)
    assert done.returncode != 70, done.stderr
    return Ran(done.returncode, json.loads(done.stdout) if done.stdout else None, done.stderr.decode())


def text(command: str, archive: str | Path, *options: str) -> str:
    """The text of a command, on a wide terminal, with what it says on standard error."""
    path = FORMS / f"{archive}.tar" if isinstance(archive, str) and "/" not in archive else archive
    done = imgtar(command, path, *options, env={"COLUMNS": "200"})
    assert done.returncode != 70, done.stderr
    return done.stdout.decode() + done.stderr.decode()
