"""The users of the image: its passwd and shadow files, as the final filesystem has them."""

from __future__ import annotations

from collections.abc import Iterator

from imgtar.filesystem.tree import FileTree
from imgtar.findings import Finding, Kind, Severity, Where
from imgtar.layer.probes import DocumentProbe, Topic

EMPTY_PASSWORD = Kind(
    code="account.empty-password",
    severity=Severity.HIGH,
    sentence="the user {name} has an empty password in /etc/shadow",
    meaning="Anybody can log in as this user where a login is offered.",
    remedy="Lock the account (passwd -l).",
    references=("DKL-LI-0001",),
)
DUPLICATE_UID = Kind(
    code="account.duplicate-uid",
    severity=Severity.MEDIUM,
    sentence="the users {names} share the uid {uid}",
    meaning="Users with one uid have each other's rights.",
    remedy="Give each user a uid of its own.",
    references=("DKL-LI-0002",),
)
KINDS = (EMPTY_PASSWORD, DUPLICATE_UID)
PASSWD, SHADOW = b"etc/passwd", b"etc/shadow"
ACCOUNT_FILES: Topic[bytes] = Topic("account-files")
_BUDGET = 64 << 20  # bytes of the account files of all layers


def is_account_file(path: bytes) -> bool:
    """Does the file tell of users?"""
    return path in (PASSWD, SHADOW)


def account_probe() -> DocumentProbe:
    """Keeps the account files of every layer."""
    return DocumentProbe(ACCOUNT_FILES, is_account_file, _BUDGET)


def account_file(tree: FileTree, path: bytes) -> bytes:
    """What the final filesystem has at the path of an account file; empty where it has none."""
    if path not in tree:
        return b""
    standing = tree.entry(path)
    scan = tree.scans[standing.scan_layer]
    found = None if scan is None else scan.answers.of(ACCOUNT_FILES).by_offset.get(standing.member.offset)
    return found or b""


def accounts(passwd: bytes, shadow: bytes) -> Iterator[Finding]:
    """The findings of both files; empty bytes for one that is not there."""
    for fields in _rows(shadow):
        if len(fields) > 2 and fields[0] and not fields[1]:
            yield EMPTY_PASSWORD.at(Where(path=SHADOW), name=fields[0])
    users: dict[int, list[bytes]] = {}
    for name, uid in _users(passwd):
        users.setdefault(uid, []).append(name)
    for uid, names in users.items():
        distinct = list(dict.fromkeys(names))
        if len(distinct) > 1:
            yield DUPLICATE_UID.at(Where(path=PASSWD), uid=uid, names=b", ".join(distinct))


def uids(passwd: bytes) -> frozenset[int]:
    """The uids that passwd names."""
    return frozenset(uid for _, uid in _users(passwd))


def root_names(passwd: bytes) -> frozenset[str]:
    """The users whose uid is 0."""
    return frozenset(name.decode("utf-8", "replace") for name, uid in _users(passwd) if uid == 0)


def _users(passwd: bytes) -> Iterator[tuple[bytes, int]]:
    for fields in _rows(passwd):
        if len(fields) > 3 and fields[2].isdigit() and len(fields[2]) < 12:
            yield fields[0], int(fields[2])


def _rows(content: bytes) -> Iterator[list[bytes]]:
    return (line.split(b":") for line in content.splitlines() if line and not line.startswith(b"#"))
