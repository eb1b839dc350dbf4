"""A file as a package database names it."""

from __future__ import annotations

import binascii

import msgspec

_SLASH, _DOT = b"/."
DIGEST_SIZES = frozenset({16, 20, 32})  # bytes of MD5, SHA-1 and SHA-256


class PackageFile(msgspec.Struct, frozen=True, gc=False):
    """The path of a file, relative to the root, and the digest of the content that the package brought.

    `digest` is empty where the database has none; its length tells the algorithm (`DIGEST_SIZES`).
    """

    path: bytes
    digest: bytes = b""


def hexadecimal(digest: bytes | str) -> bytes:
    """The digest that hexadecimal digits state, empty where they state none of a known size."""
    try:
        raw = binascii.unhexlify(digest)
    except ValueError:
        return b""
    return raw if len(raw) in DIGEST_SIZES else b""


def base64(digest: bytes) -> bytes:
    """The digest that Base64 states, with or without padding, empty where it states none of a known size."""
    try:
        raw = binascii.a2b_base64(digest + b"=" * (-len(digest) % 4))
    except ValueError:
        return b""
    return raw if len(raw) in DIGEST_SIZES else b""


def inside(folder: bytes, path: bytes) -> bytes | None:
    """The path from the root of what `path` names in `folder`; None where it leads out of the root or names no file.

    `..` is resolved by name. A leading slash is that of the root. The work is linear in the two lengths: a database
    may name millions of files in one deep folder.
    """
    if b"\0" in path:
        return None
    if (
        path
        and path[0] != _SLASH
        and path[0] != _DOT
        and path[-1] != _SLASH
        and b"//" not in path
        and b"/." not in path
    ):
        return folder + b"/" + path if folder else path
    parts: list[bytes] = []
    above = 0
    for part in path.split(b"/"):
        if part == b"..":
            if parts:
                parts.pop()
            else:
                above += 1
        elif part not in (b"", b"."):
            parts.append(part)
    if path.startswith(b"/"):
        folder = b""
    depth = folder.count(b"/") + 1 if folder else 0
    if above > depth or not parts:
        return None
    if above:
        folder = folder.rsplit(b"/", above)[0] if above < depth else b""
    return b"/".join((folder, *parts)) if folder else b"/".join(parts)
