"""Rows of the history → lines of a Dockerfile."""

from __future__ import annotations

import pytest

from imgtar.analysis.dockerfile.files import Made, file_line
from imgtar.analysis.dockerfile.shell_text import wrapped
from imgtar.formats.oci.config import Execution
from imgtar.image.history.instruction import Instruction
from tests.analysis.dockerfile.oracle import lines_of
from tests.growth import bounded_work

EXECUTION = Execution(
    env=("GREETING=hello world", "A=1 B=2", 'QUOTE=a"b$c\\', "C=3"),
    labels={"x.y": "one z=two"},
    volumes=("/a b", "/c", "/d"),
)
CASES = {
    "env-with-blanks": ("ENV GREETING=hello world", 'ENV GREETING="hello world"'),
    "env-two-pairs": ("ENV GREETING=hello world C=3", 'ENV GREETING="hello world" C=3'),
    "env-pair-in-a-value": ("ENV A=1 B=2 C=3", 'ENV A="1 B=2" C=3'),
    "env-quotes": ('ENV QUOTE=a"b$c\\', 'ENV QUOTE="a\\"b\\$c\\\\"'),
    "env-written": ('/bin/sh -c #(nop) ENV X="a b" Y=$HOME', 'ENV X="a b" Y=$HOME'),
    "env-written-old-form": ("/bin/sh -c #(nop) ENV X a b", "ENV X a b"),
    "label": ("LABEL x.y=one z=two", 'LABEL x.y="one z=two"'),
    "expose": ("EXPOSE map[80/tcp:{} 443/udp:{}]", "EXPOSE 80/tcp 443/udp"),
    "volume-with-blank": ("VOLUME [/a b]", 'VOLUME ["/a b"]'),
    "volumes-with-blanks": ("VOLUME [/a b /c]", 'VOLUME ["/a b", "/c"]'),
    "volumes-plain": ("VOLUME [/c /d]", "VOLUME /c /d"),
    "volumes-written": ("/bin/sh -c #(nop) VOLUME /x /y", "VOLUME /x /y"),
    "workdir-windows": (r"WORKDIR C:\app", r"WORKDIR C:\\app"),
    "user-dollar": ("USER a$b", "USER a\\$b"),
    "healthcheck": (
        """HEALTHCHECK &{["CMD-SHELL" "true"] "5s" "0s" "0s" '\\x00'}""",
        "HEALTHCHECK --interval=5s CMD true",
    ),
    "onbuild": ("ONBUILD RUN make", "ONBUILD RUN make"),
    "maintainer": ("MAINTAINER A <a@example.invalid>", "MAINTAINER A <a@example.invalid>"),
    "stopsignal": ("STOPSIGNAL SIGQUIT", "STOPSIGNAL SIGQUIT"),
    "copy-known": ("COPY --chown=1:1 a b /dst/ # buildkit", "COPY --chown=1:1 a b /dst/"),
    "run-wrapped": ("/bin/sh -c a && b; c", "RUN a && \\\n    b; \\\n    c"),
    "run-quotes": ('/bin/sh -c a \'x; y\' "$(b; "c; d")" ; e', 'RUN a \'x; y\' "$(b; "c; d")" ; \\\n    e'),
    "run-case": ("/bin/sh -c case a in a) b;; esac", "RUN case a in a) b;; esac"),
    "run-find": ("/bin/sh -c find . -exec x \\; -print", "RUN find . -exec x \\; -print"),
    "run-comment": ("/bin/sh -c a; # b; c", "RUN a; # b; c"),
    "run-heredoc": ("RUN /bin/sh -c a\nb\n # buildkit", "RUN <<EOF\na\nb\nEOF"),
    "run-program-heredoc": ("RUN /bin/sh -c python3 <<X\nprint()\nX # buildkit", "RUN python3 <<X\nprint()\nX"),
    "run-heredoc-of-buildah": ("/bin/sh -c cat <<X\na", "RUN cat <<X\na\nX"),
    "run-smuggling-heredoc": ("/bin/sh -c cat <<X\nX\nUSER root", "RUN <<EOF\ncat <<X\nX\nUSER root\nEOF"),
    "run-no-heredoc": ("/bin/sh -c echo $((1 <<2))", 'RUN ["/bin/sh", "-c", "echo $((1 <<2))"]'),
    "run-backslash": ("/bin/sh -c a \\", 'RUN ["/bin/sh", "-c", "a \\\\"]'),
    "run-flag": ("/bin/sh -c --evil", 'RUN ["/bin/sh", "-c", "--evil"]'),
    "run-other-shell": ("/bin/bash -o pipefail -c a | b", 'RUN ["/bin/bash", "-o", "pipefail", "-c", "a | b"]'),
    "run-shell-without-path": ("RUN bash -c a | b # buildkit", 'RUN ["bash", "-c", "a | b"]'),
}


@pytest.mark.parametrize(("row", "text"), CASES.values(), ids=CASES)
def test_row(row: str, text: str) -> None:
    [line] = lines_of(row, execution=EXECUTION)
    assert line.text == text
    assert line.certain


