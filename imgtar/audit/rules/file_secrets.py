"""Secrets in the files of every layer, also in files that a later layer deletes or overwrites."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

import msgspec

from imgtar.analysis.stacked_image import MeasuredImage
from imgtar.audit.kingfisher import RULE_MATCHES, RuleMatch
from imgtar.audit.packaged import Owner, PackagedFiles
from imgtar.audit.rules import packaged_secrets, unread_inside
from imgtar.audit.rules.packaged_secrets import PackagedSecrets
from imgtar.audit.rules.removals import Removal, Removals
from imgtar.audit.rules.unread_inside import UnreadFiles
from imgtar.audit.secrets.collector import Secret
from imgtar.audit.secrets.credential_files.reader import CREDENTIAL_KINDS, CredentialKind
from imgtar.audit.secrets.kind import SecretKind
from imgtar.audit.secrets.kinds import DESCRIPTIONS, GENERIC, SECRET_KINDS
from imgtar.audit.secrets.places import sample_place
from imgtar.audit.secrets.probe import FILE_SECRETS, FileSecrets
from imgtar.audit.secrets.sample_keys import SAMPLE_DESCRIPTION, SAMPLE_KEY
from imgtar.findings import Finding, Kind, Severity, Where
from imgtar.formats.tar.path import clean
from imgtar.layer.scan import LayerScan
from imgtar.limits import LimitReached, Limits

_NAMED = 3  # files that a finding names
_OVERWRITTEN_IN_ITS_LAYER = "; the same layer stores another file at this path, but this one is still in the archive"
Result = TypeVar("Result")


def _kind(kind: SecretKind) -> Kind:
    return Kind(
        code=f"secret.{kind.name}",
        severity=kind.severity,
        sentence=f"{{path}}{{line}} holds what looks like {kind.description}: {{shown}}{{note}}{{removal}}",
        meaning=f"A file holds text that has the form of {kind.description}.",
        remedy=(
            "Revoke the secret: everyone who has the archive can read it. "
            "Provide secrets at run time or as build secrets."
        ),
        references=("CIS-Docker-4.10", "CIS-DI-0010", *kind.references),
        always_listed=True,
    )


def _credential(kind: CredentialKind) -> Kind:
    return Kind(
        code=f"secret.{kind.code}",
        severity=kind.severity,
        sentence=f"{{path}}{{line}} holds {kind.description}: {{shown}}{{note}}{{removal}}",
        meaning=f"The structure of the file says that it holds {kind.description}.",
        remedy=(
            "Revoke the secret: everyone who has the archive can read it. "
            "Provide secrets at run time or as build secrets."
        ),
        references=("CIS-Docker-4.10", "CIS-DI-0010"),
        always_listed=True,
    )


SECRETS = {kind.name: _kind(kind) for kind in (*SECRET_KINDS, GENERIC)}
SECRETS |= {kind.code: _credential(kind) for kind in CREDENTIAL_KINDS}
_BY_RULE = "kingfisher"
SECRETS[_BY_RULE] = Kind(
    code="secret.kingfisher",
    severity=Severity.HIGH,
    sentence="{path}{line} holds a secret by Kingfisher's rule {rules}: {shown}{note}{removal}",
    meaning="A file holds text that a rule of Kingfisher takes for a secret, and that is of no kind that imgtar knows.",
    remedy=(
        "Read the text. If it is a secret, revoke it: everyone who has the archive can read it. "
        "Provide secrets at run time or as build secrets."
    ),
    references=("CIS-Docker-4.10", "CIS-DI-0010"),
    always_listed=True,
)
SECRETS[SAMPLE_KEY] = Kind(
    code=f"secret.{SAMPLE_KEY}",
    severity=Severity.INFO,
    sentence="{path}{line} holds a private key that is public: {shown}{note}{removal}",
    meaning="A file holds a private key from the published tests of software. Everyone has it: it is not a secret.",
    remedy="Make sure that nothing trusts the key.",
    references=("CIS-Docker-4.10", "CIS-DI-0010"),
    always_listed=True,
)
_DESCRIPTIONS = DESCRIPTIONS | {kind.code: kind.description for kind in CREDENTIAL_KINDS}
_DESCRIPTIONS[SAMPLE_KEY] = SAMPLE_DESCRIPTION
_DESCRIPTIONS[_BY_RULE] = "a secret by a rule of Kingfisher"
_CHECKED = frozenset(kind.name for kind in SECRET_KINDS if kind.issued is not None)
IN_LOWER_LAYER = Kind(
    code="secret.in-lower-layer",
    severity=Severity.HIGH,
    sentence="{path} with {description} is not in the final filesystem{removal}",
    meaning="A secret that a later layer deletes or overwrites can still be read from the layer that added it.",
    remedy="Revoke the secret and rebuild the image without it: a later step hides a file from containers only.",
    always_listed=True,
)
KINDS = (*SECRETS.values(), IN_LOWER_LAYER, *packaged_secrets.KINDS, *unread_inside.KINDS)


def _with_rules(found: tuple[Secret, ...], matches: tuple[RuleMatch, ...]) -> tuple[Secret, ...]:
    """What both engines found in one file; a secret that both found is told once, with the rules of Kingfisher."""
    known = {secret.fingerprint for secret in found}
    rules: dict[int, list[str]] = {}
    best: dict[int, RuleMatch] = {}  # of the matches of one secret one of high confidence, if there is one
    for match in matches:
        for fingerprint in known.intersection((match.fingerprint, *match.same)) or (match.fingerprint,):
            rules.setdefault(fingerprint, []).append(match.rule)
            if fingerprint not in best or match.confidence == "high":
                best[fingerprint] = match
    joined = [msgspec.structs.replace(secret, rules=tuple(rules.get(secret.fingerprint, ()))) for secret in found]
    own = ((fingerprint, match) for fingerprint, match in best.items() if fingerprint not in known)
    return (
        *joined,
        *(
            Secret(_BY_RULE, match.shown, 0, tuple(rules[fingerprint]), match.confidence == "high")
            for fingerprint, match in own
        ),
    )


def _found(scan: LayerScan) -> Mapping[int, FileSecrets]:
    """The secrets of each file of a layer, by the offset of its body."""
    found = dict(scan.answers.of(FILE_SECRETS).by_offset)
    for offset, matches in scan.answers.of(RULE_MATCHES).by_offset.items():
        earlier = found.get(offset, FileSecrets((), matches.digests))
        secrets = _with_rules(earlier.secrets, matches.matches)
        found[offset] = msgspec.structs.replace(earlier, secrets=secrets, digests=matches.digests)
    return {offset: row for offset, row in found.items() if row.secrets}


def file_secrets(stacked: MeasuredImage, *, all_places: bool = False, packaged: bool = False) -> Iterator[Finding]:
    """The secrets in every layer. The findings lack the number of the image.

    A secret in a test, an example or the like is at most *low*, unless `all_places`. What a package brought is counted
    for each layer, or listed as *info* where `packaged`.
    """
    scans = {id(scan): scan for scan in stacked.tree.scans if scan is not None}
    secrets = {number: list(_located(scan, _found(scan))) for number, scan in scans.items()}
    paths = {path for rows in secrets.values() for path, _, _ in rows}
    removals = Removals(stacked, paths)
    packages = PackagedFiles(stacked, paths)
    for index, scan in enumerate(stacked.tree.scans):
        if scan is None:
            continue
        counted = None if packaged else PackagedSecrets()
        for path, found, is_entry in secrets[id(scan)]:
            overwritten = Removal(index, _OVERWRITTEN_IN_ITS_LAYER)
            removal = removals.above(index, path) if is_entry else overwritten
            where = Where(layer=index, path=path, removed_in=removal.layer)
            owner = packages.owner(index, path, found.digests, removal.layer)
            listed = found.secrets
            if owner is not None and counted is not None:
                brought = [secret for secret in found.secrets if _is_packaged(secret, owner)]
                listed = tuple(secret for secret in found.secrets if secret not in brought)
                counted.add(path, owner.type, [SECRETS[secret.kind] for secret in brought])
            found = msgspec.structs.replace(found, secrets=listed)
            yield from _file(where, found, removal.text, owner, all_places=all_places)
        if counted:
            yield counted.finding(index)


def _is_packaged(secret: Secret, owner: Owner | None) -> bool:
    """Did the package bring the secret? A token whose checksum is right needs a digest that proves it."""
    return owner is not None and (owner.is_compared or secret.kind not in _CHECKED)


def _file(
    where: Where, found: FileSecrets, removal: str, owner: Owner | None, *, all_places: bool
) -> Iterator[Finding]:
    path = b"/" + (where.path or b"")
    worst: tuple[Kind, str] | None = None
    for secret in found.secrets:
        kind, note, full = SECRETS[secret.kind], "", path + secret.inside
        place = None if all_places else sample_place(full[1:].replace(b"!/", b"/"))
        if secret.rules:
            kind = msgspec.structs.replace(kind, references=(*kind.references, *secret.rules))
        if not secret.likely:
            kind = kind.at_most(Severity.MEDIUM)
        if owner is not None and _is_packaged(secret, owner):
            kind, note = kind.at_most(Severity.INFO), f", brought by a package ({owner.type})"
        elif place is not None and secret.kind not in _CHECKED:
            kind, note = kind.at_most(Severity.LOW), f", in {place}"
        if worst is None or kind.severity.rank > worst[0].severity.rank:
            worst = kind, _DESCRIPTIONS[secret.kind]
        line = f" (line {secret.line})" if secret.line else ""
        rules = " and ".join(secret.rules)
        yield kind.at(where, None, path=full, line=line, shown=secret.shown, rules=rules, note=note, removal=removal)
    if removal and worst is not None:
        kind, description = worst
        gone = IN_LOWER_LAYER.at_most(kind.severity)
        yield gone.at(where, None, path=path, description=description, removal=removal)


def unsearched_files(scan: LayerScan, limits: Limits, where: Where) -> Iterator[Finding]:
    """For each limit of the search that was reached, which files of the layer were not searched to their end."""
    answers = scan.answers.of(FILE_SECRETS).by_offset
    rows = list(
        _located(scan, {offset: found for offset, found in answers.items() if found.unsearched or found.unread})
    )
    unread = UnreadFiles()
    for path, found, _ in rows:
        if found.unread is not None:
            unread.add(path, found.unread)
    if unread:
        yield unread.finding(where)
    for name, limit in (
        ("secrets", limits.secrets),
        ("secret-time", limits.secret_time),
        ("secret-file-bytes", limits.secret_file_bytes),
        ("inside-bytes", limits.inside_bytes),
    ):
        files = sorted((-found.unsearched, path) for path, found, _ in rows if found.reached == name)
        if files:
            size = -sum(unsearched for unsearched, _ in files)
            words = "1 file was" if len(files) == 1 else f"{len(files):,} files were"
            named = b", ".join(b"/%s (%d)" % (path, -unsearched) for unsearched, path in files[:_NAMED])
            unsearched = f"{words} not searched for secrets to the end, {size:,} bytes are left; the largest: "
            yield LimitReached(name, limit, where).finding(unsearched=unsearched, files=named)


def _located(scan: LayerScan, answers: Mapping[int, Result]) -> Iterator[tuple[bytes, Result, bool]]:
    """Path and answer for each file of a layer, and whether the file is the layer's last at its path.

    `answers` are by the offset of the body. Sorted by path.
    """
    if not answers:
        return
    entries = {member.offset: path for path, member in scan.entries.items() if member.offset in answers}
    strays = {member.offset: clean(member.name) for member in scan.strays}
    for path, offset in sorted((entries.get(offset, strays.get(offset, b"")), offset) for offset in answers):
        yield path, answers[offset], offset in entries
