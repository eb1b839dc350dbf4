"""All rules over all images of an archive."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from imgtar.analysis.stacked_image import MeasuredImage
from imgtar.archive.archive import Archive
from imgtar.audit.kingfisher import RULE_MATCHES, KingfisherProbe
from imgtar.audit.packaged import PackageProbe, is_every_database_read
from imgtar.audit.rules import (
    accounts,
    attestations,
    configuration,
    configuration_kinds,
    entries,
    file_secrets,
    recoverable,
    supply_chain,
)
from imgtar.audit.secrets.collector import SecretRoom
from imgtar.audit.secrets.probe import SecretProbe
from imgtar.findings import Finding, FindingLog, Ignores, Kind, Where
from imgtar.image.image import Image
from imgtar.layer.probes import Probe
from imgtar.limits import LimitReached, Limits

RULE_FAMILIES: dict[str, tuple[Kind, ...]] = {
    "configuration": configuration_kinds.KINDS,
    "filesystem": entries.KINDS,
    "accounts": accounts.KINDS,
    "secrets": file_secrets.KINDS,
    "deleted but recoverable": recoverable.KINDS,
    "supply chain": (*supply_chain.KINDS, *attestations.KINDS),
}


class Auditor:
    """Audits the images of one archive, one after the other.

    The `probes` see the files while the layers are read; afterwards `findings` applies the rules. `judged_on` is the
    day that times are compared with, in UTC. `all_places`: secrets in tests, examples and the like keep their severity.
    `packaged`: what looks like a secret in the files of packages is listed. `kingfisher`: Kingfisher searches for
    secrets too; raises UsageError where it is not installed. Findings that `ignores` leaves out do not count against
    the number that is listed.
    """

    def __init__(
        self,
        limits: Limits,
        judged_on: date,
        *,
        all_places: bool = False,
        packaged: bool = False,
        kingfisher: bool = False,
        ignores: Ignores | None = None,
    ) -> None:
        self._room = SecretRoom(limits.secrets)
        self.probes: tuple[Probe[object], ...] = (
            SecretProbe(limits, self._room),
            accounts.account_probe(limits),
            PackageProbe(limits),
            *((KingfisherProbe(limits, self._room),) if kingfisher else ()),
        )
        self._limits = limits
        self._judged_on = judged_on
        self._reported: set[tuple[int, str, str]] = set()
        self._audited: set[tuple[object, ...]] = set()
        self._search = configuration.TextSearch(self._room)
        self._all_places = all_places
        self._packaged = packaged
        self._ignores = ignores

    def findings(self, number: int, stacked: MeasuredImage, archive: Archive, *, several: bool) -> Iterator[Finding]:
        """The findings of every family on image `number`, with their places.

        Where the archive has `several` images, a finding on a layer is reported for the first image with that layer.
        """
        log = FindingLog(ignores=self._ignores)
        for finding in self._image(stacked, archive):
            if not several or _is_first_report(stacked, finding, self._reported):
                log.add(finding)
        for finding in log:
            layer = finding.where.layer
            blob = None if layer is None else stacked.image.layers[layer].ref.member
            yield finding.within(image=number, member=None if blob is None else blob.name)

    def _image(self, stacked: MeasuredImage, archive: Archive) -> Iterator[Finding]:
        passwd = accounts.account_file(stacked.tree, accounts.PASSWD)
        yield from configuration.configuration_findings(stacked.image, accounts.root_names(passwd), self._search)
        yield from accounts.account_findings(passwd, accounts.account_file(stacked.tree, accounts.SHADOW))
        if not self._is_audited(stacked.image):
            yield from self._layers(stacked, passwd)
        if self._room.is_full:
            yield LimitReached("secrets", self._limits.secrets).finding(
                unsearched="not all secrets are listed", files=""
            )
        yield from supply_chain.supply_chain_findings(stacked.image, self._judged_on)
        digest = stacked.image.record.manifest_digest
        if digest is not None:
            yield from attestations.attestation_findings(str(digest), archive, self._limits)

    def _is_audited(self, image: Image) -> bool:
        """Was an image with the same layers by the same instructions audited? Its findings on layers are the same."""
        steps = (image.pairing.step_of(layer.index) for layer in image.layers)
        made_by = (None if step is None else step.instruction for step in steps)
        key = (*(id(layer.scan) for layer in image.layers), *made_by)
        is_audited = key in self._audited
        self._audited.add(key)
        return is_audited

    def _layers(self, stacked: MeasuredImage, passwd: bytes) -> Iterator[Finding]:
        """The findings on layers."""
        yield from self._unseen(stacked)
        yield from accounts.lower_hashes(stacked.tree)
        yield from entries.entry_findings(stacked)
        if passwd:
            yield from entries.unowned_files(stacked, accounts.uids(passwd))
        yield from file_secrets.file_secrets(stacked, all_places=self._all_places, packaged=self._packaged)
        yield from recoverable.recoverable_files(stacked)

    def _unseen(self, stacked: MeasuredImage) -> Iterator[Finding]:
        """The layers of which a probe did not see all that it wants, because its limit was reached."""
        limits = self._limits
        for index, scan in enumerate(stacked.tree.scans):
            answers = None if scan is None else scan.answers
            if scan is not None:
                yield from file_secrets.unsearched_files(scan, limits, Where(layer=index))
            if answers is not None and not answers.of(RULE_MATCHES).complete and not self._room.is_full:
                reached = LimitReached("secret-time", limits.secret_time, Where(layer=index))
                yield reached.finding(unsearched="Kingfisher did not search all files", files="")
            if answers is not None and not answers.of(accounts.ACCOUNT_FILES).complete:
                yield LimitReached("account-bytes", limits.account_bytes, Where(layer=index)).finding()
            if answers is not None and not is_every_database_read(answers):
                yield LimitReached("package-list-bytes", limits.package_list_bytes, Where(layer=index)).finding()


def _is_first_report(stacked: MeasuredImage, finding: Finding, reported: set[tuple[int, str, str]]) -> bool:
    """Is the finding the first of its kind on a layer? Then it is added to `reported`.

    Images that share a layer share its scan.
    """
    layer = finding.where.layer
    if layer is None:
        return True
    key = (id(stacked.image.layers[layer].scan), finding.code, repr((finding.where.path, finding.arguments)))
    is_first = key not in reported
    reported.add(key)
    return is_first
