"""created_by of every builder → instruction and Dockerfile line."""

from __future__ import annotations

import pytest

from imgtar.image.history.instruction import UNKNOWN, parse_created_by
from tests.growth import bounded_work

SHA = "4a5c60db0fd4dc9b5e29c55ccb6e1bb5f5f77c7283a9ffd71f636288623ca16a"
PREAMBLE = "powershell -Command $ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue';"

CASES = {
    # classic builder
    "classic-metadata": ('/bin/sh -c #(nop)  CMD ["mysqld"]', "CMD", 'CMD ["mysqld"]'),
    "classic-several-words": ('/bin/sh -c #(nop)  CMD ["a" "b c"]', "CMD", 'CMD ["a", "b c"]'),
    "classic-empty-list": ("/bin/sh -c #(nop)  ENTRYPOINT []", "ENTRYPOINT", "ENTRYPOINT []"),
    "classic-env": ("/bin/sh -c #(nop)  ENV A=b c", "ENV", "ENV A=b c"),
    "classic-copy": (
        f"/bin/sh -c #(nop) COPY file:{SHA} in /usr/local/bin/ ",
        "COPY",
        f"COPY file:{SHA} in /usr/local/bin/",
    ),
    "classic-workdir": ("/bin/sh -c #(nop) WORKDIR /srv/new", "WORKDIR", "WORKDIR /srv/new"),
    "classic-volume": ("/bin/sh -c #(nop)  VOLUME [/data /more]", "VOLUME", "VOLUME /data /more"),
    "classic-expose": ("/bin/sh -c #(nop)  EXPOSE 3306 33060", "EXPOSE", "EXPOSE 3306 33060"),
    "classic-expose-map": ("/bin/sh -c #(nop)  EXPOSE map[80/tcp:{}]", "EXPOSE", "EXPOSE 80/tcp"),
    "classic-onbuild": ("/bin/sh -c #(nop)  ONBUILD RUN x", "ONBUILD", "ONBUILD RUN x"),
    "classic-maintainer": ("/bin/sh -c #(nop) MAINTAINER A <a@example.invalid>", "MAINTAINER", None),
    "classic-old-unquoted": ("/bin/sh -c #(nop) CMD [/bin/bash -l]", "CMD", 'CMD ["/bin/bash", "-l"]'),
    "classic-old-shell-form": ("/bin/sh -c #(nop) CMD [/bin/sh -c node app.js]", "CMD", "CMD node app.js"),
    "classic-old-pointer": ('/bin/sh -c #(nop) ENTRYPOINT &{["/e.sh"]}', "ENTRYPOINT", 'ENTRYPOINT ["/e.sh"]'),
    "classic-nop-alone": ("/bin/sh -c #(nop) ", None, None),
    "classic-shell": ("/bin/sh -ec #(nop)  SHELL [/bin/sh -ec]", "SHELL", 'SHELL ["/bin/sh", "-ec"]'),
    "classic-shell-unknown": ("/usr/bin/py -c #(nop)  SHELL [/usr/bin/py -c]", "SHELL", 'SHELL ["/usr/bin/py", "-c"]'),
    "classic-run": ("/bin/sh -c set -eux;  echo 'a'", "RUN", "RUN set -eux;  echo 'a'"),
    "classic-run-nop-inside": ('/bin/sh -c echo "#(nop) CMD x"', "RUN", 'RUN echo "#(nop) CMD x"'),
    "classic-run-pipefail": ("/bin/bash -o pipefail -c a | b", "RUN", "RUN a | b"),
    "classic-run-true": ("/bin/sh -c true", "RUN", "RUN true"),
    "arguments": ("|1 FOO=bar /bin/sh -ec echo $FOO", "RUN", "RUN echo $FOO"),
    "arguments-with-blanks": ("|2 A=1 2 3 B=x y /bin/sh -c make", "RUN", "RUN make"),
    "arguments-shell-in-command": ("|1 A=1 /bin/sh -c x; /bin/sh -c y", "RUN", "RUN x; /bin/sh -c y"),
    "arguments-shell-in-value": ("|2 A=/bin/sh -c q B=2 /bin/sh -c make", "RUN", "RUN make"),
    "arguments-without-shell": ("|1 A=1 make", None, None),
    "arguments-huge-count": ("|" + "9" * 5000 + " A=1 /bin/sh -c make", None, None),
    # BuildKit
    "buildkit-run": ("RUN /bin/sh -c make # buildkit", "RUN", "RUN make"),
    "buildkit-arguments": ("RUN |1 A=b c /bin/sh -c make # buildkit", "RUN", "RUN make"),
    "buildkit-run-exec-form": ("RUN make all # buildkit", "RUN", "RUN make all"),
    "buildkit-arguments-exec-form": ("RUN |1 A=1 make all # buildkit", "RUN", "RUN |1 A=1 make all"),
    "buildkit-heredoc": ("RUN /bin/sh -c a\nb\n # buildkit", "RUN", "RUN <<EOF\na\nb\nEOF"),
    "buildkit-heredoc-eof-inside": ("RUN /bin/sh -c a\nEOF\n # buildkit", "RUN", "RUN <<EOF1\na\nEOF\nEOF1"),
    "buildkit-heredoc-program": (
        "RUN /bin/sh -c python3 <<EOF\nprint()\nEOF # buildkit",
        "RUN",
        "RUN python3 <<EOF\nprint()\nEOF",
    ),
    "buildkit-copy": ("COPY --chown=1:1 a b /dst/ # buildkit", "COPY", "COPY --chown=1:1 a b /dst/"),
    "buildkit-add": ("ADD rootfs.tar.xz / # buildkit", "ADD", "ADD rootfs.tar.xz /"),
    "buildkit-workdir": ("WORKDIR /srv", "WORKDIR", "WORKDIR /srv"),
    "buildkit-cmd": ('CMD ["nginx" "-g" "daemon off;"]', "CMD", 'CMD ["nginx", "-g", "daemon off;"]'),
    "buildkit-cmd-escapes": (
        'CMD ["a\\"b" "\\x07\\u00e9\\xff" "\\n"]',
        "CMD",
        'CMD ["a\\"b", "\\u0007é\\\\xff", "\\n"]',
    ),
    "buildkit-expose": ("EXPOSE [80/tcp 443/udp]", "EXPOSE", "EXPOSE 80/tcp 443/udp"),
    "buildkit-expose-map": ("EXPOSE map[3306/tcp:{} 33060/tcp:{}]", "EXPOSE", "EXPOSE 3306/tcp 33060/tcp"),
    "buildkit-volume": ("VOLUME [/data]", "VOLUME", "VOLUME /data"),
    "buildkit-shell": ("SHELL [/bin/bash -o pipefail -c]", "SHELL", 'SHELL ["/bin/bash", "-o", "pipefail", "-c"]'),
    "buildkit-arg": ("ARG TARGETARCH", "ARG", "ARG TARGETARCH"),
    # buildah, podman
    "buildah-cmd": ('/bin/sh -c #(nop) CMD ["a","b"]', "CMD", 'CMD ["a", "b"]'),
    "buildah-volume-json": ('/bin/sh -c #(nop) VOLUME ["/data"]', "VOLUME", 'VOLUME ["/data"]'),
    "buildah-healthcheck": (
        "/bin/sh -c #(nop) HEALTHCHECK --interval=5s CMD x",
        "HEALTHCHECK",
        "HEALTHCHECK --interval=5s CMD x",
    ),
    # Windows
    "windows-metadata": ('cmd /S /C #(nop)  CMD ["c:\\\\x"]', "CMD", 'CMD ["c:\\\\x"]'),
    "windows-run": ("cmd /S /C echo hi", "RUN", "RUN echo hi"),
    "windows-buildkit": ("RUN cmd /S /C echo hi # buildkit", "RUN", "RUN echo hi"),
    "powershell-metadata": (f"{PREAMBLE} #(nop)  ENV A=b", "ENV", "ENV A=b"),
    "powershell-run": ("powershell -Command Get-Item x", "RUN", "RUN Get-Item x"),
    "powershell-shell": (
        f"SHELL [{PREAMBLE}]",
        "SHELL",
        f'SHELL ["powershell", "-Command", "{PREAMBLE.partition(" -Command ")[2]}"]',
    ),
    "windows-base": ("Apply image 10.0.17763.3046", None, None),
    # others
    "jib": ("jib-maven-plugin:3.4.0", None, None),
    "ko": ("ko build ko://example.com/app", None, None),
    "umoci": ("umoci repack", None, None),
    "apko": ("apko", None, None),
    "commit": ("sh -c echo committed > /opt/committed", None, None),
    "commit-shell": ("/bin/sh", None, None),
    "commit-small-letters": ("run something", None, None),
    "upper-case-noise": ("HELLO world", None, None),
    "empty": ("", None, None),
    "blank": (" \n", None, None),
    "controls": ("\x00\x1b[31mRUN", None, None),
}


