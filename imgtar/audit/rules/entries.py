"""Privileges, devices, owners and leftovers: risky entries, each reported in the layer that adds or changes it."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from imgtar.analysis.stacked_image import MeasuredImage
from imgtar.audit.rules.removals import Removal, Removals
from imgtar.findings import Finding, Kind, Severity, Where
from imgtar.formats.tar import TarMember
from imgtar.layer.scan import LayerScan

SETUID = Kind(
    code="layer.setuid",
    severity=Severity.INFO,
    sentence="{path} has mode {mode}, so it runs with the rights of its {runs_as}{removal}",
    meaning="A setuid or setgid program runs with the rights of its owner or group, regardless of who starts it.",
    remedy="Remove the bit if the image does not need it (chmod a-s in the step that adds the file).",
    references=("CIS-Docker-4.8", "CIS-DI-0008"),
)
CAPABILITIES = Kind(
    code="layer.capabilities",
    severity=Severity.INFO,
    sentence="{path} has the capabilities {names}{removal}",
    meaning="A program with file capabilities runs with some of root's rights, regardless of who starts it.",
    remedy="Remove the capabilities if the image does not need them (setcap -r).",
)
WORLD_WRITABLE = Kind(
    code="layer.world-writable",
    severity=Severity.LOW,
    sentence="{path} ({type}, mode {mode}) is writable by every user{removal}",
    meaning="Every user in the container can change it; in a directory, every user can also delete files.",
    remedy="Remove the write permission of others (chmod o-w), or set the sticky bit on the directory.",
)
DEVICE = Kind(
    code="layer.device",
    severity=Severity.MEDIUM,
    sentence="{path} is a {type} device {numbers}{removal}",
    meaning="The engine creates the devices of a container; a device node in an image is unusual.",
    remedy="Remove the device node from the layer.",
)
ODD_OWNER = Kind(
    code="layer.odd-owner",
    severity=Severity.LOW,
    sentence="{path} belongs to {uid}:{gid}, outside the range that most systems map{removal}",
    meaning="An ID above 65535 often comes from the build machine; a rootless engine cannot map such an ID.",
    remedy="Set an owner that the image defines (COPY --chown).",
)
UNOWNED = Kind(
    code="layer.unowned",
    severity=Severity.LOW,
    sentence=(
        "{path} belongs to the uid {uid}, which is not in /etc/passwd; "
        "paths of this uid in the final filesystem: {count:,}"
    ),
    meaning="A user that is later created with this uid will own these files.",
    remedy="Set an owner that the image defines (COPY --chown), or add the uid to /etc/passwd.",
)
LEFTOVER = Kind(
    code="layer.leftover",
    severity=Severity.LOW,
    sentence="{path} is {description}{removal}",
    meaning="A build or a person left this file behind; a container does not need it.",
    remedy="Remove the file in the step that creates it, or add it to .dockerignore.",
    references=("DKL-LI-0003",),
)
SENSITIVE = Kind(
    code="layer.sensitive-file",
    severity=Severity.MEDIUM,
    sentence="{path} is {description}{removal}",
    meaning="A file of this name usually holds keys, passwords or tokens.",
    remedy="Provide such files at run time. If the file held a secret, revoke the secret.",
    references=("CIS-Docker-4.10", "CIS-DI-0010"),
)
KINDS = (SETUID, CAPABILITIES, WORLD_WRITABLE, DEVICE, ODD_OWNER, UNOWNED, LEFTOVER, SENSITIVE)

_SETUID, _SETGID, _STICKY, _OTHERS_WRITE = 0o4000, 0o2000, 0o1000, 0o0002
_LARGEST_ORDINARY_ID = 65535
_CAPABILITY_NAMES = [
    "chown",
    "dac_override",
    "dac_read_search",
    "fowner",
    "fsetid",
    "kill",
    "setgid",
    "setuid",
    "setpcap",
    "linux_immutable",
    "net_bind_service",
    "net_broadcast",
    "net_admin",
    "net_raw",
    "ipc_lock",
    "ipc_owner",
    "sys_module",
    "sys_rawio",
    "sys_chroot",
    "sys_ptrace",
    "sys_pacct",
    "sys_admin",
    "sys_boot",
    "sys_nice",
    "sys_resource",
    "sys_time",
    "sys_tty_config",
    "mknod",
    "lease",
    "audit_write",
    "audit_control",
    "setfcap",
    "mac_override",
    "mac_admin",
    "syslog",
    "wake_alarm",
    "block_suspend",
    "audit_read",
    "perfmon",
    "bpf",
    "checkpoint_restore",
]
LEFTOVER_NAMES = (
    (re.compile(rb"(?:^|/)\.git/HEAD$"), "part of a git repository"),
    (re.compile(rb"(?:^|/)\.(?:svn|hg)/"), "part of a version control directory"),
    (re.compile(rb"(?:^|/)\.(?:bash|zsh|ash|sh|python|mysql|psql|node_repl)_history$"), "a shell history"),
    (re.compile(rb"^var/lib/apt/lists/[^/]+_Packages"), "a package list"),
    (re.compile(rb"^var/cache/(?:apt/archives/[^/]+\.deb|apk/|yum/|dnf/)"), "a package cache"),
    (re.compile(rb"(?:^|/)\.(?:npm/_cacache|cache/pip)/"), "a package cache"),
    (re.compile(rb"(?:^|/)core(?:\.[0-9]+)?$"), "a core dump by its name"),
    (re.compile(rb"(?:^|/)Dockerfile$"), "a Dockerfile"),
)
SENSITIVE_NAMES = (
    (re.compile(rb"(?:^|/)id_(?:rsa|dsa|ecdsa|ed25519)$"), "a private SSH key by its name"),
    (re.compile(rb"(?:^|/)(?:\.env|[^/]+\.env|\.env\.(?!example|sample|template|dist)[^/]+)$"), "an environment file"),
    (re.compile(rb"(?:^|/)\.(?:npmrc|pypirc|netrc|pgpass|git-credentials)$"), "a credentials file by its name"),
    (re.compile(rb"(?:^|/)\.docker/config\.json$|(?:^|/)\.dockercfg$"), "a registry login by its name"),
    (re.compile(rb"(?:^|/)\.aws/credentials$|(?:^|/)\.kube/config$"), "a credentials file by its name"),
    (re.compile(rb"(?:^|/)[^/]+\.(?:p12|pfx|jks|keystore|ppk|ovpn)$"), "a key store by its name"),
    (
        re.compile(rb"^(?!(?:etc/ssl|usr/(?:share|lib|lib64|local/share)|etc/pki|etc/ca-certificates)/).*\.pem$"),
        "a PEM file",
    ),
)

# Every path that a pattern above matches has one of these; nearly no other path has.
_TELLING_STARTS = (b".", b"core", b"Dockerfile", b"id_")  # of a name
_TELLING_FOLDERS = (b".", b"var/lib/apt/lists/", b"var/cache/")
_TELLING_ENDS = (b".env", b".p12", b".pfx", b".jks", b".keystore", b".ppk", b".ovpn", b".pem")


def has_telling_name(path: bytes) -> bool:
    """Can a pattern for leftovers or sensitive files match the path? A dollar sign lets a final line break pass."""
    return (
        b"/." in path
        or path.startswith(_TELLING_FOLDERS)
        or path.startswith(_TELLING_STARTS, path.rfind(b"/") + 1)
        or path.endswith(_TELLING_ENDS)
        or path.endswith(b"\n")
    )


def entry_findings(stacked: MeasuredImage) -> Iterator[Finding]:
    """The findings on each entry that a layer adds or changes. They lack the number of the image."""
    scans = {id(scan): scan for scan in stacked.tree.scans if scan is not None}
    risky = {number: risky_paths(scan) for number, scan in scans.items()}
    removals = Removals(stacked, frozenset().union(*risky.values()))
    for index, changes in enumerate(stacked.changes):
        scan = stacked.tree.scans[index]
        paths = [] if scan is None else risky[id(scan)]
        added = frozenset(paths).intersection(changes.added)
        for path in paths:
            if scan is not None and (path in added or path in changes.modified):
                yield from _entry(removals.above(index, path), index, path, scan.entries[path])


def risky_paths(scan: LayerScan) -> list[bytes]:
    """The paths of a layer's entries that a rule is about, sorted."""
    return sorted(path for path, member in scan.entries.items() if next(_rules(path, member), None) is not None)


