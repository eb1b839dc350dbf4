"""What `report` says in every text: the gates, the packages, the waste of an image."""

from __future__ import annotations

from collections.abc import Iterator

from imgtar.contract.content import ReportContent
from imgtar.contract.inspect import Image
from imgtar.contract.packages import CoverageRow
from imgtar.contract.report import PackageSummary
from imgtar.report.words.check import config_words, verdict_words
from imgtar.report.words.image import counted, percent, unread_words
from imgtar.text import escape, human_size

_UNKNOWN = {"deleted": "its database is deleted", "unreadable": "its database is damaged", "unsupported": "not read"}


def gates_words(content: ReportContent) -> str:
    """`2 of 5 gates failed; gates from imgtar.toml`, or that there are no gates; escaped."""
    check, config = content.check, content.document.config
    if check is not None:
        return f"{verdict_words(check)}; {config_words(check)}"
    return "no gates are configured" if config is None else f"no gates are configured in {escape(config)}"


def packages_words(summary: PackageSummary, image: Image) -> str:
    """`312 packages (deb, python) of Debian 12 own 45.1 MB of 80 MB; 34.9 MB belong to no package`; escaped.

    Of an image that was not read completely it is what was found so far.
    """
    totals, read = summary.totals, "as far as it was read, " if unread_words(image) else ""
    if not totals.packages:
        return f"{read}no packages found"
    types = dict.fromkeys(row.type for row in summary.coverage if row.packages)
    system = summary.os
    name = "" if system is None or system.pretty_name is None else f" of {escape(system.pretty_name)}"
    owned = f"{human_size(totals.owned_bytes)} of {human_size(totals.stored_bytes)}"
    verb = "owns" if totals.packages == 1 else "own"
    packages = f"{counted(totals.packages, 'package')} ({', '.join(types)}){name}"
    return f"{read}{packages} {verb} {owned}; {human_size(totals.unowned_bytes)} belong to no package"


def unread_packages(summary: PackageSummary) -> Iterator[str]:
    """What is known to be missing among the packages: `rpm: its database is damaged (/var/lib/rpm/…)`; escaped."""
    for row in summary.coverage:
        if row.state in _UNKNOWN:
            yield f"{row.type}: {_UNKNOWN[row.state]}{_database(row)}"


def _database(row: CoverageRow) -> str:
    return "" if row.database is None else f" ({escape(row.database)})"


def waste_words(image: Image) -> str:
    """`12 MB of 80 MB stored (15.0 %) are not reachable in the final image`, or that there is none."""
    totals, unread = image.totals, unread_words(image)
    if not totals.wasted_bytes:
        return f"not known: {unread}" if unread else "none: every stored byte is in the final filesystem"
    share = percent(totals.wasted_bytes / totals.stored_bytes) if totals.stored_bytes else "0 %"
    found = f"{human_size(totals.wasted_bytes)} of {human_size(totals.stored_bytes)} stored ({share})"
    return f"at least {found}: {unread}" if unread else f"{found} are no longer reachable in the final image"
