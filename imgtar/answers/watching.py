"""What watches the files of an archive while the layers pass, by the options of a session."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from imgtar.answers.options import InspectOptions
from imgtar.limits import Limits

if TYPE_CHECKING:
    from imgtar.analysis.search.contents import DigestProbe
    from imgtar.analysis.search.search import Search
    from imgtar.audit.auditor import Auditor
    from imgtar.layer.places import PlaceReader
    from imgtar.layer.probes import Probe


class Watching(NamedTuple):
    """What watches; None is what nobody asked for. `digests` watches only where the archive passes once."""

    auditor: Auditor | None = None
    search: Search | None = None
    digests: DigestProbe | None = None
    packages: Sequence[Probe[object]] = ()
    places: PlaceReader[object] | None = None

    @property
    def probes(self) -> Sequence[Probe[object]]:
        """What watches every layer."""
        asked = (each.probes for each in (self.auditor, self.search) if each is not None)
        return [*(probe for probes in asked for probe in probes), *self.packages]

    @property
    def passing_probes(self) -> Sequence[Probe[object]]:
        """What watches the layers too where the archive passes once."""
        of_search = () if self.search is None else self.search.passing_probes
        return of_search if self.digests is None else (*of_search, self.digests)

    @property
    def wants_contents(self) -> bool:
        """Is the digest of every file needed?"""
        return self.search is not None and self.search.wants_contents


NOTHING_WATCHES = Watching()


def watching_of(limits: Limits, options: InspectOptions) -> Watching:
    """What watches with these options. Raises UsageError where an extra is not installed."""
    found = Watching(
        _auditor(limits, options), _search(limits, options), _digests(limits, options), _packages(limits, options)
    )
    if not options.layer_packages or found.probes or found.passing_probes:
        return found
    from imgtar.analysis.inventory.system_databases import SystemDatabases

    return found._replace(places=SystemDatabases())


def _auditor(limits: Limits, options: InspectOptions) -> Auditor | None:
    if not options.audit:
        return None
    from imgtar.audit.auditor import Auditor  # its patterns take a while to compile

    return Auditor(
        limits,
        options.judged_on or datetime.now(UTC).date(),
        all_places=options.all_places,
        packaged=options.packaged,
        kingfisher=options.kingfisher,
        ignores=options.ignores,
    )


def _search(limits: Limits, options: InspectOptions) -> Search | None:
    if options.search is None:
        return None
    from imgtar.analysis.search.search import Search

    return Search(options.search, limits)


def _digests(limits: Limits, options: InspectOptions) -> DigestProbe | None:
    if not options.digests:
        return None
    from imgtar.analysis.search.contents import DigestProbe

    return DigestProbe(None, limits)


def _packages(limits: Limits, options: InspectOptions) -> Sequence[Probe[object]]:
    if not options.package_types:
        return ()
    from imgtar.analysis.inventory.os_release import system_probe
    from imgtar.analysis.inventory.probe import InventoryProbe
    from imgtar.analysis.inventory.sbom_files import sbom_files_probe

    probes = InventoryProbe(limits, frozenset(options.package_types)), system_probe()
    return (*probes, sbom_files_probe(limits)) if options.sbom_files else probes