def unowned_files(stacked: MeasuredImage, uids: frozenset[int]) -> Iterator[Finding]:
    """The owners in the final filesystem that are not among `uids`, each with its first path."""
    paths_by_uid: dict[int, list[bytes]] = {}
    for path in stacked.tree:
        member = stacked.tree.entry(path).member
        if member.uid not in uids and 0 < member.uid <= _LARGEST_ORDINARY_ID:
            paths_by_uid.setdefault(member.uid, []).append(path)
    for uid, paths in sorted(paths_by_uid.items()):
        first = min(paths)
        where = Where(layer=stacked.tree.entry(first).scan_layer, path=first)
        yield UNOWNED.at(where, None, count=len(paths), uid=uid, path=b"/" + first)


def _entry(removal: Removal, layer: int, path: bytes, member: TarMember) -> Iterator[Finding]:
    where = Where(layer=layer, path=path, removed_in=removal.layer)
    for kind, arguments in _rules(path, member):
        yield kind.at(where, None, path=b"/" + path, removal=removal.text, **arguments)


def _rules(path: bytes, member: TarMember) -> Iterator[tuple[Kind, dict[str, str | int]]]:
    """The kinds of findings about an entry, each with its arguments."""
    if member.type == "file" and member.mode & (_SETUID | _SETGID):
        yield SETUID, {"mode": _mode(member), "runs_as": "owner" if member.mode & _SETUID else "group"}
    elif member.type in ("char", "block") and member.extra is not None and member.extra.device is not None:
        yield DEVICE, {"type": member.type, "numbers": ":".join(map(str, member.extra.device))}
    if member.mode & _OTHERS_WRITE and (member.type == "file" or (member.type == "dir" and not member.mode & _STICKY)):
        yield WORLD_WRITABLE, {"mode": _mode(member), "type": member.type}
    if max(member.uid, member.gid) > _LARGEST_ORDINARY_ID or min(member.uid, member.gid) < 0:
        yield ODD_OWNER, {"uid": member.uid, "gid": member.gid}
    if member.extra is not None and member.extra.xattrs and b"security.capability" in member.extra.xattrs:
        value = member.extra.xattrs[b"security.capability"]
        yield CAPABILITIES, {"names": ", ".join(capabilities(value if isinstance(value, bytes) else b""))}
    if member.type in ("file", "hardlink") and has_telling_name(path):
        for table, kind in ((LEFTOVER_NAMES, LEFTOVER), (SENSITIVE_NAMES, SENSITIVE)):
            for pattern, description in table:
                if pattern.search(path):
                    yield kind, {"description": description}
                    break


def _mode(member: TarMember) -> str:
    return f"{member.mode & 0o7777:04o}"


def capabilities(value: bytes) -> list[str]:
    """The names in a `security.capability` attribute (linux/capability.h, vfs_cap_data of revision 1 to 3)."""
    revision = struct.unpack_from("<I", value)[0] >> 24 if len(value) >= 12 else 0
    if revision not in (1, 2, 3):
        return ["(unreadable)"]
    words = 2 if revision > 1 and len(value) >= 20 else 1
    permitted = sum(struct.unpack_from("<I", value, 4 + 8 * word)[0] << (32 * word) for word in range(words))
    names = [
        f"cap_{_CAPABILITY_NAMES[bit]}" if bit < len(_CAPABILITY_NAMES) else f"capability {bit}"
        for bit in range(64)
        if permitted >> bit & 1
    ]
    return names or ["none"]
