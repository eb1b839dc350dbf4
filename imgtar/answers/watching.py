"""What watches the files of an archive while the layers pass, by the options of a session."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from imgtar.answers.options import InspectOptions
from imgtar.limits import Limits

if TYPE_CHECKING:
    from imgtar.analysis.search.search import Search
    from imgtar.audit.auditor import Auditor


def auditor_of(limits: Limits, options: InspectOptions) -> Auditor | None:
    """The auditor; None where no audit is asked for. Raises UsageError where an extra is not installed."""
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


def search_of(limits: Limits, options: InspectOptions) -> Search | None:
    """The search; None where nothing is looked for."""
    if options.search is None:
        return None
    from imgtar.analysis.search.search import Search

    return Search(options.search, limits)
