"""Package URLs: one name for a package that scanners and indexes share, as the purl specification says."""

from __future__ import annotations

from urllib.parse import quote

_TYPES = {"python": "pypi", "go": "golang", "rust": "cargo", "java": "maven"}
_SYSTEM = frozenset({"deb", "apk", "rpm"})
_SEPARATORS = {"java": ":", "npm": "/", "go": "/"}  # between the namespace and the name


def purl(kind: str, name: str, version: str, arch: str, system: str, release: str, source: str = "") -> str:
    """The URL of a package. `system` and `release` are `ID` and `VERSION_ID` of os-release, for its own packages.

    `source` is the package that it was built from: vulnerabilities of Linux distributions are listed by that, and
    scanners read it from the qualifier `upstream`.
    """
    namespace, base = "", name
    qualifiers: list[str] = []
    if kind in _SYSTEM:
        namespace = system
        qualifiers += [f"arch={_quoted(arch)}"] if arch else []
        if kind == "rpm" and ":" in version:
            epoch, _, version = version.partition(":")
            qualifiers.append(f"epoch={_quoted(epoch)}")
        qualifiers += [f"distro={_quoted(f'{system}-{release}')}"] if system and release else []
        qualifiers += [f"upstream={_quoted(source)}"] if source not in ("", name) else []
    elif kind == "python":
        base = name.lower().replace("_", "-")
    elif kind in _SEPARATORS:
        namespace, _, base = name.rpartition(_SEPARATORS[kind])
        if not base:
            namespace, base = "", name
    namespace = "/".join(_quoted(part) for part in namespace.split("/") if part)
    place = f"{namespace}/{_quoted(base)}" if namespace else _quoted(base)
    asked = f"?{'&'.join(qualifiers)}" if qualifiers else ""
    return f"pkg:{_TYPES.get(kind, kind)}/{place}@{_quoted(version)}{asked}"


def _quoted(text: str) -> str:
    return quote(text, safe=":~", errors="backslashreplace")
