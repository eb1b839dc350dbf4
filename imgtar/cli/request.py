"""The options of one command line, checked, and what follows from them."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import click
import msgspec

from imgtar.amounts import size
from imgtar.analysis.expectation import Expectation
from imgtar.answers.filters import Filter
from imgtar.cli.command import ReportType
from imgtar.cli.near import did_you_mean
from imgtar.cli.outputs import Target, check_files, targets
from imgtar.errors import InputError, UsageError
from imgtar.files import read_whole
from imgtar.limits import DEFAULT, NAMES, Limits

if TYPE_CHECKING:
    from imgtar.analysis.search.query import Query
    from imgtar.answers.audit import AuditSettings

_CHECKSUM_LINE = re.compile(r"([0-9a-fA-F]{64}) [ *](.+)")
_LARGEST_LIST = 16 << 20
_USUAL_WIDTH = 80  # columns, where nothing says more


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """The options of one command line; an option that the command lacks has its default."""

    report_type: ReportType
    image: str = ""
    format_name: str | None = None
    format_default: str | None = None  # where no report is asked for
    outputs: Sequence[str] = ()
    reference: str | None = None
    platform: str | None = None
    verify: bool = False
    summary: bool = False
    allow_missing: bool = False
    limits: Sequence[str] = ()
    timeout: float | None = None
    jobs: int | None = None
    cache: str | None = None
    expect_ids: Sequence[str] = ()
    expect_digests: Sequence[str] = ()
    checksums: str | None = None
    min_severity: str | None = None
    fail_on: str | None = None
    ignore: Sequence[str] = ()
    ignore_path: Sequence[str] = ()
    ignore_file: str | None = None
    audit_settings: AuditSettings | None = None
    search: Query | None = None
    digests: bool = False
    base: int | str | None = None
    base_image: Sequence[str] = ()
    own: bool = False
    package_types: Sequence[str] = ()
    sbom_files: bool = False
    one_pass: bool = False
    top: int = 0
    no_trunc: bool = False
    full: bool = False
    color: str = "auto"
    no_color: bool = False
    quiet: bool = False
    debug: bool = False
    stdout_taken: bool = False  # by an output that is not a report

    @property
    def audit(self) -> bool:
        """Do the rules of the audit run?"""
        return self.audit_settings is not None

    def targets(self) -> list[Target]:
        """The reports to write. Raises UsageError and OutputError for what is wrong before the archive is read."""
        found = targets(self.report_type, self.chosen_format, self.outputs)
        if self.stdout_taken:
            if self.format_name is not None or (self.outputs and any(target.path is None for target in found)):
                raise click.UsageError("standard output gets the tar; write the report to a file: -o F=FILE")
            found = [target for target in found if target.path is not None]
        check_files(found, self.image)
        return found

    @property
    def chosen_format(self) -> str | None:
        """The format of standard output: what `--format` says, else the default, if no report is asked for."""
        if self.format_name is None and not self.outputs and self.format_default in self.report_type.renderers:
            return self.format_default
        return self.format_name

    @property
    def json_on_stdout(self) -> bool:
        """Does standard output get JSON?"""
        return self.chosen_format == "json" or "json" in self.outputs or "json=-" in self.outputs

    def reading_limits(self) -> Limits:
        """The limits of the run. Raises click.UsageError for an unknown name or an invalid value."""
        return limits_of(self.limits)

    def base_layers(self) -> int | None:
        """What `--base` states. Raises as `base_layers_of`."""
        return base_layers_of(self.base, self.base_image)

    def expectation(self) -> Expectation | None:
        """The IDs, digests and checksum to compare with; None without any.

        Raises InputError for a checksum list that cannot be read, UsageError for one without the archive.
        """
        if not (self.expect_ids or self.expect_digests or self.checksums):
            return None
        checksum = None if self.checksums is None else _checksum_of(self.checksums, self.image)
        return Expectation(ids=self.expect_ids, digests=self.expect_digests, checksum=checksum)

    def finding_filter(self) -> Filter:
        """Which findings are shown. Raises click.UsageError for a code that does not exist."""
        if self.ignore:
            from imgtar.answers.catalogue import kinds

            for code in self.ignore:
                if code not in kinds():
                    what = f"--ignore {code}: no finding has this code; imgtar explain lists them"
                    raise click.UsageError(f"{what}{did_you_mean(code, kinds())}")
        try:
            filtering = Filter.of(self.min_severity, self.ignore, self.ignore_path)
        except ValueError as problem:
            raise click.UsageError(f"--ignore-path: {problem}") from None
        return filtering if self.audit_settings is None else filtering.with_rules(self.audit_settings.rules())


def limits_of(stated: Iterable[str]) -> Limits:
    """The limits that `--limit` states. Raises click.UsageError for an unknown name or an invalid value."""
    values: dict[str, int] = {}
    for text in stated:
        name, equals, value = text.partition("=")
        if name not in NAMES or not equals:
            wrong = "no limit has this name" if equals else "not NAME=VALUE"
            what = f"--limit {text}: {wrong}; names are {', '.join(NAMES)}"
            raise click.UsageError(f"{what}{did_you_mean(name, NAMES)}")
        try:
            values[name.replace("-", "_")] = size(value)
        except ValueError:
            raise click.UsageError(f"--limit {text}: give a whole number, or a size such as 64MiB") from None
    return msgspec.structs.replace(DEFAULT, **values)


def base_layers_of(stated: int | str | None, images: Sequence[str]) -> int | None:
    """What `--base` states beside the `images` of `--base-image`; None where it leaves the base to be found.

    Raises click.UsageError if it states no number of layers, or if `--base-image` is given too.
    """
    if stated is None:
        return None
    if images:
        raise click.UsageError("--base and --base-image cannot be used together; give one")
    from imgtar.policy.values import base_layers

    try:
        return base_layers(stated)
    except ValueError as problem:
        raise click.UsageError(f"--base {stated}: not {problem}") from None


def text_width() -> int:
    """Columns for text: COLUMNS, else the terminal's, else 80."""
    with contextlib.suppress(KeyError, ValueError):
        if (stated := int(os.environ["COLUMNS"])) > 0:
            return stated
    # Without standard output there is no stream, a closed one raises ValueError, one that is no terminal OSError.
    with contextlib.suppress(AttributeError, ValueError, OSError):
        return os.get_terminal_size(sys.__stdout__.fileno()).columns or _USUAL_WIDTH  # type: ignore[union-attr]
    return _USUAL_WIDTH


