"""Makes imgtar/audit/secrets/sample_keys.txt: digests of the private keys in the tests of well-known software.

    python scripts/sample_keys.py

It fetches packages with pip, npm, go and apt-get into a temporary folder, and reads the tests that come with Python and
Go. Only digests are written. A source that cannot be fetched stops the script.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from imgtar.audit.secrets.credential_files.key_stores import ENCRYPTED_KEY, PRIVATE_KEY, key_stores
from imgtar.audit.secrets.kinds import SECRET_KINDS
from imgtar.audit.secrets.sample_keys import key_digest

TABLE = Path(__file__).parent.parent / "imgtar/audit/secrets/sample_keys.txt"
PYTHON = "paramiko twisted tornado pyopenssl pyjwt"
WHEELS = "cryptography-vectors"  # with the keys of many specifications, RFC 9500 among them
NPM = "ssh2"
GO = "golang.org/x/crypto google.golang.org/grpc"
DEBIAN = "openssl libssh2 nodejs"
LARGEST = 1 << 20  # bytes of a file that may be a key or have one
PEM_KINDS = [kind for kind in SECRET_KINDS if kind.name in ("private-key", "encrypted-key")]


def _run(*command: str, cwd: Path) -> str:
    return subprocess.run(command, cwd=cwd, check=True, stdout=subprocess.PIPE, text=True).stdout


def _folder_files(folder: Path) -> Iterator[bytes]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and path.stat().st_size <= LARGEST:
            yield path.read_bytes()


def _archive_files(path: Path) -> Iterator[bytes]:
    if path.suffix in (".whl", ".zip"):
        with zipfile.ZipFile(path) as archive:
            yield from (archive.read(row) for row in archive.infolist() if row.file_size <= LARGEST)
        return
    with tarfile.open(path) as archive:
        for member in archive:
            if member.isreg() and member.size <= LARGEST:
                yield (archive.extractfile(member) or io.BytesIO()).read()


def _python(folder: Path) -> Iterator[tuple[str, str, Iterator[bytes]]]:
    version = sys.version.partition(" ")[0]
    yield "Python", version, _folder_files(Path(sysconfig.get_path("stdlib")) / "test")
    pip = (sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", ".")
    _run(*pip, "--no-binary", ":all:", *PYTHON.split(), cwd=folder)
    _run(*pip, *WHEELS.split(), cwd=folder)
    for path in sorted(folder.iterdir()):
        name, _, rest = path.name.rpartition("-") if path.name.endswith(".tar.gz") else path.name.partition("-")
        yield name.replace("_", "-"), rest.removesuffix(".tar.gz").partition("-")[0], _archive_files(path)


def _npm(folder: Path) -> Iterator[tuple[str, str, Iterator[bytes]]]:
    rows = json.loads(_run("npm", "pack", "--json", *NPM.split(), cwd=folder))
    yield from ((row["name"], row["version"], _archive_files(folder / row["filename"])) for row in rows)


def _go(folder: Path) -> Iterator[tuple[str, str, Iterator[bytes]]]:
    root, version = _run("go", "env", "GOROOT", "GOVERSION", cwd=folder).split()
    yield "Go", version.removeprefix("go"), _folder_files(Path(root) / "src")
    _run("go", "mod", "init", "example.org/keys", cwd=folder)
    for module in GO.split():
        row = json.loads(_run("go", "mod", "download", "-json", f"{module}@latest", cwd=folder))
        yield module, row["Version"], _archive_files(Path(row["Zip"]))


def _debian(folder: Path) -> Iterator[tuple[str, str, Iterator[bytes]]]:
    listed = folder / "sources.list"
    listed.write_text("deb-src http://deb.debian.org/debian stable main\n")
    (folder / "lists/partial").mkdir(parents=True)
    places = (f"Etc::SourceList={listed}", "Etc::SourceParts=-", f"State::Lists={folder}/lists")
    options = [word for place in places for word in ("-o", f"Dir::{place}")]
    _run("apt-get", *options, "--quiet", "update", cwd=folder)
    for name in DEBIAN.split():
        target = folder / name
        target.mkdir()
        _run("apt-get", *options, "source", "--download-only", name, cwd=target)
        [path] = target.glob("*.orig.tar.*[!c]")
        yield name, path.name.partition("_")[2].partition(".orig")[0], _archive_files(path)


def digests(body: bytes) -> Iterator[str]:
    """The digests of the private keys in a file. Go's sources write TESTING where a key file has PRIVATE."""
    body = body.replace(b" TESTING KEY-----", b" PRIVATE KEY-----")
    if b" PRIVATE KEY" in body:
        for kind in PEM_KINDS:
            for match in kind.pattern.finditer(body):
                found = key_digest(kind.name, match[match.lastindex or 0])
                if found is not None and kind.is_secret(match[match.lastindex or 0]):
                    yield found
    for store, secret in key_stores(body):
        if store in (PRIVATE_KEY, ENCRYPTED_KEY):
            yield key_digest(store.code, secret) or ""


def main() -> None:
    found: dict[str, str] = {}
    sources: list[str] = []
    with tempfile.TemporaryDirectory() as temporary:
        for fetch in (_go, _python, _debian, _npm):
            folder = Path(temporary, fetch.__name__)
            folder.mkdir()
            for name, version, bodies in fetch(folder):
                before = len(found)
                for body in bodies:
                    for digest in digests(body):
                        found.setdefault(digest, name)
                sources.append(f"# {name} {version}: {len(found) - before} keys")
                print(sources[-1], file=sys.stderr)
    head = [
        "# SHA-256 of private keys in the tests of software, by scripts/sample_keys.py; a key counts once.",
        *sources,
    ]
    rows = (f"{digest} {name}" for digest, name in sorted(found.items()))
    TABLE.write_text("\n".join((*head, *rows)) + "\n", encoding="ascii")


if __name__ == "__main__":
    main()
