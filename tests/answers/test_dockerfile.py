"""`dockerfile`: the history of an image as lines of a Dockerfile, each with its step and layer."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from imgtar.answers.dockerfile import Asked, dockerfile_content, tell
from imgtar.answers.opening import open_session
from imgtar.answers.options import InspectOptions
from imgtar.answers.session import Session
from imgtar.contract.dockerfile import DockerfileLine
from imgtar.errors import InputError, UsageError
from tests.answers.asking import all_findings, content_of, opened
from tests.builders import Layout, docker_save, document, file, layer
from tests.paths import FIXTURES

SHA = "a" * 64
DIGEST = "oci.digest-mismatch"
LAYERS = [layer(file("a", b"first")), layer(file("b", b"second"), file("c", b"")), layer(file("usr/bin/x", b"12345"))]
STEPS = [
    {"created_by": f"/bin/sh -c #(nop) ADD file:{SHA} in / "},
    {"created_by": '/bin/sh -c #(nop)  CMD ["a" "b c"]', "empty_layer": True},
    {"created_by": "/bin/sh -c set -e; make b"},
    {"created_by": f"/bin/sh -c #(nop) COPY file:{SHA} in /usr/bin/ "},
]


def _lines(tmp_path: Path, asked: Asked = Asked()) -> list[DockerfileLine]:  # noqa: B008 -- a frozen value
    path = tmp_path / "image.tar"
    path.write_bytes(docker_save(LAYERS, history=STEPS))
    session, _ = opened(path)
    return dockerfile_content(session, all_findings(session), tell(session, asked)).document.lines


def test_each_line_has_its_step_and_layer(tmp_path: Path) -> None:
    lines = _lines(tmp_path)
    assert [(line.text, line.step, line.layer, line.certain) for line in lines] == [
        ("FROM scratch", None, None, True),
        ("ADD layer-00.tar /", 0, 0, False),
        ('CMD ["a", "b c"]', 1, None, True),
        ("RUN set -e; \\\n    make b", 2, 1, True),
        ("COPY layer-02/usr/bin/x /usr/bin/", 3, 2, False),
    ]
    assert lines[-1].notes == [f"source name lost: file:{SHA}; it made /usr/bin/x (5 B)"]


def test_no_wrap_keeps_a_command_on_one_line(tmp_path: Path) -> None:
    assert _lines(tmp_path, Asked(wrap=False))[3].text == "RUN set -e; make b"


def _with_base(tmp_path: Path, layers: int) -> list[DockerfileLine]:
    path = tmp_path / "image.tar"
    path.write_bytes(docker_save(LAYERS, history=STEPS))
    session = open_session(path, InspectOptions(base=layers))
    return dockerfile_content(session, all_findings(session)).document.lines


def test_layers_of_an_unnamed_base_are_added_from_their_tars(tmp_path: Path) -> None:
    assert [line.text for line in _with_base(tmp_path, 2)] == [
        "FROM scratch",
        "ADD layer-00.tar /",
        'CMD ["a", "b c"]',
        "ADD layer-01.tar /",
        "COPY layer-02/usr/bin/x /usr/bin/",
    ]
    with pytest.raises(UsageError, match="has 3 layers"):
        _with_base(tmp_path, 4)


def test_layers_without_a_row_stand_in_their_place(tmp_path: Path) -> None:
    archive = docker_save(LAYERS, history=[])
    lines = content_of(dockerfile_content, archive, tmp_path).document.lines
    assert [line.text for line in lines[1:]] == [f"ADD layer-0{number}.tar /" for number in range(3)]


def test_a_named_base_replaces_its_rows() -> None:
    session, _ = opened(FIXTURES / "p5-nolayers-oci.tar")
    lines = dockerfile_content(session, all_findings(session)).document.lines
    assert lines[0].text.startswith("FROM tinybase:1@sha256:")
    assert lines[0].notes == ["layer 0"]
    assert "ADD" not in {line.text.split()[0] for line in lines}
    whole = dockerfile_content(session, all_findings(session), tell(session, Asked(has_base=False))).document.lines
    assert [line.text for line in whole[:2]] == ["FROM scratch", "ADD layer-00.tar /"]


DOCKERFILE = "FROM scratch\nADD a.tar /\nRUN one; \\\n  two\nUSER x\n"
PREDICATE = "https://slsa.dev/provenance/v0.2"
KEY = "https://mobyproject.org/buildkit@v1#metadata"


def _source(text: str = DOCKERFILE, name: str = "Dockerfile", **more: object) -> dict[str, object]:
    return {"infos": [{"filename": name, "data": base64.b64encode(text.encode()).decode()}], **more}


def _attested(tmp_path: Path, *metadata: object, subject: str | None = None, spoiled: bool = False) -> Session:
    """An image of three layers with one provenance for each metadata."""
    layout = Layout()
    image = layout.add_image(LAYERS, history=STEPS)
    descriptors = []
    for one in metadata:
        statement = {
            "predicateType": PREDICATE,
            "subject": [{"name": "app", "digest": {"sha256": subject or image["digest"].partition(":")[2]}}],
            "predicate": {"metadata": {KEY: one}},
        }
        descriptors.append(
            layout.add(
                document(statement),
                "application/vnd.in-toto+json",
                annotations={"in-toto.io/predicate-type": PREDICATE},
            )
        )
    layout.manifests += [image, *([layout.add_attestation(image, descriptors)] if metadata else [])]
    if spoiled:
        path = "blobs/" + descriptors[0]["digest"].replace(":", "/")
        layout.blobs[path] = layout.blobs[path].replace(b"app", b"apq")
    path = tmp_path / "attested.tar"
    path.write_bytes(layout.tar())
    session, _ = opened(path)
    return session


@pytest.mark.parametrize("name", ["provenance-v0.2.tar", "provenance-v1.tar"])
def test_the_dockerfile_of_a_real_build_comes_back(name: str) -> None:
    session, _ = opened(FIXTURES / "dockerfile" / name)
    content = dockerfile_content(session, all_findings(session), tell(session))
    document = content.document
    written = (FIXTURES / "dockerfile" / name).with_suffix(".Dockerfile").read_bytes().decode()
    assert "".join(f"{line.text}\n" for line in document.lines) == written.replace("\r\n", "\n")
    assert content.text.head == ["from the build's provenance attestation (not signed here)"]
    assert document.origin == "provenance"
    assert all(line.certain and line.step is None for line in document.lines)
    made = [line.layer for line in document.lines if line.layer is not None]
    assert made == list(range(len(session.outlines[0].layers)))
    history = dockerfile_content(session, all_findings(session), tell(session, Asked(source="history"))).document
    keyword = {line.layer: line.text.split()[0] for line in history.lines}
    assert [line.text.split()[0] for line in document.lines if line.layer is not None] == [
        keyword[layer] for layer in made
    ]


def test_rows_of_the_provenance_are_whole_steps(tmp_path: Path) -> None:
    step = {"locations": [{"ranges": [{"start": {"line": n}, "end": {"line": n}} for n in (3, 4)]}]}
    session = _attested(tmp_path, {"source": _source(locations={"step1": step})})
    lines = dockerfile_content(session, all_findings(session), tell(session, Asked(source="provenance"))).document.lines
    assert [(line.line, line.text) for line in lines] == [
        (1, "FROM scratch"),
        (2, "ADD a.tar /"),
        (3, "RUN one; \\\n  two"),
        (5, "USER x"),
    ]


ABSENT = {
    "nothing": ((), {}, "no provenance is attached to it"),
    "mode-min": (({},), {}, "has no text of a Dockerfile, as with mode=min"),
    "another-image": (({"source": _source()},), {"subject": "e" * 64}, "is about another image"),
    "changed": (({"source": _source()},), {"spoiled": True}, "cannot be read"),
    "no-text": (({"source": {"infos": [{"data": "?"}, {"data": 1}, {}, None]}},), {}, "has no text"),
}


@pytest.mark.parametrize(("metadata", "options", "reason"), ABSENT.values(), ids=ABSENT)
def test_without_a_text_the_history_counts(
    tmp_path: Path, metadata: tuple[object, ...], options: dict[str, object], reason: str
) -> None:
    with pytest.raises(InputError, match=reason):
        tell(_attested(tmp_path, *metadata, **options), Asked(source="provenance"))
    assert tell(_attested(tmp_path, *metadata, **options)).origin == "history"


def test_provenance_that_is_not_used_is_a_finding(tmp_path: Path) -> None:
    for options, code in (({"subject": "e" * 64}, "supply.attestation-subject"), ({"spoiled": True}, DIGEST)):
        session = _attested(tmp_path, {"source": _source()}, **options)
        tell(session)
        assert [finding.code for finding in session.findings] == [code]


def test_the_text_says_what_the_provenance_leaves_open(tmp_path: Path) -> None:
    several = {"infos": [*_source()["infos"], *_source("x", "bake.hcl")["infos"]]}
    session = _attested(tmp_path, {"source": several}, {"source": _source("FROM other\x1b\n")})
    content = dockerfile_content(session, all_findings(session), tell(session))
    assert content.text.head[1:] == [
        "Dockerfile; the provenance has 1 more: bake.hcl",
        "1 more attestation about the image has another text",
    ]
    session = _attested(tmp_path, {"source": _source("# escape=`\nFROM a\x1b[31m\x00\n")})
    content = dockerfile_content(session, all_findings(session), tell(session))
    assert content.text.directive == "# escape=`"
    assert content.text.head[1:] == ["1 of 2 lines has characters that stand here as codes, or is too long"]
    assert [line.certain for line in content.document.lines] == [True, False]
