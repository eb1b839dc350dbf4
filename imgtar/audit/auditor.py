"""All rules over all images of an archive."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from imgtar.analysis.stacked_image import Stacked
from imgtar.archive.archive import Archive
from imgtar.audit.package_files import package_list_probe
from imgtar.audit.rules import accounts, attestations, recoverable, supply_chain
from imgtar.audit.rules import configuration_kinds as configuration_rules
from imgtar.audit.rules import entries as filesystem
from imgtar.audit.rules import file_secrets as contents
from imgtar.audit.rules.configuration import configuration
from imgtar.findings import Finding, FindingLog, Kind
from imgtar.layer.probes import Probe
from imgtar.limits import Limits

FAMILIES: dict[str, tuple[Kind, ...]] = {
    "configuration": configuration_rules.KINDS,
    "filesystem": filesystem.KINDS,
    "accounts": accounts.KINDS,
    "secrets": contents.KINDS,
    "deleted but recoverable": recoverable.KINDS,
    "supply chain": (*supply_chain.KINDS, *attestations.KINDS),
}


class Auditor:
    """Audits the images of one archive.

    Its `probes` watch the files while they are read, `findings` judges afterwards. `judged_on` is
    the day that times are compared with.
    """

    def __init__(self, limits: Limits, judged_on: date) -> None:
        self.probes: tuple[Probe[object], ...] = (
            contents.SecretProbe(limits),
            accounts.account_probe(),
            package_list_probe(),
        )
        self._limits = limits
        self._judged_on = judged_on

    def findings(self, answers: Sequence[Stacked], archive: Archive) -> Iterator[Finding]:
        """The findings of every family with their places; what images say alike of a layer they share is told once."""
        told: set[tuple[int, str, str]] = set()
        for number, answer in enumerate(answers):
            log = FindingLog()
            found = self._image(answer, archive)
            log.extend(found if len(answers) == 1 else (row for row in found if _is_news(answer, row, told)))
            for finding in log:
                layer = finding.where.layer
                blob = None if layer is None else answer.image.layers[layer].ref.member
                yield finding.within(image=number, member=None if blob is None else blob.name)

    def _image(self, answer: Stacked, archive: Archive) -> Iterator[Finding]:
        passwd = accounts.account_file(answer.tree, accounts.PASSWD)
        yield from configuration(answer.image, accounts.root_names(passwd))
        yield from filesystem.filesystem(answer)
        if passwd:
            yield from filesystem.unowned(answer, accounts.uids(passwd))
        yield from accounts.accounts(passwd, accounts.account_file(answer.tree, accounts.SHADOW))
        yield from contents.secrets(answer, self._limits)
        yield from recoverable.recoverable(answer)
        yield from supply_chain.supply_chain(answer.image, self._judged_on)
        digest = answer.image.record.manifest_digest
        if digest is not None:
            yield from attestations.attestations(str(digest), archive, self._limits)


def _is_news(answer: Stacked, finding: Finding, told: set[tuple[int, str, str]]) -> bool:
    layer = finding.where.layer
    if layer is None:
        return True
    key = (id(answer.image.layers[layer].scan), finding.code, repr((finding.where.path, finding.arguments)))
    if key in told:
        return False
    told.add(key)
    return True