@pytest.mark.parametrize(("created_by", "keyword", "text"), CASES.values(), ids=CASES)
def test_created_by(created_by: str, keyword: str | None, text: str | None) -> None:
    parsed = parse_created_by(created_by)
    assert parsed.keyword == keyword
    if text is not None or keyword is None:
        assert parsed.text == text


HEALTH = {
    "old": (
        """&{["CMD" "curl" "-f x"] "15s" "1s" "20s" '\\x0A'}""",
        '--interval=15s --timeout=1s --start-period=20s --retries=10 CMD ["curl", "-f x"]',
    ),
    "old-newline-rune": ("""&{["CMD-SHELL" "true"] "5s" "0s" "0s" '\\n'}""", "--interval=5s --retries=10 CMD true"),
    "old-printable-rune": ("""&{["CMD-SHELL" "true"] "0s" "0s" "0s" '!'}""", "--retries=33 CMD true"),
    "old-quote-rune": ("""&{["CMD-SHELL" "true"] "0s" "0s" "0s" '\\''}""", "--retries=39 CMD true"),
    "old-brace-rune": ("""&{["CMD-SHELL" "true"] "0s" "0s" "0s" '}'}""", "--retries=125 CMD true"),
    "old-long-rune": ("""&{["CMD-SHELL" "true"] "0s" "0s" "0s" '\\U00051615'}""", "--retries=333333 CMD true"),
    "old-rune-out-of-range": ("""&{["CMD-SHELL" "true"] "0s" "0s" "0s" '\ufffd'}""", "CMD true"),
    "old-all-zero": ("""&{["CMD-SHELL" "true"] "0s" "0s" "0s" '\\x00'}""", "CMD true"),
    "old-before-start-period": ("""&{["CMD-SHELL" "a \\"b\\""] "5m0s" "3s" '\\x02'}""", None),
    "old-start-interval": (
        """&{["CMD-SHELL" "x"] "1s" "2s" "3s" "4s" '\\x05'}""",
        "--interval=1s --timeout=2s --start-period=3s --start-interval=4s --retries=5 CMD x",
    ),
    "old-none": ("""&{["NONE"] "0s" "0s" "0s" '\\x00'}""", "NONE"),
    "new-shell": (
        "{Test:[CMD-SHELL curl -f  x || exit 1] Interval:30s Timeout:3s StartPeriod:0s StartInterval:0s Retries:3}",
        "--interval=30s --timeout=3s --retries=3 CMD curl -f  x || exit 1",
    ),
    "new-exec": (
        "&{Test:[CMD curl x] Interval:0s Timeout:0s StartPeriod:9s StartInterval:0s Retries:0}",
        '--start-period=9s CMD ["curl", "x"]',
    ),
    "new-none": ("{Test:[NONE] Interval:0s Timeout:0s StartPeriod:0s StartInterval:0s Retries:0}", "NONE"),
    "as-written": ("NONE", "NONE"),
    "cut": ("""&{["CMD" "curl" "15s""", """&{["CMD" "curl" "15s"""),
    "unknown-kind": ("""&{["EXEC"] "0s" "0s" "0s" '\\x00'}""", """&{["EXEC"] "0s" "0s" "0s" '\\x00'}"""),
}