def shows_unicode(encoding: str | None) -> bool:
    """Can the output show more than ASCII? A C locale cannot, although Python writes UTF-8 there."""
    if (encoding or "").lower().replace("-", "") != "utf8":
        return False
    if "PYTHONIOENCODING" in os.environ:
        return True
    ctype = os.environ.get("LC_CTYPE", "")
    forced = os.environ.get("LC_ALL") or ("" if ctype.upper() in ("C.UTF-8", "C.UTF8", "UTF-8") else ctype)
    return (forced or os.environ.get("LANG") or "C.UTF-8") not in ("C", "POSIX")


def _checksum_of(path: str, image: str) -> str:
    """The SHA-256 that a `sha256sum` list has for the archive, by its path or its last part.

    Raises InputError for a list that cannot be read, UsageError for one without the archive.
    """

    def error(sentence: str) -> InputError:
        return InputError("input.checksums", sentence, "give a list that sha256sum wrote")

    lines = os.fsdecode(read_whole(path, _LARGEST_LIST, error)).splitlines()
    stated = {match[2]: match[1] for line in lines if (match := _CHECKSUM_LINE.fullmatch(line))}
    found = stated.get(image) or stated.get(os.path.basename(image))
    if found is None:
        raise UsageError(
            "usage.checksums", f"{path} has no line for {os.path.basename(image)}", "give the list that has it"
        )
    return found
