"""All rules over all images of an archive."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from imgtar.analysis.stacked import Stacked
from imgtar.archive.records import OtherRecord
from imgtar.audit import accounts, configuration_rules, contents, filesystem, supply_chain
from imgtar.audit.configuration import configuration
from imgtar.findings import Finding, FindingLog, Kind
from imgtar.limits import Limits

FAMILIES: dict[str, tuple[Kind, ...]] = {
    "configuration": configuration_rules.KINDS,
    "filesystem": filesystem.KINDS,
    "accounts": accounts.KINDS,
    "secrets": contents.KINDS,
    "supply chain": supply_chain.KINDS,
}


def audit(
    answers: Sequence[Stacked], others: tuple[OtherRecord, ...], limits: Limits, judged_on: datetime
) -> Iterator[Finding]:
    """The findings of every family, with image and layer."""
    searcher = contents.Searcher(limits)
    for number, answer in enumerate(answers):
        log = FindingLog()
        log.extend(_image(answer, others, searcher, judged_on))
        yield from (finding.within(image=number) for finding in log)


def _image(
    answer: Stacked, others: tuple[OtherRecord, ...], searcher: contents.Searcher, judged_on: datetime
) -> Iterator[Finding]:
    found = searcher.image(answer)
    kept = contents.documents(answer, found)
    passwd = kept.get(accounts.PASSWD, b"")
    yield from configuration(answer.image, accounts.root_names(passwd))
    yield from filesystem.filesystem(answer)
    yield from accounts.accounts(passwd, kept.get(accounts.SHADOW, b""))
    yield from contents.secrets(answer, found, kept)
    yield from supply_chain.supply_chain(answer, others, judged_on)
    yield from supply_chain.recoverable(answer)
