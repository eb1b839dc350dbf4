"""What the name of a tar member means as a path."""

from __future__ import annotations


def clean(name: bytes, base: bytes = b"") -> bytes:
    """The path that a name means, one form per path: relative to the root, without empty parts and dots.

    `..` is taken lexically and stops at the root, as Go's path.Clean does for docker, containerd and podman. A name
    without a leading slash starts in the directory `base`. The root is `b""`, and so is an empty name.
    """
    parts: list[bytes] = base.split(b"/") if base and not name.startswith(b"/") else []
    for part in name.split(b"/"):
        if part == b"..":
            if parts:
                parts.pop()
        elif part not in (b"", b"."):
            parts.append(part)
    return b"/".join(parts)
