"""Writes a seed corpus for each target into a folder: `python fuzz/seeds.py FOLDER`."""

from __future__ import annotations

import io
import json
import random
import sys
import tarfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from tests.audit.secrets.inside.containers import (
    database,
    encrypted_entry,
    java_class,
    zipped,
    zipped_to_a_pipe,
)
from tests.builders import (
    bzip2,
    docker_oci,
    docker_save,
    file,
    good,
    gzip,
    gzip_members,
    hardlink,
    oci_archive,
    oci_layout,
    opaque,
    pax,
    sparse_1_0,
    symlink,
    tar,
    whiteout,
    xz,
    zstd,
    zstd_skippable,
)
from tests.packages.programs import go_program, jar, pointed, properties, rust_program
from tests.packages.rpm.test_database import berkeley, header, ndb, sqlite

HEADER = header([(b"/usr/", b"a", b"0" * 64)], 600)
LAYER = tar(file("a", b"abc"), symlink("l", "a"), hardlink("h", "a"), file("d/e", b"x"))
BASELINE = {
    "schema_version": 1, "complete": True,
    "images": [{
        "names": ["app:1"], "platform": {"os": "linux", "architecture": "amd64", "variant": None},
        "totals": {"content_size": 5}, "layers": [{"diff_id": "sha256:" + "0" * 64}],
    }],
}  # fmt: skip
FILES = {"a/b.txt": b"content " * 20, "c": b"x"}
UPPER = tar(whiteout("a"), opaque("d"), pax({"path": "long/name", "mtime": "1.5"}) + file("x", b"y"))


