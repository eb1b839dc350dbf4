"""What the entries of the layers say: privileges, devices, owners, leftovers; each with the layer that brings it."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from imgtar.analysis.stacked_image import Stacked
from imgtar.filesystem.changes import LayerChanges
from imgtar.findings import Finding, Kind, Severity, Where
from imgtar.formats.tar import TarMember

SETUID = Kind(
    code="layer.setuid",
    severity=Severity.INFO,
    sentence="{path} has mode {mode}: it runs as its {as_whom}{gone}",
    meaning="A setuid or setgid program gives whoever starts it the rights of its owner or group.",
    remedy="Remove the bit where the image does not need it (chmod a-s in the layer that brings the file).",
    references=("CIS-Docker-4.8", "CIS-DI-0008"),
)
CAPABILITIES = Kind(
    code="layer.capabilities",
    severity=Severity.INFO,
    sentence="{path} has the capabilities {names}{gone}",
    meaning="A file with capabilities gives whoever starts it some of root's rights.",
    remedy="Remove them where the image does not need them (setcap -r).",
)
WORLD_WRITABLE = Kind(
    code="layer.world-writable",
    severity=Severity.LOW,
    sentence="{path} ({type}, mode {mode}) can be written by everyone{gone}",
    meaning="Every user of the container can change it, and delete in a directory without the sticky bit.",
    remedy="Take away the write permission of others, or set the sticky bit.",
)
DEVICE = Kind(
    code="layer.device",
    severity=Severity.MEDIUM,
    sentence="{path} is a {type} device {numbers}{gone}",
    meaning="Engines make the devices of a container themselves; one in an image is unusual.",
    remedy="Remove it from the layer.",
)
ODD_OWNER = Kind(
    code="layer.odd-owner",
    severity=Severity.LOW,
    sentence="{path} belongs to {uid}:{gid}, beyond what most systems map{gone}",
    meaning="An owner beyond 65535 often comes from the machine that built the layer; rootless engines cannot map it.",
    remedy="Give it an owner of the image (COPY --chown).",
)
UNOWNED = Kind(
    code="layer.unowned",
    severity=Severity.LOW,
    sentence="{path} belongs to the uid {uid}, which /etc/passwd does not name; in the final filesystem: {count}",
    meaning="Whoever gets that uid later owns these files.",
    remedy="Give them an owner of the image (COPY --chown), or name the uid in /etc/passwd.",
)
LEFTOVER = Kind(
    code="layer.leftover",
    severity=Severity.LOW,
    sentence="{path} is {what}{gone}",
    meaning="Something that a build or a person left behind and that a container does not need.",
    remedy="Remove it in the step that makes it, or list it in .dockerignore.",
    references=("DKL-LI-0003",),
)
SENSITIVE = Kind(
    code="layer.sensitive-file",
    severity=Severity.MEDIUM,
    sentence="{path} is {what}{gone}",
    meaning="A file of this name usually holds keys, passwords or tokens.",
    remedy="Pass such files at run time; where they are secret, revoke what they hold.",
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
_LEFTOVERS = (
    (re.compile(rb"(?:^|/)\.git/HEAD$"), "part of a git repository"),
    (re.compile(rb"(?:^|/)\.(?:svn|hg)/"), "part of a version control folder"),
    (re.compile(rb"(?:^|/)\.(?:bash|zsh|ash|sh|python|mysql|psql|node_repl)_history$"), "a history of typed commands"),
    (re.compile(rb"^var/lib/apt/lists/[^/]+_Packages"), "a package list"),
    (re.compile(rb"^var/cache/(?:apt/archives/[^/]+\.deb|apk/|yum/|dnf/)"), "a package cache"),
    (re.compile(rb"(?:^|/)\.(?:npm/_cacache|cache/pip)/"), "a package cache"),
    (re.compile(rb"(?:^|/)core(?:\.[0-9]+)?$"), "perhaps a core dump"),
    (re.compile(rb"(?:^|/)Dockerfile$"), "a Dockerfile"),
)
_SENSITIVE = (
    (re.compile(rb"(?:^|/)id_(?:rsa|dsa|ecdsa|ed25519)$"), "a private SSH key by its name"),
    (re.compile(rb"(?:^|/)(?:\.env|[^/]+\.env|\.env\.(?!example|sample|template|dist)[^/]+)$"), "an environment file"),
    (re.compile(rb"(?:^|/)\.(?:npmrc|pypirc|netrc|pgpass|git-credentials)$"), "a file of credentials by its name"),
    (re.compile(rb"(?:^|/)\.docker/config\.json$|(?:^|/)\.dockercfg$"), "a registry login by its name"),
    (re.compile(rb"(?:^|/)\.aws/credentials$|(?:^|/)\.kube/config$"), "a file of credentials by its name"),
    (re.compile(rb"(?:^|/)[^/]+\.(?:p12|pfx|jks|keystore|ppk|ovpn)$"), "a key store by its name"),
    (
        re.compile(rb"^(?!(?:etc/ssl|usr/(?:share|lib|lib64|local/share)|etc/pki|etc/ca-certificates)/).*\.pem$"),
        "a PEM file",
    ),
)


def filesystem(answer: Stacked) -> Iterator[Finding]:
    """Each entry that a layer adds or changes, in the layer that brings it; the findings lack the image."""
    for index, changes in enumerate(answer.changes):
        scan = answer.tree.scans[index]
        if scan is None:
            continue
        for path in sorted([*changes.added, *changes.modified]):
            member = scan.entries.get(path)
            if member is not None:
                yield from _entry(answer, index, path, member)


def unowned(answer: Stacked, uids: frozenset[int]) -> Iterator[Finding]:
    """The owners in the final filesystem that none of the `uids` is, each with its first path."""
    found: dict[int, list[bytes]] = {}
    for path in answer.tree:
        member = answer.tree.entry(path).member
        if member.uid not in uids and 0 < member.uid <= _LARGEST_ORDINARY_ID:
            found.setdefault(member.uid, []).append(path)
    for uid, paths in sorted(found.items()):
        first = min(paths)
        where = Where(layer=answer.tree.entry(first).scan_layer, path=first)
        yield UNOWNED.at(where, None, count=len(paths), uid=uid, path=b"/" + first)


def _entry(answer: Stacked, layer: int, path: bytes, member: TarMember) -> Iterator[Finding]:
    found = list(_rules(path, member))
    if not found:
        return
    removed_in, gone = fate(answer, layer, path)
    where = Where(layer=layer, path=path, removed_in=removed_in)
    for kind, arguments in found:
        yield kind.at(where, None, path=b"/" + path, gone=gone, **arguments)


def _rules(path: bytes, member: TarMember) -> Iterator[tuple[Kind, dict[str, str | int]]]:
    mode = f"{member.mode & 0o7777:04o}"
    if member.type == "file" and member.mode & (_SETUID | _SETGID):
        yield SETUID, {"mode": mode, "as_whom": "owner" if member.mode & _SETUID else "group"}
    elif member.type in ("char", "block") and member.extra is not None and member.extra.device is not None:
        yield DEVICE, {"type": member.type, "numbers": ":".join(map(str, member.extra.device))}
    if member.mode & _OTHERS_WRITE and (member.type == "file" or (member.type == "dir" and not member.mode & _STICKY)):
        yield WORLD_WRITABLE, {"mode": mode, "type": member.type}
    if max(member.uid, member.gid) > _LARGEST_ORDINARY_ID or min(member.uid, member.gid) < 0:
        yield ODD_OWNER, {"uid": member.uid, "gid": member.gid}
    if member.extra is not None and member.extra.xattrs and b"security.capability" in member.extra.xattrs:
        value = member.extra.xattrs[b"security.capability"]
        yield CAPABILITIES, {"names": ", ".join(capabilities(value if isinstance(value, bytes) else b""))}
    if member.type in ("file", "hardlink"):
        for table, kind in ((_LEFTOVERS, LEFTOVER), (_SENSITIVE, SENSITIVE)):
            for pattern, what in table:
                if pattern.search(path):
                    yield kind, {"what": what}
                    break


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


def fate(answer: Stacked, layer: int, path: bytes) -> tuple[int | None, str]:
    """Which later layer removed what a layer stores at a path, and words about it; None and nothing where none did."""
    for later in range(layer + 1, len(answer.changes)):
        event = _event(answer.changes[later], path)
        if event:
            step = answer.image.pairing.step_of(later)
            instruction = (step.instruction if step is not None else None) or "unknown instruction"
            return later, f"; layer {later} ({instruction}) {event} it, but it is still in the archive"
    return None, ""


def _event(changes: LayerChanges, path: bytes) -> str:
    if path in changes.deleted:
        return "deletes"
    return "overwrites" if path in changes.modified else ""
