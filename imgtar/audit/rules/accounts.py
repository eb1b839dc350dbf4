"""Users and passwords: /etc/passwd of the final filesystem, and /etc/shadow of every layer."""

from __future__ import annotations

import re
from collections.abc import Iterator

from imgtar.filesystem.tree import FileTree
from imgtar.findings import Finding, Kind, Severity, Where
from imgtar.formats.tar.path import clean
from imgtar.layer.probes import DocumentProbe, Topic
from imgtar.layer.scan import LayerScan
from imgtar.limits import Limits

EMPTY_PASSWORD = Kind(
    code="account.empty-password",
    severity=Severity.HIGH,
    sentence="the user {name} has an empty password in /etc/shadow",
    meaning="Anyone can log in as this user wherever the container offers a login.",
    remedy="Lock the account (passwd -l) or set a password.",
    references=("DKL-LI-0001",),
)
PASSWORD_HASH = Kind(
    code="account.password-hash",
    severity=Severity.MEDIUM,
    sentence="the user {name} has the hash of a password in /etc/shadow",
    meaning="Everyone who has the image can guess the password without limit; all containers of the image share it.",
    remedy="Lock the account (passwd -l), and change the password wherever else it is used.",
    references=("CIS-Docker-4.10",),
)
DUPLICATE_UID = Kind(
    code="account.duplicate-uid",
    severity=Severity.MEDIUM,
    sentence="the users {names} share the uid {uid}",
    meaning="Users that share a uid have the same rights and own each other's files.",
    remedy="Give each user its own uid.",
    references=("DKL-LI-0002",),
)
LOWER_HASH = Kind(
    code="account.hash-in-lower-layer",
    severity=Severity.MEDIUM,
    sentence="the user {name} has the hash of a password in an /etc/shadow that a later layer replaces or deletes",
    meaning="Everyone who has the image can read the file in its layer and guess the password without limit.",
    remedy="Change the password wherever else it is used, and rebuild the image without the file.",
    references=("CIS-Docker-4.10",),
)
KINDS = (EMPTY_PASSWORD, PASSWORD_HASH, LOWER_HASH, DUPLICATE_UID)
# crypt(5): a method between dollar signs, or the 13 characters of DES. A lock (`!`) before the hash keeps the hash.
_HASH = re.compile(rb"!{0,2}(?:\$[0-9a-z]{1,8}\$\S{10,}|[./0-9A-Za-z]{13})")
PASSWD, SHADOW = b"etc/passwd", b"etc/shadow"
ACCOUNT_FILES: Topic[bytes] = Topic("account-files")


def is_account_file(path: bytes) -> bool:
    """Is it /etc/passwd or /etc/shadow?"""
    return path in (PASSWD, SHADOW)


def account_probe(limits: Limits) -> DocumentProbe:
    """Keeps the content of the account files of every layer, up to the limit `account-bytes`."""
    return DocumentProbe(ACCOUNT_FILES, is_account_file, limits.account_bytes)


def account_file(tree: FileTree, path: bytes) -> bytes:
    """The content of an account file in the final filesystem; empty if there is none."""
    if path not in tree:
        return b""
    entry = tree.entry(path)
    scan = tree.scans[entry.scan_layer]
    content = None if scan is None else scan.answers.of(ACCOUNT_FILES).by_offset.get(entry.member.offset)
    return content or b""


def account_findings(passwd: bytes, shadow: bytes) -> Iterator[Finding]:
    """The findings in the content of both files; content is empty if a file is missing."""
    for fields in _rows(shadow):
        if len(fields) > 2 and fields[0] and not fields[1]:
            yield EMPTY_PASSWORD.at(Where(path=SHADOW), name=fields[0])
    for name, _ in _hashes(shadow):
        yield PASSWORD_HASH.at(Where(path=SHADOW), name=name)
    users: dict[int, list[bytes]] = {}
    for name, uid in _users(passwd):
        users.setdefault(uid, []).append(name)
    for uid, names in users.items():
        distinct = list(dict.fromkeys(names))
        if len(distinct) > 1:
            yield DUPLICATE_UID.at(Where(path=PASSWD), uid=uid, names=b", ".join(distinct))


def lower_hashes(tree: FileTree) -> Iterator[Finding]:
    """The hashes of passwords that stand in an /etc/shadow of a layer but not in the final one, each once."""
    known = set(_hashes(account_file(tree, SHADOW)))
    for index, scan in enumerate(tree.scans):
        for offset, content in () if scan is None else scan.answers.of(ACCOUNT_FILES).by_offset.items():
            if scan is not None and offset in _shadow_offsets(scan):
                for name, digits in _hashes(content):
                    if (name, digits) not in known:
                        known.add((name, digits))
                        yield LOWER_HASH.at(Where(layer=index, path=SHADOW), name=name)


def _shadow_offsets(scan: LayerScan) -> set[int]:
    """Where the layer stores /etc/shadow, also files that it stores over."""
    entry = scan.entries.get(SHADOW)
    strays = {member.offset for member in scan.strays if clean(member.name) == SHADOW}
    return strays if entry is None else strays | {entry.offset}


def _hashes(shadow: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Name and hash of each user who has one."""
    for fields in _rows(shadow):
        if len(fields) > 2 and _HASH.fullmatch(fields[1]):
            yield fields[0], fields[1]


def uids(passwd: bytes) -> frozenset[int]:
    """The uids in the content of /etc/passwd."""
    return frozenset(uid for _, uid in _users(passwd))


def root_names(passwd: bytes) -> frozenset[str]:
    """The names of the users with uid 0 in the content of /etc/passwd."""
    return frozenset(name.decode("utf-8", "replace") for name, uid in _users(passwd) if uid == 0)


def _users(passwd: bytes) -> Iterator[tuple[bytes, int]]:
    for fields in _rows(passwd):
        if len(fields) > 3 and fields[2].isdigit() and len(fields[2]) < 12:
            yield fields[0], int(fields[2])


def _rows(content: bytes) -> Iterator[list[bytes]]:
    return (line.split(b":") for line in content.splitlines() if line and not line.startswith(b"#"))
