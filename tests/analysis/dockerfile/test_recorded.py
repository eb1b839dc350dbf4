"""Dockerfiles that are known, and what each builder's history gives back of them: every line that differs is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from imgtar.answers.dockerfile import Asked, dockerfile_content, tell
from tests.answers.asking import all_findings, opened
from tests.paths import FIXTURES

KNOWN = FIXTURES / "dockerfile"
LOST = "the classic builder and buildah keep a checksum in place of the names"
PORTS = "BuildKit states the protocol, and sorts"
QUOTES = "docker keeps values, not their quotes; the value is the same"
EQUALS = "docker keeps `NAME=VALUE` of both forms"
IMPORT = "the base is a file that was imported, which no name in the archive stands for"
Differences = dict[str, tuple[list[str], str]]  # a line of the Dockerfile → what comes back, and why


def written(name: str) -> list[str]:
    """The instructions of a Dockerfile, each with the lines that it continues on."""
    found: list[str] = []
    goes_on = False
    for line in (KNOWN / f"{name}.Dockerfile").read_text().splitlines():
        if goes_on:
            found[-1] += f"\n{line}"
        else:
            found.append(line)
        goes_on = line.endswith("\\")
    return found


def come_back(archive: Path, *, wrap: bool) -> list[str]:
    session, _ = opened(archive)
    asked = Asked(source="history", has_base=False, wrap=wrap)
    return [
        line.text for line in dockerfile_content(session, all_findings(session), tell(session, asked)).document.lines
    ]


def expected(name: str, differences: Differences) -> list[str]:
    lines = written(name)
    assert set(differences) <= set(lines)
    return [text for line in lines for text in (differences[line][0] if line in differences else [line])]


MYSQL_BASE: Differences = {"FROM tinybase:1": (["FROM scratch", "ADD layer-00.tar /"], IMPORT)}
MYSQL_DOCKER: Differences = {
    **MYSQL_BASE,
    'LABEL org.opencontainers.image.title="mysqlish" maintainer="Tést Ünï <nobody@example.invalid>"': (
        ['LABEL org.opencontainers.image.title=mysqlish maintainer="Tést Ünï <nobody@example.invalid>"'],
        QUOTES,
    ),
    "ENV GOSU_VERSION 1.17": (["ENV GOSU_VERSION=1.17"], EQUALS),
    "ENV MYSQL_MAJOR 8.4": (["ENV MYSQL_MAJOR=8.4"], EQUALS),
    "ENV MYSQL_VERSION 8.4.5-1.el9": (["ENV MYSQL_VERSION=8.4.5-1.el9"], EQUALS),
    "ENV MYSQL_SHELL_VERSION 8.4.5-1.el9": (["ENV MYSQL_SHELL_VERSION=8.4.5-1.el9"], EQUALS),
}
COPIED = "COPY docker-entrypoint.sh /usr/local/bin/"
LOST_COPY: Differences = {COPIED: (["COPY layer-09/usr/local/bin/docker-entrypoint.sh /usr/local/bin/"], LOST)}
ONE_LAYER = "all steps are one layer: no layer has the files of this step"
SOURCE = "file:183e9519d2b9030c501542394b595c3cf1011b227023b7ae29e7b58f629a021f"
MYSQL_BUILDKIT: Differences = {**MYSQL_DOCKER, "EXPOSE 3306 33060": (["EXPOSE 3306/tcp 33060/tcp"], PORTS)}
MYSQL: dict[str, Differences] = {
    "mysql.tar": {**MYSQL_DOCKER, **LOST_COPY},  # docker 20, classic builder
    "d20-by-id.tar": MYSQL_BUILDKIT,
    "d26-buildkit-mysqlish.tar": MYSQL_BUILDKIT,
    "d26c-buildx-oci-zstd.tar": MYSQL_BUILDKIT,
    "p5-docker-archive.tar": {**MYSQL_BASE, **LOST_COPY},  # podman
    "b5-oci-archive-zstd-chunked.tar": {**MYSQL_BASE, **LOST_COPY},  # buildah
    "p5-nolayers-oci.tar": {**MYSQL_BASE, COPIED: ([f"# COPY {SOURCE} in /usr/local/bin/"], ONE_LAYER)},
}


@pytest.mark.parametrize(("archive", "differences"), MYSQL.items(), ids=MYSQL)
def test_seven_recordings_of_one_build(archive: str, differences: Differences) -> None:
    assert come_back(FIXTURES / archive, wrap=False) == expected("mysqlish", differences)


INSTRUCTIONS: dict[str, Differences] = {
    "instructions-buildkit.tar": {
        "ARG UNSET": (["ARG UNSET=used"], "the value that --build-arg gave"),
        """ENV GREETING="hello world" QUOTED='a "b" c'""": (
            ['ENV GREETING="hello world" QUOTED="a \\"b\\" c"'],
            QUOTES,
        ),
        "ENV OLD old form": (['ENV OLD="old form"'], EQUALS),
        'LABEL org.opencontainers.image.title="all instructions" version=$VERSION': (
            ['LABEL org.opencontainers.image.title="all instructions" version=1.0'],
            "BuildKit keeps the value of a variable",
        ),
        "EXPOSE 80 53/udp": (["EXPOSE 53/udp 80/tcp"], PORTS),
        "HEALTHCHECK --interval=90s --timeout=1500ms --retries=3 CMD /usr/bin/hello || exit 1": (
            ["HEALTHCHECK --interval=1m30s --timeout=1.5s --retries=3 CMD /usr/bin/hello || exit 1"],
            "Go's spelling of the same durations",
        ),
        "ONBUILD RUN echo built on": ([], "BuildKit's history lacks it: it stands at the end"),
        "ONBUILD COPY . /app": ([], "BuildKit's history lacks it: it stands at the end"),
        'CMD echo "$GREETING"': (
            [
                'CMD ["/bin/sh", "-ec", "echo \\"$GREETING\\""]',
                "ONBUILD RUN echo built on",
                "ONBUILD COPY . /app",
            ],
            "BuildKit keeps the shell form with its shell",
        ),
    },
    "instructions-buildah.tar": {
        "ADD base.tar /": (["ADD layer-00.tar /"], LOST),
        "ARG VERSION=1.0": (["ARG VERSION=1.0"], "buildah keeps the name; the value is that of the RUN"),
        "ARG UNSET": (["ARG UNSET=used"], "the value that --build-arg gave"),
        "COPY hello.sh /usr/bin/hello": (["COPY layer-03/usr/bin/hello /usr/bin/hello"], LOST),
        "COPY --chown=7:8 conf/ /etc/conf/": (["COPY layer-04/ /"], LOST),
        "ADD hello.sh conf/a.conf /opt/": (["COPY layer-05/ /"], LOST),
    },
}


@pytest.mark.parametrize(("archive", "differences"), INSTRUCTIONS.items(), ids=INSTRUCTIONS)
def test_every_instruction(archive: str, differences: Differences) -> None:
    assert come_back(KNOWN / archive, wrap=True) == expected("instructions", differences)


def test_the_history_of_an_image_with_provenance() -> None:
    """Nothing but what is in no image at all: comments, blank lines, stages, quotes."""
    lines = [line for line in come_back(KNOWN / "provenance-v0.2.tar", wrap=True) if not line.startswith("FROM ")]
    assert lines == [
        "ADD base.tar /",
        'ARG GREETING="hello world"',
        'ENV GREETING="hello world" EMPTY=""',
        "LABEL org.opencontainers.image.title=provenance",
        'RUN set -e; \\\n    echo "$GREETING" > /greeting',
        "COPY --chmod=755 hello.sh /usr/bin/hello",
        "WORKDIR /srv",
        "RUN <<EOF\necho one > one\necho two > two\nEOF",
        'CMD ["hello"]',
    ]
