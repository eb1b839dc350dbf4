"""The functions about one archive; the docstring of `imgtar.api` has what they share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from imgtar.answers.options import CATALOG, DEFAULT_OPTIONS, EVERYTHING, FILES, InspectOptions
from imgtar.answers.view import View
from imgtar.api import shapes
from imgtar.api.asking import audit_settings, filtered, judging_day, policy_of, read
from imgtar.api.reports import InspectedReport, Report
from imgtar.archive.input.input_name import Input, input_name
from imgtar.contract.dockerfile import DockerfileReport
from imgtar.contract.documents import HistoryReport, IdsReport
from imgtar.contract.duplicates import DuplicatesReport
from imgtar.contract.files import FindReport, LsReport
from imgtar.contract.inspect import VerifyReport
from imgtar.contract.judgements import AuditReport, CheckReport
from imgtar.contract.packages import PackagesReport
from imgtar.contract.report import WholeReport
from imgtar.errors import errors_about
from imgtar.policy.policy import Policy

_LEAST_DUPLICATE = 4000  # bytes, as `--min-size` has it


def inspect(source: Input, options: InspectOptions = DEFAULT_OPTIONS) -> InspectedReport:
    """The report of `imgtar inspect`: images, layers, changes, history, waste and findings."""
    from imgtar.answers.inspect import inspect_content

    with errors_about(input_name(source)):
        session = read(source, options, EVERYTHING, layer_packages=options.layer_packages)
        shown = filtered(session, options)
        content = inspect_content(session, shown, summary=options.summary, own=options.own, audited=options.audit)
        return InspectedReport(content, session)


def verify(source: Input, options: InspectOptions = DEFAULT_OPTIONS) -> Report[VerifyReport]:
    """The report of `imgtar verify`: every digest recomputed, every byte accounted for.

    `options.expected` states what the archive should be.
    """
    from imgtar.answers.verify import verify_content

    with errors_about(input_name(source)):
        session = read(source, options, EVERYTHING, verify=True, summary=True, layer_packages=options.layer_packages)
        content = verify_content(session, filtered(session, options))
        fields = {name: getattr(content.document, name) for name in content.document.__struct_fields__}
        return Report(shapes.VERIFY, VerifyReport(**fields, ranges=content.ranges), content, session)


def history(source: Input, options: InspectOptions = DEFAULT_OPTIONS) -> Report[HistoryReport]:
    """The report of `imgtar history`: every build step and the layer that it made; no layer is read."""
    from imgtar.answers.history import history_content

    with errors_about(input_name(source)):
        session = read(source, options, CATALOG)
        content = history_content(session, filtered(session, options))
        return Report(shapes.HISTORY, content.document, content, session)


def ids(source: Input, options: InspectOptions = DEFAULT_OPTIONS) -> Report[IdsReport]:
    """The report of `imgtar ids`: the IDs that docker commands show; no layer is read."""
    from imgtar.answers.ids import ids_content

    with errors_about(input_name(source)):
        session = read(source, options, CATALOG)
        content = ids_content(session, filtered(session, options))
        return Report(shapes.IDS, content.document, content, session)


def ls(
    source: Input,
    path: str | None = None,
    *,
    layer: int | None = None,
    upto: int | None = None,
    all_layers: bool = False,
    options: InspectOptions = DEFAULT_OPTIONS,
) -> Report[LsReport]:
    """The report of `imgtar ls`: the files of one image, below `path` or all.

    They are those of the final filesystem, of the layers from 0 to `upto`, or what `layer` stores and removes; with
    `all_layers` what each layer does. Paths that are not there give no entries.
    """
    from imgtar.answers.ls import Listing, ls_content

    with errors_about(input_name(source)):
        view = View(layer=layer, upto=upto)
        session = read(source, options, view.needs)
        listing = Listing(path=path, view=view, all_layers=all_layers)
        content = ls_content(session, filtered(session, options), listing)
        document = msgspec.structs.replace(content.document, entries=list(content.entries()))
        return Report(shapes.LS, document, content, session)


def find(
    source: Input,
    patterns: str | Iterable[str] = (),
    *,
    text: str | None = None,
    standing: Literal["present", "deleted"] | None = None,
    layer: int | None = None,
    upto: int | None = None,
    digests: bool = False,
    options: InspectOptions = DEFAULT_OPTIONS,
) -> Report[FindReport]:
    """The report of `imgtar find`: what every layer did to the paths that the patterns mean.

    A pattern is a path, a name, a glob or `sha256:HEX`, as on the command line. With `text` the content has it; with
    `standing` the path is in the final filesystem, or is gone. `digests`: each version has its SHA-256.
    """
    from imgtar.analysis.search.query import Query, parse_patterns, parse_text
    from imgtar.answers.find import find_content

    with errors_about(input_name(source)):
        view = View(layer=layer, upto=upto)
        query = Query(
            patterns=parse_patterns((patterns,) if isinstance(patterns, str) else patterns),
            standing=standing,
            layer=layer,
            upto=upto,
            digests=digests,
            text=None if text is None else parse_text(text),
        )
        session = read(source, options, view.needs, search=query)
        content = find_content(session, filtered(session, options), view)
        document = msgspec.structs.replace(content.document, matches=list(content.matches()))
        return Report(shapes.FIND, document, content, session)


def duplicates(
    source: Input,
    *,
    all_layers: bool = False,
    min_size: int = _LEAST_DUPLICATE,
    within: Iterable[str] = (),
    options: InspectOptions = DEFAULT_OPTIONS,
) -> Report[DuplicatesReport]:
    """The report of `imgtar duplicates`: files of at least `min_size` bytes with equal contents, below `within`."""
    from imgtar.analysis.duplicates import DuplicatesQuery
    from imgtar.answers.duplicates import duplicates_content, duplicates_of

    with errors_about(input_name(source)):
        query = DuplicatesQuery(all_layers=all_layers, min_size=min_size, within=tuple(within))
        session = read(source, options, FILES, digests=True)
        found = duplicates_of(session, query)
        content = duplicates_content(session, filtered(session, options), found, query, None)
        document = msgspec.structs.replace(content.document, groups=list(content.groups()))
        return Report(shapes.DUPLICATES, document, content, session)


def dockerfile(source: Input, options: InspectOptions = DEFAULT_OPTIONS) -> Report[DockerfileReport]:
    """The report of `imgtar dockerfile`: the Dockerfile line by line, each certain or not."""
    from imgtar.answers.dockerfile import dockerfile_content, tell

    with errors_about(input_name(source)):
        session = read(source, options, EVERYTHING)
        told = tell(session)
        content = dockerfile_content(session, filtered(session, options), told)
        return Report(shapes.DOCKERFILE, content.document, content, session)


def packages(
    source: Input,
    *,
    types: Iterable[str] | None = None,
    layer: int | None = None,
    upto: int | None = None,
    compare_attested: bool = False,
    options: InspectOptions = DEFAULT_OPTIONS,
) -> Report[PackagesReport]:
    """The report of `imgtar packages`: which layer brought which package, its bytes, and what no package owns.

    `types` are those of `--type`, all by default. With `compare_attested` the packages are compared with what SBOMs
    claim. The source may be a root filesystem, too.
    """
    from imgtar.answers.packages import Asked, inventory_work, packages_content
    from imgtar.packages.inventories import TYPES

    with errors_about(input_name(source)):
        wanted = TYPES if types is None else tuple(types)
        asked = Asked(view=View(layer=layer, upto=upto), types=wanted, own=options.own, compares=compare_attested)
        session = read(
            source,
            options,
            asked.view.needs,
            package_types=wanted,
            sbom_files=compare_attested,
            root_filesystem=True,
        )
        work = inventory_work(session, asked, options.limits)
        content = packages_content(session, filtered(session, options), asked, **work)  # type: ignore[arg-type]
        return Report(shapes.PACKAGES, content.document, content, session)


def audit(source: Input, options: InspectOptions = DEFAULT_OPTIONS) -> Report[AuditReport]:
    """The report of `imgtar audit`: what is risky in the image, with secrets redacted.

    No configuration and no ignore file is read; times are compared with `options.judged_on`, today without one.
    """
    from imgtar.answers.audit import audit_content

    with errors_about(input_name(source)):
        settings = audit_settings(options)
        session = read(source, options, EVERYTHING, audit=True, redacts=True, judged_on=settings.judged_on)
        content = audit_content(session, filtered(session, options), settings)
        return Report(shapes.AUDIT, content.document, content, session)


def check(source: Input, gates: Mapping[str, object], options: InspectOptions = DEFAULT_OPTIONS) -> Report[CheckReport]:
    """The report of `imgtar check`: whether the image keeps the limits.

    `gates` has keys and values of the table `check` in imgtar.toml (docs/check.md), such as `max-size`. No
    configuration file is read. Raises UsageError for an invalid gate, or without one.
    """
    from imgtar.answers.check import check_content
    from imgtar.gates.baseline import read_baseline

    with errors_about(input_name(source)):
        policy = policy_of(gates)
        session = read(
            source,
            options,
            EVERYTHING,
            audit=policy.audits,
            redacts=True,
            judged_on=judging_day(options),
            base=options.base if policy.base is None else policy.base,
            base_images=policy.base_image or options.base_images,
        )
        earlier = read_baseline(policy.baseline) if policy.baseline else ()
        content = check_content(session, filtered(session, options), policy, earlier)
        return Report(shapes.CHECK, content.document, content, session)


def report(
    source: Input, gates: Mapping[str, object] | None = None, options: InspectOptions = DEFAULT_OPTIONS
) -> Report[WholeReport]:
    """The report of `imgtar report`: layers, waste, packages, verification and audit of each image, read once.

    `gates` are as in `check`; without them there are no verdicts. No configuration and no ignore file is read.
    """
    from imgtar.answers.report import report_content, report_work
    from imgtar.gates.baseline import read_baseline
    from imgtar.packages.inventories import TYPES

    with errors_about(input_name(source)):
        policy, settings = policy_of(gates) if gates else Policy(), audit_settings(options)
        session = read(
            source,
            options,
            EVERYTHING,
            verify=True,
            one_pass=True,
            audit=True,
            redacts=True,
            package_types=TYPES,
            judged_on=settings.judged_on,
            base=options.base if policy.base is None else policy.base,
            base_images=policy.base_image or options.base_images,
        )
        earlier = read_baseline(policy.baseline) if policy.baseline else ()
        work = report_work(session, options.limits)
        content = report_content(
            session,
            filtered(session, options),
            settings,
            policy,
            earlier=earlier,
            **work,  # type: ignore[arg-type]
        )
        return Report(shapes.REPORT, content.document, content, session)
