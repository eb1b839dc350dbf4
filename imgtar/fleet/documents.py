"""The JSON documents about one archive, each with the bytes that the command of its name prints."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator

import msgspec

from imgtar.analysis.recent_stacks import RecentStacks
from imgtar.answers.filters import Filter
from imgtar.answers.inspect import inspect_content
from imgtar.answers.opening import open_session
from imgtar.answers.options import EVERYTHING, FILES, InspectOptions, Needs
from imgtar.answers.session import Session
from imgtar.answers.verify import verify_content
from imgtar.cache.row_store import RowStore
from imgtar.contract.content import TextSettings
from imgtar.contract.fleet import Action
from imgtar.errors import InputError
from imgtar.findings import Finding
from imgtar.fleet.inputs import is_folder_of_archives
from imgtar.fleet.recent_scans import RecentScans
from imgtar.fleet.settings import FindingChoice, FleetSettings
from imgtar.limits import DEFAULT
from imgtar.report import json_document

_NO_TEXT = TextSettings()
_own = threading.local()  # what a thread keeps


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A document in pieces, what was found, and the severity for which `--fail-on` fails it, if a finding has it."""

    pieces: Iterator[bytes]
    findings: tuple[Finding, ...]
    failed_on: str | None = None


def answers(path: str, action: Action, settings: FleetSettings) -> Iterator[Answer]:
    """The documents of one action about the archive: one, or of `packages` one for each image.

    Raises as `open_session` does, and InputError for a folder of archives, as only a list can name one here.
    """
    if is_folder_of_archives(os.fsencode(path)):
        remedy = "give the folder itself as PATH, or name its archives"
        raise InputError("input.not-image", "a folder; a list names archives alone", remedy)
    if action == "packages":
        yield from _packages(path, settings)
    elif action == "audit":
        yield _audit(path, settings)
    elif action == "verify":
        yield _verify(path, settings)
    else:
        yield _inspect(path, settings)


def reading_options(settings: FleetSettings) -> InspectOptions:
    """The options of a session that all actions share."""
    return InspectOptions(
        limits=settings.limits,
        jobs=settings.jobs,
        image=settings.image,
        platform=settings.platform,
        allow_missing=settings.allow_missing,
        cache=None if settings.cache is None else _kept(settings.cache, settings).scans,
    )


class _Kept(msgspec.Struct):
    """What a thread keeps in memory from one archive to the next. Each action ignores findings of its own."""

    settings: FleetSettings
    scans: RecentScans
    stacks: dict[Action, RecentStacks]


def _kept(folder: str, settings: FleetSettings) -> _Kept:
    kept: _Kept | None = getattr(_own, "kept", None)
    alike = msgspec.structs.replace(settings, limits=DEFAULT)  # each archive has its own deadline
    if kept is None or kept.settings != alike:
        scans = RecentScans(RowStore(folder, settings.cache_size))
        kept = _own.kept = _Kept(alike, scans, {action: RecentStacks() for action in settings.actions})
    return kept


def _options(settings: FleetSettings, action: Action, filtering: Filter, **more: object) -> InspectOptions:
    stacks = None if settings.cache is None else _kept(settings.cache, settings).stacks[action]
    return msgspec.structs.replace(reading_options(settings), ignores=filtering, stacks=stacks, **more)


def _read(path: str, options: InspectOptions, needs: Needs = EVERYTHING) -> Session:
    session = open_session(path, options)
    session.read(needs)
    return session


def _inspect(path: str, settings: FleetSettings) -> Answer:
    filtering, summary = settings.findings.filter(), not settings.full
    session = _read(path, _options(settings, "inspect", filtering, summary=summary))
    content = inspect_content(session, filtering.apply(session.findings), summary=summary)
    return _judged(session, settings.findings, json_document.inspect(content, _NO_TEXT))


def _verify(path: str, settings: FleetSettings) -> Answer:
    filtering = settings.findings.filter()
    session = _read(path, _options(settings, "verify", filtering, verify=True, summary=True))
    content = verify_content(session, filtering.apply(session.findings))
    return _judged(session, settings.findings, json_document.verify(content, _NO_TEXT))


def _audit(path: str, settings: FleetSettings) -> Answer:
    from imgtar.answers.audit import audit_content  # a worker that audits nothing does without the rules

    audit = settings.audit
    assert audit is not None
    filtering = settings.audit_findings.filter().with_rules(audit.rules())
    options = _options(
        settings,
        "audit",
        filtering,
        audit=True,
        judged_on=audit.judged_on,
        all_places=audit.all_places,
        kingfisher=audit.kingfisher,
        packaged=audit.packaged,
        redacts=True,
        layer_packages=False,
    )
    session = _read(path, options)
    content = audit_content(session, filtering.apply(session.findings), audit)
    return _judged(session, settings.audit_findings, json_document.whole(content, _NO_TEXT), filtering)


def _packages(path: str, settings: FleetSettings) -> Iterator[Answer]:
    """One document for each image that is chosen."""
    from imgtar.answers.one_image import each_image
    from imgtar.packages.inventories import TYPES

    options = _options(settings, "packages", Filter(), package_types=TYPES, root_filesystem=True, layer_packages=False)
    for _, session in each_image(open_session(path, options), FILES):
        session.read(FILES)
        yield _inventory(session, settings)


def _inventory(session: Session, settings: FleetSettings) -> Answer:
    from imgtar.answers.packages import Asked, inventory_work, packages_content

    asked = Asked()
    worked = inventory_work(session, asked, settings.limits)
    content = packages_content(session, Filter().apply(session.findings), asked, **worked)  # type: ignore[arg-type]
    return Answer(pieces=json_document.whole(content, _NO_TEXT), findings=session.findings)


def _judged(
    session: Session, choice: FindingChoice, pieces: Iterator[bytes], filtering: Filter | None = None
) -> Answer:
    failed_on = choice.fail_on
    if failed_on is not None and not (filtering or choice.filter()).apply(session.findings).reach(failed_on):
        failed_on = None
    return Answer(pieces=pieces, findings=session.findings, failed_on=failed_on)
