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


class Auditor:
    """Audits the images of one archive: its `look` sees their files while they are read, `findings` judges them after.

    `judged_on` is the day that times are compared with.
    """

    def __init__(self, limits: Limits, judged_on: datetime) -> None:
        self.look = contents.Searcher(limits)
        self._limits = limits
        self._judged_on = judged_on

    def findings(self, answers: Sequence[Stacked], others: tuple[OtherRecord, ...]) -> Iterator[Finding]:
        """The findings of every family with their places; what images say alike of a layer they share is told once."""
        told: set[tuple[int, str, str]] = set()
        for number, answer in enumerate(answers):
            log = FindingLog()
            log.extend(finding for finding in self._image(answer, others) if _is_news(answer, finding, told))
            for finding in log:
                layer = None if finding.where.layer is None else answer.image.layers[finding.where.layer].ref.member
                yield finding.within(image=number, member=None if layer is None else layer.name)

    def _image(self, answer: Stacked, others: tuple[OtherRecord, ...]) -> Iterator[Finding]:
        passwd = contents.account_file(answer, accounts.PASSWD)
        yield from configuration(answer.image, accounts.root_names(passwd))
        yield from filesystem.filesystem(answer)
        yield from accounts.accounts(passwd, contents.account_file(answer, accounts.SHADOW))
        yield from contents.secrets(answer, self._limits)
        yield from supply_chain.supply_chain(answer, others, self._judged_on)
        yield from supply_chain.recoverable(answer)


def _is_news(answer: Stacked, finding: Finding, told: set[tuple[int, str, str]]) -> bool:
    layer = finding.where.layer
    if layer is None:
        return True
    key = (id(answer.image.layers[layer].scan), finding.code, repr((finding.where.path, finding.arguments)))
    if key in told:
        return False
    told.add(key)
    return True
