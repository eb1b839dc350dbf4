"""The places of an image where a secret can stand, and random archives with secrets in some of them."""

from __future__ import annotations

import io
import random
import string
import zipfile
from pathlib import Path
from typing import Any

import msgspec

from imgtar.audit.secrets.search import secrets_in_text
from tests.audit.secrets.samples import SAMPLES
from tests.builders import (
    Layout,
    device,
    digest,
    directory,
    docker_oci,
    docker_save,
    document,
    fifo,
    file,
    gzip,
    hardlink,
    layer,
    oci_layout,
    symlink,
    whiteout,
    write_directory,
    zstd,
)

_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_LONGEST = 600  # bytes of a sample
# A token that is recognised wherever it stands, and a text that tells what its secret is.
_SAMPLES = sorted(
    {
        (text.decode().strip(), secret.decode())
        for kind, samples in SAMPLES.items()
        for text, secret in samples.true
        if kind != "generic" and len(text) < _LONGEST and text.isascii()
    }
)
_TOKENS = [(text, secret) for text, secret in _SAMPLES if text == secret and text.isprintable() and " " not in text]
_LINES = [(text, secret) for text, secret in _SAMPLES if "\n" not in text]
_NAMES = [(text, secret) for text, secret in _LINES if "/" not in text]  # a name of a file has no slash


class Plant(msgspec.Struct, frozen=True):
    """An archive, packed or as the files of a layout, and the secrets in it: the place and the bytes of each."""

    packed: bytes
    files: tuple[tuple[str, bytes], ...]
    secrets: tuple[tuple[str, bytes], ...]

    def write(self, where: Path) -> str:
        """Writes it, and returns the name for the command line."""
        if self.files:
            write_directory(self.files, where)
        else:
            where.write_bytes(self.packed)
        return str(where)


class Planting:
    """Gives texts for the places of an archive, with a secret in some of them."""

    def __init__(self, chance: random.Random, share: float) -> None:
        self.chance = chance
        self.share = share
        self.secrets: list[tuple[str, bytes]] = []
        self._left = {
            "token": chance.sample(_TOKENS, len(_TOKENS)),
            "line": chance.sample(_LINES, len(_LINES)),
            "name": chance.sample(_NAMES, len(_NAMES)),
            "any": chance.sample(_SAMPLES, len(_SAMPLES)),
        }

    def token(self, where: str, plain: str = "plain") -> str:
        """A word with a token between characters that may stand beside it."""
        before = self.chance.choice(("", "", "a/", "a=", "a:", "a-", "a."))
        behind = self.chance.choice(("", "", "/b", ":b", ".b", " b"))
        return self._text(where, "token", plain, before, behind)

    def name(self, where: str, plain: str = "plain") -> str:
        """A token without characters that end a name."""
        return self._text(where, "token", plain, "", "")

    def file_name(self, where: str, plain: str = "plain") -> str:
        """A line that can be the name of a file."""
        return self._text(where, "name", plain, "", "")

    def line(self, where: str, plain: str = "plain") -> str:
        """One line that tells what its secret is."""
        return self._text(where, "line", plain, "", "")

    def content(self, where: str, plain: str = "plain") -> bytes:
        """The text of a file."""
        return self._text(where, "any", plain, "a\n", "\nb\n").encode()

    def password(self, where: str, plain: str = "$PLAIN") -> str:
        """What is a secret because of the name before it."""
        if self.chance.random() >= self.share:
            return plain
        found = "".join(self.chance.choices(string.ascii_letters + string.digits, k=14)) + "4aZ"
        self.secrets.append((where, found.encode()))
        return found

    def _text(self, where: str, pool: str, plain: str, before: str, behind: str) -> str:
        if self.chance.random() >= self.share or not self._left[pool]:
            return plain
        text, secret = self._left[pool].pop()
        if any(secret.encode() == known for _, known in self.secrets):
            return plain
        whole = before + text + behind
        if not secrets_in_text(whole):  # its neighbours make another word of it
            whole = text
        self.secrets.append((where, secret.encode()))
        return whole


def _execution(plant: Planting) -> dict[str, Any]:
    """The object `config` of the image's configuration."""
    return {
        "User": plant.token("user"),
        "Env": [
            f"PLAIN={plant.token('value of a variable')}",
            f"DB_PASSWORD={plant.password('variable by its name')}",
            f"{plant.name('name of a variable', 'A')}=1",
            plant.line("variable"),
        ],
        "Cmd": ["run", plant.line("command"), f"--password={plant.password('option of the command')}"],
        "Entrypoint": ["/bin/sh", "-c", plant.line("entry point")],
        "WorkingDir": plant.token("working directory", "/srv"),
        "ExposedPorts": {plant.token("port", "80/tcp"): {}},
        "Volumes": {plant.token("volume", "/data"): {}},
        "Labels": {
            plant.token("name of a label"): plant.token("value of a label"),
            "db.password": plant.password("label by its name"),
            "org.opencontainers.image.base.name": plant.token("base image", "debian:12"),
            "org.opencontainers.image.url": f"https://me:{plant.password('login of a URL')}@a.b/",
        },
        "StopSignal": plant.token("stop signal", "SIGTERM"),
        "Healthcheck": {"Test": ["CMD-SHELL", plant.line("health check")]},
        "Shell": ["/bin/sh", plant.token("shell", "-c")],
        "OnBuild": [f"RUN {plant.line('trigger')}"],
    }