@pytest.mark.parametrize(("value", "line"), HEALTH.values(), ids=HEALTH)
def test_healthcheck(value: str, line: str | None) -> None:
    expected = '--interval=5m0s --timeout=3s --retries=2 CMD a "b"' if line is None else line
    for created_by in (f"/bin/sh -c #(nop)  HEALTHCHECK {value}", f"HEALTHCHECK {value}"):
        parsed = parse_created_by(created_by)
        assert (parsed.keyword, parsed.text) == ("HEALTHCHECK", f"HEALTHCHECK {expected}")


def test_kaniko_writes_the_line_as_it_stands() -> None:
    parsed = parse_created_by('RUN /bin/sh -c "x"', author="kaniko")
    assert parsed.text == 'RUN /bin/sh -c "x"'
    assert parse_created_by("copy a /b", author="kaniko").keyword == "COPY"


def test_import_is_from_without_a_line() -> None:
    for created_by in (None, "", " "):
        parsed = parse_created_by(created_by, comment="Imported from -")
        assert (parsed.keyword, parsed.text) == ("FROM", None)


def test_row_without_command_is_an_import_only_at_the_bottom() -> None:
    assert parse_created_by(None, comment="tiny base", bottom=True).keyword == "FROM"
    assert parse_created_by(None, comment="tiny base") == UNKNOWN
    assert parse_created_by(None, bottom=True) == UNKNOWN


