"""Risks in the commands of a build step, by its words, and by the files of its layer where they are at hand."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from imgtar.audit.rules import configuration_kinds as kinds
from imgtar.audit.shell import ShellCommand, Word, expanded, is_shell, script_argument, shell_commands
from imgtar.findings import Finding
from imgtar.layer.scan import LayerScan

_APT = frozenset(("apt-get", "apt", "aptitude"))
_RPM = frozenset(("yum", "dnf", "dnf5", "microdnf", "tdnf", "zypper"))
_INSTALLS = frozenset(
    ("install", "in", "add", "update", "up", "upgrade", "groupinstall", "dist-upgrade", "dup", "reinstall")
)
_APT_INSTALLS = frozenset(("install", "upgrade", "dist-upgrade", "full-upgrade", "build-dep", "reinstall"))
_REFRESHES = frozenset(("makecache", "check-update", "refresh", "ref"))
_DOWNLOADS = frozenset(("curl", "wget"))
_INTERPRETERS = ("python", "perl", "ruby", "node", "php")
_WITH_SCRIPT = ("-c", "-e", "-m", "-n", "-p", "-E", "-r", "--eval")  # options of an interpreter that does not read one

# Where the package lists and caches of a manager are, and which files there are none.
_APT_LISTS = (b"var/lib/apt/lists/",)
_APK_INDEX = (b"var/cache/apk/", b"etc/apk/cache/")
_RPM_CACHE = (b"var/cache/yum/", b"var/cache/dnf/", b"var/cache/libdnf5/", b"var/cache/zypp/", b"var/cache/tdnf/")
_NO_LIST = (b"lock", b"auxfiles", b"partial")


def build_step_findings(step: str, command: str, scan: LayerScan | None) -> Iterator[Finding]:
    """The findings on the command of a RUN step; `step` names it. They lack the number of the image.

    `scan` is that of the layer that the step makes: where it is complete its files say what the step left, and not
    the command. A cache mount leaves nothing.
    """
    commands = list(shell_commands(command))
    left = _Left(command, commands, scan)
    if any({"sudo", "doas"}.intersection(found.runners) for found in commands):
        yield kinds.SUDO.at(step=step)
    if any(_is(found, _APT, {"dist-upgrade", "full-upgrade"}) for found in commands):
        yield kinds.DIST_UPGRADE.at(step=step)
    adds = [found for found in commands if _is(found, {"apk"}, {"add"}) and "--no-cache" not in found.arguments]
    if adds and left.files(_APK_INDEX):
        yield kinds.APK_CACHE.at(step=step)
    if any(_is(found, {"apt-get"}, {"install"}) and not _is_frugal(found) for found in commands):
        yield kinds.RECOMMENDED.at(step=step)
    if any(_is_piped_script(found) for found in commands):
        yield kinds.PIPED_SCRIPT.at(step=step)
    caching = [found for found in commands if _is(found, _RPM, _INSTALLS)]
    if caching and left.files(_RPM_CACHE):
        yield kinds.PACKAGE_CACHE.at(step=step, manager=caching[0].program)
    yield from _updates(step, commands, left)


def _updates(step: str, commands: Sequence[ShellCommand], left: _Left) -> Iterator[Finding]:
    apt = any(_is(found, _APT, {"update"}) for found in commands)
    lists = apt or any(
        _is(found, _RPM, _REFRESHES) or (_is(found, {"apk"}, {"update"}) and "--no-cache" not in found.arguments)
        for found in commands
    )
    installs = any(
        _is(found, _APT, _APT_INSTALLS) or _is(found, _RPM, _INSTALLS) or _is(found, {"apk"}, {"add", "upgrade"})
        for found in commands
    )
    if lists and not installs:
        yield kinds.UPDATE_ALONE.at(step=step)
    elif apt and left.files(_APT_LISTS):
        yield kinds.APT_CACHE.at(step=step)


def _is(command: ShellCommand, programs: frozenset[str] | set[str], words: frozenset[str] | set[str]) -> bool:
    """Is it one of these programs with one of these words as its first operand?"""
    if command.program not in programs:
        return False
    operands = (word for word in command.arguments if not word.startswith("-"))
    first = next(operands, "")
    # An option may have a value: `yum -c FILE install`.
    return first in words or (next(operands, "") in words and first not in _INSTALLS | _REFRESHES | {"remove", "purge"})


def _is_frugal(command: ShellCommand) -> bool:
    """Does apt-get leave out what is only recommended?"""
    return any(
        word == "--no-install-recommends" or ("Install-Recommends" in word and word[-1:] in ("0", "o", "e"))
        for word in (argument.rstrip("\"';") for argument in command.arguments)
    )


def _is_piped_script(command: ShellCommand) -> bool:
    """Does an interpreter run what a program downloads: by a pipe, a substitution or a `<(…)`?"""
    program = command.program
    shell = is_shell(program)
    if shell or program.rstrip("0123456789.") in _INTERPRETERS:
        if any(reads.program in _DOWNLOADS for reads in command.reads) and _reads_script(
            command.arguments, shell=shell
        ):
            return True
        script = script_argument(command)
        operands = command.words[1:] if script is None else (script,)
        return any(_downloads(word) for word in operands if shell or not word.text.startswith("-"))
    return program in ("eval", "source", ".") and any(_downloads(word) for word in command.words[1:])


def _reads_script(arguments: Sequence[str], *, shell: bool) -> bool:
    """Does an interpreter with these arguments read its script from standard input?"""
    for argument in arguments:
        if argument in ("-", "/dev/stdin") or (shell and argument.startswith("-") and "s" in argument[1:]):
            return True
        if argument.startswith(("-c", "-e")) or argument in _WITH_SCRIPT or (shell and argument.endswith("c")):
            return False
        if not argument.startswith(("-", "+", "<", ">")):
            return False
    return True


def _downloads(word: Word) -> bool:
    """Does the word begin with the output of a download?"""
    return word.text.startswith(("$(", "<$(")) and any(
        found.program in _DOWNLOADS for text in word.commands for found in shell_commands(text)
    )


class _Left:
    """What a step leaves of package lists and caches."""

    def __init__(self, command: str, commands: Sequence[ShellCommand], scan: LayerScan | None) -> None:
        self._scan = scan if scan is not None and scan.complete else None
        self._mounts = "--mount=type=cache" in command or "--mount=type=tmpfs" in command
        self._commands = commands

    def files(self, folders: tuple[bytes, ...]) -> bool:
        """Are there files of the step below one of these folders? By the commands, if the layer is not at hand."""
        if self._scan is not None:
            return any(
                path.startswith(folders) and member.type == "file" and member.size and not path.endswith(_NO_LIST)
                for path, member in self._scan.entries.items()
            )
        return not self._mounts and not any(_cleans(found, folders) for found in self._commands)


def _cleans(command: ShellCommand, folders: tuple[bytes, ...]) -> bool:
    """Does the command remove what is in one of the folders?"""
    if command.program == "rm":
        paths = [path for word in command.arguments for path in expanded(word) if not word.startswith("-")]
    elif command.program == "find" and ("-delete" in command.arguments or "rm" in command.arguments):
        paths = list(itertools.takewhile(lambda word: not word.startswith(("-", "(", "!")), command.arguments))
    elif command.program in _APT:
        return folders == _APT_LISTS and _is(command, _APT, {"dist-clean", "distclean"})
    elif command.program in _RPM:
        return folders == _RPM_CACHE and bool({"clean", "cc"}.intersection(command.arguments))
    elif command.program == "apk":
        return folders == _APK_INDEX and "cache" in command.arguments and "clean" in command.arguments
    else:
        return False
    removed = {path.rstrip("*").rstrip("/") + "/" for path in paths if path.startswith("/")}
    return any(f"/{folder.decode()}".startswith(tuple(removed)) for folder in folders) if removed else False
