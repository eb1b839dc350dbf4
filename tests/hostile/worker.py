"""Runs imgtar again and again: imported once, in forked processes, each run within limits and watched.

A process does one run after the other, as long as it stays small: most of what a short run costs in a process of its
own is the memory that the two share no more.

Reads one JSON request a line from standard input: a list of jobs; answers with a line: the list of their results.
A job is {"argv", "out", "err", "inputs", "outputs" (the directories in which the run may write files), "stdin",
"address_space", "files", "cpu" (seconds of processor time)}; a result is {"exit" (negative: the signal that ended it),
"peak" (bytes), "forbidden": what the audit hook saw}. The system itself ends a run that needs too much; no clock is
read here.
"""

from __future__ import annotations

import gc
import json
import math
import os
import resource
import signal
import sys
import tempfile
import time
import warnings
from typing import Any, BinaryIO, NoReturn

from tests.preloading import preload, share

# No imgtar process may start another, talk to a network, load a library by hand or change a file.
FORBIDDEN = (
    *("subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system", "os.startfile", "pty."),
    *("socket.", "ctypes.", "urllib.", "http.", "ftplib.", "smtplib.", "webbrowser."),
    *("os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.symlink", "os.link", "os.chmod", "os.chown", "os.utime"),
    *("os.truncate", "os.setxattr", "os.mknod", "os.mkfifo", "tempfile.", "shutil.", "mmap."),
)
HANGS = 300  # seconds after which a run that waits for something is ended: no case waits
FRESH = 64 << 20  # bytes at the peak of a run, after which the next one has a new process
SPOOLING = ("cat", "extract")  # commands that may write to a temporary file without a name
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Watch:
    """An audit hook that notes what a run must not do; `report` is where it writes each offence at once.

    It notes nothing before `allow` and after `rest`.
    """

    def __init__(self, report: int) -> None:
        self._report = report
        self._watches = False
        self._allowed: tuple[str, ...] = ()
        self._outputs: list[str] = []
        self._spools = False

    def allow(self, job: dict[str, Any]) -> None:
        """From now on the run of this job is watched."""
        package = os.path.dirname(os.path.dirname(sys.modules["imgtar"].__file__ or ""))
        # An editable installation has its metadata beside the package.
        own = (os.path.join(package, name) for name in ("imgtar", "imgtar.egg-info"))
        places = [*job["inputs"], sys.prefix, sys.base_prefix, *own]
        self._allowed = tuple(
            {spelt for place in places for spelt in (os.path.abspath(place), os.path.realpath(place))}
        )
        self._outputs = job["outputs"]
        self._spools = job["argv"][0] in SPOOLING
        self._watches = True

    def rest(self) -> None:
        self._watches = False

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self._watches:
            return
        offence = None
        if event == "open":
            offence = self._opened(*arguments)
        elif event in ("os.listdir", "os.scandir"):
            offence = self._outside(arguments[0])
        elif event in ("os.rename", "os.remove") and self._is_output(*arguments[: 1 + (event == "os.rename")]):
            return
        elif event.startswith(FORBIDDEN):
            offence = f"{arguments!r:.200}"
        if offence:
            os.write(self._report, f"{event}: {offence}\n".encode("utf-8", "replace"))

    def _opened(self, path: object, mode: object, flags: object) -> str | None:
        if isinstance(path, int) or path in (os.devnull, b"/dev/null"):
            return None
        writes = isinstance(flags, int) and flags & WRITING
        if self._is_output(path) or (self._spools and path == "/tmp" and flags & os.O_TMPFILE == os.O_TMPFILE):
            return None
        return f"{path!r} for writing" if writes else self._outside(path)

    def _is_output(self, *paths: object) -> bool:
        """Are these all files directly in one of the directories in which the run may write?"""
        return all(isinstance(path, str) and os.path.dirname(path) in self._outputs for path in paths)

    def _outside(self, path: object) -> str | None:
        if path is None or isinstance(path, int):
            return None
        whole = os.path.abspath(os.fsdecode(os.fspath(path)))  # type: ignore[call-overload]
        inside = any(whole == place or whole.startswith(place + os.sep) for place in self._allowed)
        return None if inside else repr(path)


