"""Targets for what a user writes: configuration, ignore file, baseline, checksum list, patterns.

These files come from a repository that somebody else may have changed.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import tomllib
from collections.abc import Iterator
from datetime import date

import msgspec

from imgtar.answers.audit import AuditSettings
from imgtar.cli.commands.inspect import INSPECT
from imgtar.cli.request import Request
from imgtar.errors import InputError, UsageError
from imgtar.gates.baseline import read_baseline
from imgtar.globs import BadGlob, Globs
from imgtar.policy.configuration import FILES
from imgtar.policy.defaults import FROM_ENVIRONMENT, FROM_FILE, find_defaults
from imgtar.policy.ignores import parse_ignores
from imgtar.policy.policy import Policy, parse_policy
from imgtar.policy.toml import read_toml


@contextlib.contextmanager
def file_of(raw: bytes) -> Iterator[str]:
    """The path of a file that holds `raw`."""
    with tempfile.NamedTemporaryFile(prefix="imgtar-fuzz-") as file:
        file.write(raw)
        file.flush()
        yield file.name


def configuration(raw: bytes) -> None:
    """A policy that JSON can hold, whatever the file is called, or UsageError."""
    for name in (*FILES, "gates"):
        try:
            policy = parse_policy(name, raw)
        except UsageError:
            continue
        assert isinstance(policy, Policy)
        msgspec.json.encode(policy)


def defaults(raw: bytes) -> None:
    """Defaults that a file may set, or UsageError."""
    with contextlib.suppress(UsageError), file_of(raw) as name:
        found = find_defaults("inspect", FROM_ENVIRONMENT, (), {}, commands=("inspect", "ls"), config=name)
        assert set(found) <= set(FROM_FILE)


def toml(raw: bytes) -> None:
    """What the standard library reads, or ValueError."""
    with contextlib.suppress(ValueError):
        table = read_toml(raw)
        assert repr(table) == repr(tomllib.loads(raw.decode("utf-8-sig")))  # repr: nan is not equal to itself


def ignore_file(raw: bytes) -> None:
    """Rules of a filter, or UsageError."""
    with contextlib.suppress(UsageError):
        ignores = parse_ignores("ignores", raw, ("layer.setuid",))
        list(AuditSettings(judged_on=date(2026, 1, 1), ignore_file="ignores", ignores=ignores).rules())


def baseline(raw: bytes) -> None:
    """Images whose sizes can be compared, or InputError."""
    with file_of(raw) as path, contextlib.suppress(InputError):
        for image in read_baseline(path):
            assert 0 <= image.size < 1 << 63
            assert isinstance(image.diff_ids, frozenset)


def checksums(raw: bytes) -> None:
    """The checksum of the archive, or InputError or UsageError."""
    with file_of(raw) as path, contextlib.suppress(InputError, UsageError):
        expected = Request(report_type=INSPECT, image="dir/app.tar", checksums=path).expectation()
        assert expected is not None
        assert expected.checksum is not None
        assert len(expected.checksum) == 64


def globs(raw: bytes) -> None:
    """The last line is a path, the others are patterns: the same answer for bytes and text, or BadGlob."""
    *patterns, path = raw.split(b"\n")
    with contextlib.suppress(BadGlob):
        compiled = Globs(map(os.fsdecode, patterns))
        for directory in (False, True):
            text = path.decode("utf-8", "surrogateescape")
            assert compiled.match(path, directory=directory) == compiled.match(text, directory=directory)


SETTINGS_TARGETS = {
    "configuration": configuration,
    "defaults": defaults,
    "toml": toml,
    "ignore_file": ignore_file,
    "baseline": baseline,
    "checksums": checksums,
    "globs": globs,
}
