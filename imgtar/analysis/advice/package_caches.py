"""Where package managers keep what they download, and the command that leaves nothing of it in a layer."""

from __future__ import annotations

import msgspec


class PackageCache(msgspec.Struct, frozen=True):
    """`what` the files are, and the `command` that removes them or, with `avoids`, does not store them at all."""

    what: str
    command: str
    avoids: bool = False


_NPM = PackageCache("the cache of npm", "npm cache clean --force")
_YARN = PackageCache("the cache of yarn", "yarn cache clean")
_GO_MODULES = PackageCache("the modules that go downloaded", "go clean -modcache")
_COMPOSER = PackageCache("the cache of composer", "composer clear-cache")
_APK = PackageCache("the cache of apk", "apk add --no-cache", avoids=True)
_DNF = PackageCache("the cache of dnf", "dnf clean all")

_SYSTEM = {
    b"var/lib/apt/lists": PackageCache("the package lists of apt", "rm -rf /var/lib/apt/lists/*"),
    b"var/cache/apt": PackageCache("the package cache of apt", "apt-get clean"),
    b"var/cache/yum": PackageCache("the cache of yum", "yum clean all"),
    b"var/cache/dnf": _DNF,
    b"var/cache/libdnf5": _DNF,
    b"var/cache/zypp": PackageCache("the cache of zypper", "zypper clean --all"),
    b"var/cache/apk": _APK,
    b"etc/apk/cache": _APK,
    b"var/cache/pacman/pkg": PackageCache("the package cache of pacman", "pacman -Scc --noconfirm"),
    b"usr/local/share/.cache/yarn": _YARN,
    b"go/pkg/mod": _GO_MODULES,
    b"opt/conda/pkgs": PackageCache("the package cache of conda", "conda clean --all --yes"),
}
# In the home of the user who runs the command.
_HOME = {
    b".cache/pip": PackageCache("the cache of pip", "pip install --no-cache-dir", avoids=True),
    b".cache/uv": PackageCache("the cache of uv", "uv cache clean"),
    b".cache/yarn": _YARN,
    b".cache/composer": _COMPOSER,
    b".composer/cache": _COMPOSER,
    b".cache/go-build": PackageCache("the build cache of go", "go clean -cache"),
    b"go/pkg/mod": _GO_MODULES,
    b".npm": _NPM,
}
_MOST_SLASHES = max(path.count(b"/") for path in (*_SYSTEM, *_HOME)) + 1


def package_cache(path: bytes) -> tuple[bytes, PackageCache] | None:
    """The directory of the cache that a file is in, with what is known of it; None where it is in none."""
    home = _home(path)
    place = path.find(b"/", len(home))
    for _ in range(_MOST_SLASHES):
        if place < 0:
            return None
        directory = path[:place]
        found = _HOME.get(directory[len(home) :]) if home else _SYSTEM.get(directory)
        if found is not None:
            return directory, found
        place = path.find(b"/", place + 1)
    return None


def _home(path: bytes) -> bytes:
    """The home that a path is in, with its slash; empty for any other path."""
    if path.startswith(b"root/"):
        return b"root/"
    if not path.startswith(b"home/"):
        return b""
    return path[: path.find(b"/", len(b"home/")) + 1]