DOUBTFUL = {
    "control-character": ("USER a\x07", "# USER a\\x07"),
    "line-break": ("ENV A=b\nRUN evil", "# ENV A=b\\x0aRUN evil"),
    "escape-in-run": ("/bin/sh -c a\x1b[31m", "# RUN a\\x1b[31m"),
    "env-without-a-statement": ("ENV X=a Y=b c", 'ENV X=a Y="b c"'),
    "volumes-that-nobody-states": ("VOLUME [/a /x]", 'VOLUME ["/a", "/x"]'),
    "exec-form": ("RUN make all # buildkit", 'RUN ["make", "all"]'),
    "stage": ("COPY --from=build /x /y # buildkit", "COPY --from=build /x /y"),
    "health-check-behind-another-blank": ("HEALTHCHECK CMD\u2028x", "# HEALTHCHECK CMD\\u2028x"),
    "no-instruction": ("sh -c echo", "# sh -c echo"),
    "directive": ("# escape=`", "# # escape=`"),
    "inline-file": ("COPY <<EOF /x # buildkit", "# COPY <<EOF /x"),
}


@pytest.mark.parametrize(("row", "text"), DOUBTFUL.values(), ids=DOUBTFUL)
def test_row_that_is_not_certain(row: str, text: str) -> None:
    [line] = lines_of(row, execution=EXECUTION)
    assert line.text == text
    assert not line.certain
    assert line.notes


def test_a_shell_row_is_what_the_commands_below_it_ran_with() -> None:
    lines = lines_of("SHELL [/bin/bash -o pipefail -c]", "RUN /bin/bash -o pipefail -c a | b # buildkit")
    assert [line.text for line in lines] == ['SHELL ["/bin/bash", "-o", "pipefail", "-c"]', "RUN a | b"]


def test_arguments_have_the_value_that_was_used() -> None:
    lines = lines_of("ARG A=default", "ARG TARGETARCH", "|3 A=used B=x y TARGETARCH=arm64 /bin/sh -c make")
    assert [line.text for line in lines] == ["ARG A=used", "ARG TARGETARCH", 'ARG B="x y"', "RUN make"]
    assert [line.certain for line in lines] == [False, True, False, True]


def test_the_arguments_before_an_exec_form_are_those_of_the_row_before() -> None:
    rows = ["|2 A=b c D=e /bin/sh -c make", "RUN |2 A=b c D=e /bin/echo one two # buildkit"]
    assert lines_of(*rows)[-1].text == 'RUN ["/bin/echo", "one", "two"]'
    rows = ["ARG A=b c", "ARG D", "RUN |1 A=b c /bin/echo # buildkit"]
    assert lines_of(*rows)[-1].text == 'RUN ["/bin/echo"]'
    assert lines_of("ARG A=b", "RUN |1 A=c /bin/echo one # buildkit")[-1].text == "# RUN |1 A=c /bin/echo one"


def test_names_of_arguments_that_buildah_repeats_stand_once() -> None:
    rows = ["ARG B", "ARG A B", "ARG A B", "ARG A B C"]
    rows = [f"/bin/sh -c #(nop) {row}" for row in rows] + ["|2 A=x y B=z /bin/sh -c make"]
    assert [line.text for line in lines_of(*rows)] == ["ARG B=z", 'ARG A="x y"', "ARG C", "RUN make"]


def test_buildah_names_one_shell_whatever_the_shell_is() -> None:
    rows = ['/bin/sh -c #(nop) SHELL ["/bin/bash", "-ec"]', "/bin/sh -c a | b"]
    assert lines_of(*rows)[-1].text == "RUN a | b"
    rows = ["/bin/sh -c #(nop)  SHELL [/bin/bash -ec]", "/bin/sh -c a | b"]
    assert lines_of(*rows)[-1].text == 'RUN ["/bin/sh", "-c", "a | b"]'


def test_triggers_that_the_history_lacks_come_from_the_configuration() -> None:
    lines = lines_of("ONBUILD RUN a", execution=Execution(onbuild=("RUN a", "COPY . /b", "x\ny")))
    assert [line.text for line in lines] == ["ONBUILD RUN a", "ONBUILD COPY . /b", "# ONBUILD x\\x0ay"]
    assert [line.certain for line in lines] == [True, False, False]


def test_a_long_line_is_kept_whole() -> None:
    [line] = lines_of("/bin/sh -c echo " + "x" * 70_000)
    assert line.text == "RUN echo " + "x" * 70_000
    assert not line.certain


def test_long_commands_and_many_flags_take_linear_time() -> None:
    with bounded_work():
        assert wrapped("a;" * 500_000).count("\n") == 499_999
    with bounded_work():
        row = "VOLUME [" + " ".join(["/c", "/a b"] * 150_000) + "]"
        assert lines_of(row, execution=EXECUTION)[0].text.count("/a b") == 150_000
    with bounded_work():
        flags = " ".join(["--exclude=x"] * 250_000)
        line = file_line(Instruction("COPY", f"COPY {flags} a /b", written=True), 0, lambda _layer: Made())
    assert line.text.endswith("--exclude=x a /b")