@pytest.mark.parametrize(
    "comment",
    [
        "store paths: ['/nix/store/x']",
        "auto-generated by Jib",
        "buildkit.exporter.image.v0",
        "merge sha256:a to sha256:b",
        "create new from sha256:a",
    ],
)
def test_other_rows_without_command_stay_unknown_at_the_bottom(comment: str) -> None:
    assert parse_created_by(None, comment=comment, bottom=True) == UNKNOWN


def test_shell_row_changes_how_later_rows_are_read() -> None:
    learned = parse_created_by(f"SHELL [{PREAMBLE}]").shell
    assert learned == PREAMBLE
    assert parse_created_by(f"RUN {PREAMBLE} Get-Item x # buildkit", shell=learned).text == "RUN Get-Item x"
    assert parse_created_by(f"{PREAMBLE} Get-Item x", shell=learned).text == "RUN Get-Item x"
    assert parse_created_by(f"|1 A=b {PREAMBLE} Get-Item x", shell=learned).text == "RUN Get-Item x"
    assert parse_created_by(f"{PREAMBLE} #(nop)  CMD [a]").shell == PREAMBLE


def test_add_to_root_fills_it() -> None:
    for created_by in (
        f"/bin/sh -c #(nop) ADD file:{SHA} in / ",
        "ADD alpine-minirootfs.tar.gz / # buildkit",
        'ADD ["rootfs.tar", "/"]',
        "ADD --chown=0:0 a.tar /",
    ):
        assert parse_created_by(created_by).fills_root, created_by
    for created_by in ("ADD a /opt/", "COPY . /", f"/bin/sh -c #(nop) ADD file:{SHA} in /x", "ADD", None):
        assert not parse_created_by(created_by).fills_root, created_by


SHELLS = (
    "/bin/bash -o errexit -o nounset -o pipefail -c",
    "/bin/bash -O extglob -c",
    "/bin/bash +o posix -O inherit_errexit -euxo pipefail -c",
    "/bin/bash -ceuo pipefail",
    "/bin/bash -c -l",
    "/bin/bash --login --rcfile /etc/bash.rc -o pipefail -c",
    "/bin/ash -eo pipefail -c",
    "/usr/bin/zsh -o extendedglob -c",
    "/usr/bin/fish -c",
    "/usr/bin/fish --no-config -c",
    "/usr/bin/env bash -c",
    "/busybox/busybox sh -ec",
    "/busybox/sh -c",
    "cmd /S /C",
    "cmd.exe /V:ON /s /c",
    r"C:\Windows\System32\cmd.exe /S /C",
    "powershell -Command",
    "pwsh -NoLogo -NonInteractive -ExecutionPolicy RemoteSigned -Command",
    r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe -NoProfile -c",
    "/opt/microsoft/powershell/7/pwsh -Command",
)