def _history(plant: Planting, count: int) -> list[dict[str, Any]]:
    steps = [
        f"/bin/sh -c #(nop) ADD file:{plant.token('ADD')} in / ",
        f"RUN /bin/sh -c curl -u me:{plant.password('login of a command')} a.b | sudo sh # buildkit",
        f"COPY {plant.token('COPY')} /srv # buildkit",
        f"/bin/sh -c mysql -p{plant.password('argument of a program')} && {plant.line('RUN')}",
    ]
    rows: list[dict[str, Any]] = [
        {
            "created": "2024-01-02T03:04:05Z",
            "created_by": steps[index % len(steps)],
            "comment": plant.token("comment", "FROM debian:12"),
            "author": plant.token("author of a step", "me"),
        }
        for index in range(count)
    ]
    rows.append({"created_by": f"ENV API_TOKEN={plant.password('ENV')}", "empty_layer": True})
    rows.append({"created_by": f"ARG {plant.line('ARG')}", "empty_layer": True})
    rows.append({"created_by": f"|1 PASS={plant.password('build argument')} /bin/sh -c make", "empty_layer": True})
    return rows


def _zipped(content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", content)
    return packed.getvalue()


def _layers(plant: Planting) -> list[bytes]:
    gone = plant.name("deleted file", "gone")
    over = plant.name("overwritten file", "over")
    base = layer(
        directory("etc/"),
        file("etc/passwd", f"root:x:0:0::/root:/bin/sh\n{plant.name('account', 'a')}:x:0:0::/:/bin/sh\n".encode()),
        file(
            "etc/shadow",
            f"root:$6$a${'a' * 20}:1::::::\n{plant.name('account without password', 'b')}::1::::::\n".encode(),
        ),
        directory(f"{plant.name('directory', 'd')}/", mode=0o777),
        file(f"srv/{plant.token('file')}", b"x", mode=0o4755),
        file(f"srv/{plant.file_name('line as a file name')}", b"x" * 2000, uid=3_000_000),
        file(f"srv/password={plant.password('name of a file by the word before it', 'plain')}/a", b"x", uid=3_000_001),
        file(f"srv/{gone}", plant.content("deleted content")),
        file(f"srv/{over}", b"x" * 300),
        file("srv/text", plant.content("content")),
        file("srv/.env", f"DB_PASSWORD={plant.password('content by its name')}\n".encode()),
        file("root/.netrc", f"machine a.b login me password {plant.password('.netrc')}\n".encode()),
        file("srv/utf16", plant.content("UTF-16").decode().encode("utf-16")),
        file("srv/a.gz", gzip(plant.content("gzip"))),
        file("srv/a.zip", _zipped(plant.content("zip"))),
        file("srv/a.tar", layer(file(plant.name("file of an inner archive"), plant.content("inner archive")))),
    )
    middle = layer(
        symlink("srv/link", plant.token("target of a symbolic link", "text")),
        hardlink("srv/hard", f"srv/{plant.name('target of a hard link', 'text')}"),
        device(f"dev/{plant.name('device', 'null')}", 1, 3),
        fifo(f"run/{plant.name('pipe', 'p')}"),
        whiteout(f"srv/{gone}"),
        whiteout(f"srv/{plant.name('deleted, and never there', 'x')}"),
        file(f"srv/{over}", b"y"),
        file("srv/x", b"x", xattrs={plant.name("extended attribute", "user.a"): plant.token("value of an attribute")}),
        file("srv/y", b"y", uname=plant.token("owner's name"), gname=plant.token("group's name")),
        file("srv/z", b"z", pax_records={"comment": plant.token("comment of a header")}),
        file(f"srv/{plant.name('sensitive file', 'a')}.pem", b"x"),
        file(f"srv/{plant.name('name with a control character', 'a')}\n", b"x"),
        file(f"../{plant.name('path that leads out', 'a')}", b"x"),
    )
    return [base, middle][: plant.chance.choice((1, 2, 2, 2))]


def _attested(plant: Planting, layout: Layout) -> None:
    """Adds an attestation whose statement, annotations and subject hold secrets."""
    image = layout.manifests[0]
    statement = layout.add(
        document(
            {
                "_type": "https://in-toto.io/Statement/v1",
                "predicateType": plant.token("type of a predicate", "https://slsa.dev/provenance/v1"),
                "subject": [
                    {
                        "name": plant.token("subject of an attestation"),
                        "digest": {"sha256": plant.name("digest of a subject", image["digest"][7:])},
                    }
                ],
                "predicate": {"stdout": plant.line("output in an attestation"), "env": {"A": plant.token("parameter")}},
            }
        ),
        "application/vnd.in-toto+json",
    )
    statement["annotations"] = {"in-toto.io/predicate-type": plant.token("annotation of a statement", "https://a.b/c")}
    manifest = {
        "schemaVersion": 2,
        "mediaType": _MANIFEST,
        "config": layout.add(b"{}", "application/vnd.oci.image.config.v1+json"),
        "layers": [statement],
    }
    descriptor = layout.add(document(manifest), _MANIFEST, platform={"os": "unknown", "architecture": "unknown"})
    descriptor["annotations"] = {
        "vnd.docker.reference.type": "attestation-manifest",
        "vnd.docker.reference.digest": image["digest"],
    }
    layout.manifests.append(descriptor)


def _layout(plant: Planting, layers: list[bytes], changes: dict[str, Any], name: str) -> Layout:
    notes = {
        plant.token("name of an annotation"): plant.token("annotation"),
        "org.opencontainers.image.base.name": plant.token("base image in an annotation", "debian:12"),
    }
    layout = oci_layout(
        layers, name=name, compression=plant.chance.choice(("none", "gzip", "zstd")),
        edit_manifest=lambda manifest: {**manifest, "annotations": notes},
        edit_layers=lambda rows: [{**row, "annotations": {"a": plant.token("annotation of a layer")}} for row in rows],
        **changes,
    )  # fmt: skip
    if plant.chance.random() < 0.5:
        _attested(plant, layout)
    if plant.chance.random() < 0.2:
        layout.add(plant.content("blob that nothing names"), "text/plain")
        layout.manifests.append(
            {
                "mediaType": plant.token("media type", _MANIFEST),
                "digest": digest(b"absent"),
                "size": 6,
                "annotations": {"org.opencontainers.image.ref.name": plant.token("name of an absent image", "b:1")},
            }
        )
    return layout


def _docker(plant: Planting, layers: list[bytes], changes: dict[str, Any], name: str) -> bytes:
    """A `docker save`; the members of the archive have names of their own."""
    names = [f"{index}/{plant.name('member of the archive', 'm')}.tar" for index, _ in enumerate(layers)]
    if plant.chance.random() < 0.6:
        return docker_save(layers, names=(name,), **changes)
    extra = file(f"other/{plant.token('member that nothing names', 'x')}", plant.content("member without use"))
    config = f"{plant.name('name of the configuration', 'c')}.json"
    return extra + docker_save(layers, names=(name,), layer_names=names, config_name=config, **changes)


def _changes(plant: Planting, layers: list[bytes]) -> dict[str, Any]:
    changes: dict[str, Any] = {
        "execution": _execution(plant),
        "history": _history(plant, len(layers)),
        "author": plant.token("author", "me"),
        "created": plant.token("time of creation", "2024-01-02T03:04:05Z"),
        "architecture": plant.name("architecture", "amd64"),
        "os": plant.name("operating system", "linux"),
        "variant": plant.name("variant", "v1"),
        plant.name("unknown key", "other"): plant.token("value of an unknown key"),
    }
    if plant.chance.random() < 0.1:
        diff_ids = [digest(content) for content in layers]
        diff_ids[-1] = plant.token("digest", diff_ids[-1])
        changes["rootfs"] = {"type": plant.token("type of the layers", "layers"), "diff_ids": diff_ids}
    return changes


def _damaged(chance: random.Random, raw: bytes) -> bytes:
    """The archive cut, or with some bytes changed."""
    if chance.random() < 0.5:
        return raw[: chance.randrange(len(raw))]
    damaged = bytearray(raw)
    for _ in range(chance.randrange(1, 20)):
        damaged[chance.randrange(len(raw))] = chance.randrange(256)
    return bytes(damaged)


def archive(chance: random.Random, share: float) -> Plant:
    """A random archive with secrets in this share of its places."""
    plant = Planting(chance, share)
    layers = _layers(plant)
    changes = _changes(plant, layers)
    name = f"{plant.name('repository', 'app')}:{plant.name('tag', '1')}"
    name = chance.choice((name, f"a.b/{plant.name('part of a repository', 'c')}/app:1", name))
    name = chance.choice((name, name, f"a.b/token={plant.password('part of a repository by its name', 'c')}/app:1"))
    form = chance.choice(("docker", "docker", "oci", "layout", "both"))
    files: tuple[tuple[str, bytes], ...] = ()
    packed = b""
    if form == "docker":
        packed = _docker(plant, layers, changes, name)
    elif form == "both":
        packed = docker_oci(layers, name=name, **changes)
    else:
        layout = _layout(plant, layers, changes, name)
        packed = layout.tar()
        if form == "layout":
            files = tuple((str(path), content) for path, content in layout.members())
    if chance.random() < 0.2:
        packed, files = _damaged(chance, packed), ()
    packed = chance.choice((packed, packed, gzip(packed), zstd(packed)))
    return Plant(packed, files, tuple(plant.secrets))


PLACES = tuple(sorted({where for seed in range(40) for where, _ in archive(random.Random(seed), 1.0).secrets}))