def warm_up() -> None:
    """Renders a small image in every format: what is compiled at its first use is compiled once, here."""
    from imgtar.cli.main import run
    from imgtar.cli.registry import report_types
    from tests.builders import good

    with tempfile.TemporaryDirectory() as folder:
        image, report = os.path.join(folder, "image.tar"), os.path.join(folder, "report")
        with open(image, "wb") as out:
            out.write(good())
        for command in ("inspect", "audit"):
            for form in report_types()[command].renderers:
                run([command, image, "-q", "-o", f"{form}={report}"])


def child(jobs: BinaryIO, report: int) -> NoReturn:
    """The forked process: it writes a line for what a run must not do, and one for the end of each run."""
    from imgtar.cli.main import run
    from imgtar.runtime import tuned

    sys.dont_write_bytecode = True  # a module that only one run needs is not a file that imgtar writes
    watch = Watch(report)
    sys.addaudithook(watch)
    for job in map(json.loads, jobs):
        code = 98
        try:
            signal.alarm(HANGS)
            set_up(job)
            watch.allow(job)
            with tuned():
                code = run(job["argv"])
            gc.collect()
            sys.stdout.flush()
            sys.stderr.flush()
        except BaseException:
            import traceback

            traceback.print_exc()
            sys.stderr.flush()
        watch.rest()
        signal.alarm(0)  # until the next job, it waits as long as that takes
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        os.write(report, f"{json.dumps({'exit': code, 'peak': peak})}\n".encode())
    os._exit(0)


def set_up(job: dict[str, Any]) -> None:
    """The files and limits of a run."""
    for number, name in ((0, job.get("stdin") or os.devnull), (1, job["out"]), (2, job["err"])):
        flags = os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        descriptor = os.open(name, flags, 0o600)
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.chdir(os.path.dirname(job["out"]))  # a directory without a configuration
    limits = {
        resource.RLIMIT_AS: job["address_space"],
        resource.RLIMIT_NOFILE: job["files"],
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_CPU: math.ceil(time.process_time()) + job["cpu"],
    }
    for limit, value in limits.items():  # the next run may have more of it
        resource.setrlimit(limit, (value, resource.getrlimit(limit)[1]))
    sys.argv = ["imgtar", *job["argv"]]


class Running:
    """A forked process that does runs one after the other."""

    def __init__(self) -> None:
        asked, ask = os.pipe()
        told, tell = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            os.close(ask)
            os.close(told)
            with os.fdopen(asked, "rb") as jobs:
                child(jobs, tell)
        os.close(asked)
        os.close(tell)
        self._ask = os.fdopen(ask, "wb")
        self._told = os.fdopen(told, "rb")

    def run(self, job: dict[str, Any]) -> tuple[dict[str, Any], bool]:
        """The result of one run, and whether the process can do another."""
        self._ask.write(json.dumps(job).encode() + b"\n")
        self._ask.flush()
        seen: list[str] = []
        for line in self._told:
            if line.startswith(b"{"):
                result = json.loads(line) | {"forbidden": seen}
                small = result["peak"] <= FRESH
                if not small:
                    self.end()
                return result, small
            seen.append(line.decode().rstrip("\n"))
        status, peak = self.end()
        return {"exit": os.waitstatus_to_exitcode(status), "peak": peak, "forbidden": seen}, False

    def end(self) -> tuple[int, int]:
        """Lets it end: its status, and its peak in bytes."""
        self._ask.close()
        self._told.close()
        _, status, usage = os.wait4(self._pid, 0)
        return status, usage.ru_maxrss * 1024


def main() -> None:
    preload()
    warm_up()
    share()
    warnings.simplefilter("error" if sys.flags.dev_mode else "default")
    running: Running | None = None
    for line in sys.stdin:
        results = []
        for job in json.loads(line):
            running = running or Running()
            result, goes_on = running.run(job)
            running = running if goes_on else None
            results.append(result)
        print(json.dumps(results), flush=True)
    if running:
        running.end()


if __name__ == "__main__":
    main()