@pytest.mark.parametrize("shell", SHELLS)
def test_shell_with_any_options_is_known_without_a_shell_row(shell: str) -> None:
    for before, after in (("", ""), ("RUN ", " # buildkit"), ("|2 A=1 2 B=3 ", ""), ("RUN |1 A=-c x ", " # buildkit")):
        parsed = parse_created_by(f"{before}{shell} make -c all{after}")
        assert (parsed.keyword, parsed.text) == ("RUN", "RUN make -c all")
        assert parsed.command is not None
        assert (parsed.command.text, parsed.command.shell) == ("make -c all", shell)
    assert parse_created_by(f"{shell} #(nop)  ENV A=b").text == "ENV A=b"


@pytest.mark.parametrize(
    "created_by",
    [
        "/bin/bash -o errexit",
        "/bin/bash -x script",
        "/bin/shred -c x",
        "/bin/bash pipefail -c x",
        "cmd /S x",
        "pwsh -x",
    ],
)
def test_what_takes_no_command_is_no_shell(created_by: str) -> None:
    assert parse_created_by(created_by) == UNKNOWN


def test_build_arguments_of_a_command() -> None:
    command = parse_created_by("RUN |2 A=1 2 B=x /bin/sh -c make # buildkit").command
    assert command is not None
    assert (command.count, command.arguments) == (2, "A=1 2 B=x")


def test_values_as_written_are_told_from_values_that_were_read() -> None:
    assert not parse_created_by("/bin/sh -c #(nop)  ENV A=b c").written
    assert parse_created_by('/bin/sh -c #(nop) ENV A="b c"').written
    assert parse_created_by("ENV A=$B", author="kaniko").written
    assert not parse_created_by("ENV A=b").written


BIG = 2_000_000
HOSTILE = {
    "blanks": " " * BIG,
    "slashes": "|1 A=1" + " /" * (BIG // 2),
    "shells-without-equals": "|9999 " + "/bin/sh -c " * (BIG // 11),
    "almost-shell": "/bin/sh" + " -a" * (BIG // 3),
    "named-options": "|1 A=1" + " /bin/bash -o a -O b +o c -o d" * (BIG // 31),
    "env-shells": "|1 A=1" + " /usr/bin/env" * (BIG // 13),
    "powershell-options": "|1 A=1" + " pwsh" + " -a b" * (BIG // 5),
    "cmd-options": "|1 A=1 " + "cmd /S /V:ON " * (BIG // 13),
    "almost-flag": "/bin/sh -" + "c" * BIG,
    "paths": "|1 A=1 " + ("/" + "a" * 63) * (BIG // 64),
    "quotes": 'CMD ["' + "\\" * BIG,
    "strings": "CMD [" + '"a" ' * (BIG // 4) + "]",
    "open-string": 'CMD ["a' * (BIG // 7),
    "powershell": "powershell" + " -a bypass" * (BIG // 10),
    "health": "HEALTHCHECK &{[" + '"a" ' * (BIG // 4),
    "health-named": "HEALTHCHECK {Test:[" + "] Interval:" * (BIG // 11) + "}",
    "heredoc": "RUN /bin/sh -c " + "\n".join(f"EOF{n}" for n in range(BIG // 10)) + "\nEOF # buildkit",
    "nop": "#(nop) " * (BIG // 7),
    "escapes": "CMD [" + '"' + "\\x41" * (BIG // 4) + '"]',
    "brackets": "CMD " + "[" * BIG + "]" * 9,
    "expose": "EXPOSE map[" + "a:{} " * (BIG // 5) + "]",
}


@pytest.mark.parametrize("created_by", HOSTILE.values(), ids=HOSTILE)
def test_hostile_rows_take_linear_time(created_by: str) -> None:
    with bounded_work():
        parse_created_by(created_by, shell="/bin/sh -c")