def _ordinary(form: int) -> bytes:
    """A layer as tools write it, in which some names take an extended header or a prefix."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=form) as layer:
        for name, kind, body in (
            ("d", tarfile.DIRTYPE, b""),
            ("d/file", tarfile.REGTYPE, b"x" * 600),
            ("./d/dotted", tarfile.REGTYPE, b"."),
            ("d/UPPER", tarfile.REGTYPE, b""),
            ("made/" * 18 + "n" * 60, tarfile.REGTYPE, b"y"),
            ("d/" + "long" * 40, tarfile.REGTYPE, b"z" * 512),
            ("d/link", tarfile.SYMTYPE, b""),
            ("d/hard", tarfile.LNKTYPE, b""),
            ("d/.wh.gone", tarfile.REGTYPE, b""),
        ):
            member = tarfile.TarInfo(name)
            member.type, member.size, member.mode = kind, len(body), 0o755
            member.linkname = "d/file" if kind in (tarfile.SYMTYPE, tarfile.LNKTYPE) else ""
            layer.addfile(member, io.BytesIO(body))
    return stream.getvalue()


SEEDS = {
    "walkers": [b"\1" + LAYER, *(b"\1" + _ordinary(form) for form in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT))],
    "tar_walk": [b"\1" + LAYER, b"\1" + UPPER, b"\1" + tar(sparse_1_0("s", 2000, [(1000, b"data")]))],
    "compression": [
        gzip(LAYER), gzip_members(LAYER, 3), zstd(LAYER), zstd_skippable(b"x") + zstd(LAYER), xz(LAYER), bzip2(LAYER),
    ],
    "inside": [
        LAYER, UPPER, gzip(LAYER), xz(b"x" * 99), bzip2(b"y" * 99), zipped(FILES), zipped_to_a_pipe(FILES),
        encrypted_entry("e", b"z" * 40, sizes_follow=True) + zipped(FILES), java_class(b"t" * 30, b"u" * 300),
        database(["v" * 30, "w" * 2000], page=512), zipped({"a.tar.gz": gzip(LAYER)}), gzip_members(LAYER, 3),
        b"\xa7\r\r\n" + bytes(12) + b"\xe3\0\0\0\0z\x1e" + b"k" * 30 + b"\xe1\x28\1\0\0" + b"m" * 296,
    ],
    "documents": [b'[{"Config":"c.json","RepoTags":["a:1"],"Layers":["l.tar"]}]', b'{"history":[{}]}'],
    "archive": [
        b"\0" + docker_save([LAYER, UPPER]), b"\0" + oci_archive([LAYER, UPPER], compression="gzip"),
        b"\0" + docker_oci([LAYER]), b"\0" + gzip(docker_save([LAYER])),
    ],
    "statements": [
        b'{"subject":[{"digest":{"sha256":"0"}}],"predicateType":"a","predicate":{"materials":[{"uri":"b","digest":{}}]}}',
        b'{"subject":[],"predicate":{"invocation":{"parameters":{"args":{"source":"a"}}}}}',
        b'{"subject":[],"predicate":{"buildDefinition":{"resolvedDependencies":[{"uri":"pkg:docker/a%40@1"}]}}}',
        b'{"payload":"eyJzdWJqZWN0IjpbXX0="}',
        b'{"subject":[],"predicate":{"buildConfig":{"llbDefinition":[{"id":0,"op":{"Op":{"source":{"identifier":"a"}}}}]}}}',
    ],
    "configuration": [
        b"ignore = ['a.b']\nfail-on = 'high'\n[check]\nmin-efficiency = '95%'\nforbid-path = ['*.pem', '!/a/**']\n",
        b"[tool.x]\na.b.c = 1\n[tool.imgtar.check]\nmax-layers = 0x10\nallow-port = [8080, '53/udp']\n",
        b"rules:\n  lowestEfficiency: 0.9 # x\n  highest-wasted-bytes: '20MB'\n  highestUserWastedPercent: &a off\n",
    ],
    "defaults": [
        b"[defaults]\ntop = 3\nignore = ['a.b']\n[defaults.ls]\nlong = true\n",
        b"[tool.imgtar.defaults.inspect]\nverify = true\n",
    ],
    "toml": [
        b"[a.\"b\".'c']\nd.e = \"\"\"x\ny\\\"\"\"\"\"\nf = '''z''' # g\n",
        b"[[h]]\ni = {j = [1, [2.5]], k = 1979-05-27}\n",
    ],
    "ignore_file": [b"[[ignore]]\ncode = 'layer.setuid'\npath = 'usr/**'\nreason = 'x'\nexpires = 2027-03-31\n"],
    "baseline": [json.dumps(BASELINE).encode()],
    "checksums": [b"0" * 64 + b"  app.tar\n" + b"f" * 64 + b" *other\n"],
    "package_database": [
        b"\0/.\n/usr\n/etc/a\n/usr/bin/a\n", b"\1" + b"0" * 32 + b"  usr/bin/a\n",
        b"\2Package: a\nConffiles:\n /etc/a " + b"f" * 32 + b" obsolete\nDescription: b\n",
        b"\3P:a\nF:usr/bin\nR:a\na:0:0:755\nZ:Q1" + b"A" * 27 + b"=\n\n",
        b"\4a.py,sha256=" + b"A" * 43 + b',1\n"b,c",,\n../../bin/a,sha256=' + b"A" * 43 + b",1\n",
        b'\5{"paths_data":{"paths":[{"_path":"bin/a","sha256":"' + b"0" * 64 + b'"}]}}',
        b'\6{"paths":[{"_path":"bin/a","sha256_in_prefix":"' + b"0" * 64 + b'","sha256":null}]}',
        b"\7" + sqlite([HEADER], 512), b"\10" + ndb([HEADER]), b"\11" + berkeley([HEADER]),
    ],
    "package_inventory": [
        b"\0Package: a\nStatus: install ok installed\nVersion: 1\nSource: b (1)\n\nPackage: c\n",
        b"\1Package: a\nVersion: 1\n", b"\2" + b"0" * 32 + b"  usr/bin/a\n", b"\3/.\n/usr\n", b"\4/a\n/a.b\nc\n",
        b"\5P:a\nV:1\nF:usr\nR:b\n\n", b"\6" + sqlite([HEADER], 512), b"\7" + ndb([HEADER]),
        b"\10" + berkeley([HEADER]), b'\11a.py,sha256=a,1\n"b,c",,\n', b"\12Name: A.b\nVersion: 1\nLicense: MIT\n\nx",
        b'\13{"name":"a","version":"1","license":"MIT"}',
        b"\14" + jar([("a.jar", jar([])), properties("a", "b", "1"), ("META-INF/MANIFEST.MF", b"Bundle-Version: 1")]),
        b"\16" + go_program(), b"\16" + pointed(), b"\16" + pointed(wide=False, order=">"), b"\17" + rust_program(),
    ],
    "package_paths": [
        b"app/node_modules/@a/b/node_modules/c/d.js", b"usr/lib/ruby/gems/3.2/gems/a-1/b", b"go/pkg/mod/a.b/c@v1/d",
        b"usr/local/go/src/a/b", b"rustup/toolchains/a/lib/rustlib/src/b", b"opt/jdk/conf/a", b"registry/src/a/b-1/c",
    ],
    "claimed_packages": [
        b'{"bomFormat":"CycloneDX","components":[{"name":"a","version":"1","purl":"pkg:deb/a@1","components":[{}]}]}',
        (b'{"spdxVersion":"SPDX-2.3","packages":[{"name":"a","versionInfo":"1","externalRefs":[{"referenceType":"purl",'
        b'"referenceLocator":"pkg:npm/%40a/b@1"}]}]}'),
        b'{"subject":[{"digest":{"sha256":"0"}}],"predicateType":"https://spdx.dev/Document","predicate":{}}',
        b'{"payload":"eyJzdWJqZWN0IjpbXX0="}', b"pkg:golang/a.b/c@v1?epoch=2#d/e",
    ],
    "build_sources": [
        (b'{"subject":[],"predicate":{"metadata":{"https://mobyproject.org/buildkit@v1#metadata":{"source":{"infos":[{'
        b'"filename":"Dockerfile","data":"RlJPTSBhClJVTiBiCg=="}],"locations":{"step0":{"locations":[{"ranges":[{"start":{'
        b'"line":2},"end":{"line":2}}]}]}}},"layers":{"step0:0":[[{"digest":"sha256:0"}]]}}}}}'),
        (b'{"subject":[],"predicate":{"runDetails":{"metadata":{"buildkit_metadata":{"source":{"infos":[{"data":"Iw=="}]}'
        b"}}}}}"),
    ],
    "history_rows": [
        b"/bin/sh -c #(nop) ADD file:0 in / \n\n/bin/sh -c #(nop)  ENV A=b c\n\n|1 X=y /bin/sh -c echo # buildkit",
        b"RUN /bin/sh -c <<EOF\nx\nEOF # buildkit\n\nCOPY a /b # buildkit\n\nHEALTHCHECK &{[\"CMD\" \"a\"] \"1s\"}",
        b'SHELL [/bin/bash -o pipefail -c]\n\nLABEL a="b" c\n\n\x1b[31mFROM x\n\nONBUILD RUN a\n\nVOLUME [/a b]',
    ],
    "globs": [b"*.key*.pem\n!/a/**/[!b-d]?\n\\#x\\ \nd/\na/b/c.key.pem", b"**/secret/**/x\nsecret/secret/y"],
    "given_path": [
        b"/lib/../usr/./lib//x", b"/up", b"h/", b"/a/b/../c", rb"/\xff\\x41", rb"/\u200b\xe9*[!a-c]?", b"/**/x",
    ],
    "command": [
        b"app.tar\0--format\0json\0--top\0003", b"check\0app.tar\0--max-layers\0001\0--forbid-path\0*.pem\0-o\0junit=x",
        b"COLUMNS=20\0audit\0app.tar\0--ignore-path\0d/*\0--no-trunc", b"attach\0layout\0report.json\0--in-place",
        b"ls\0app.tar\0--layer\0000\0--long", b"verify\0app.tar\0--expect-id\0sha256:0", b"schema\0check",
        b"inspect\0layout\0--platform\0linux/amd64\0--limit\0layers=1\0--timeout\0005.5", b"ids\0app.tar\0--image\0@0",
        b"cat\0app.tar\0/a\0/d/*\0--layer\0000\0--head\0002", b"cat\0layout\0a\0nope\0--verify",
        b"inspect\0app.tar\0--own\0--base\0001", b"check\0app.tar\0--base-image\0layout\0--own\0--max-layers\0001",
    ],
    "rendering": [
        bytes((0, number)) + b"\0a\x1b[31m\0=1+1\0<script>\0|`*\0\xff\0::error::x\0##[error]y"
        for number in range(3, 60, 7)
    ],
    "audit_text": [
        b"/bin/sh -c #(nop) ENV PASSWORD=hunter2\nRUN |1 a=b /bin/sh -c echo # buildkit",
        b"key = '-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA0vx7ag'\nAKIAQ3EGRTUVWXYZ2345",
    ],
    "attach": [
        b"r{}", b's{"schema_version":1}', b"a" + docker_oci([LAYER]), b"a" + good(),
        b"i" + dict(oci_layout([LAYER]).members())["index.json"],
    ],
}  # fmt: skip


def damaged(seed: bytes, chance: random.Random) -> bytes:
    """The seed with some bytes changed and its end cut off."""
    spoilt = bytearray(seed)
    for _ in range(chance.randrange(1, 6)):
        spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
    return bytes(spoilt[: chance.randrange(1, len(spoilt) + 1)])


if __name__ == "__main__":
    for target, seeds in SEEDS.items():
        folder = Path(sys.argv[1]) / target
        folder.mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(seeds):
            (folder / f"seed-{number}").write_bytes(seed)
