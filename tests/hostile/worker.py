"""Runs imgtar again and again: imported once, one forked process per run, each within limits and watched.

Reads one JSON request a line from standard input: a list of jobs; answers with a line: the list of their results.
A job is {"argv", "out", "err", "inputs", "outputs" (the directories in which the run may write files), "stdin",
"address_space", "files", "cpu" (seconds of processor time)}; a result is {"exit" (negative: the signal that ended it),
"peak" (bytes), "forbidden": what the audit hook saw}. The system itself ends a run that needs too much; no clock is
read here.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import signal
import sys
import tempfile
import warnings
from typing import Any

from tests.preloading import preload, share

# No imgtar process may start another, talk to a network, load a library by hand or change a file.
FORBIDDEN = (
    *("subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system", "os.startfile", "pty."),
    *("socket.", "ctypes.", "urllib.", "http.", "ftplib.", "smtplib.", "webbrowser."),
    *("os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.symlink", "os.link", "os.chmod", "os.chown", "os.utime"),
    *("os.truncate", "os.setxattr", "os.mknod", "os.mkfifo", "tempfile.", "shutil.", "mmap."),
)
HANGS = 300  # seconds after which a run that waits for something is ended: no case waits
SPOOLING = ("cat", "extract")  # commands that may write to a temporary file without a name
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Watch:
    """An audit hook that notes what a run must not do; `report` is where it writes each offence at once."""

    def __init__(self, inputs: list[str], outputs: list[str], report: int, *, spools: bool) -> None:
        package = os.path.dirname(os.path.dirname(sys.modules["imgtar"].__file__ or ""))
        # An editable installation has its metadata beside the package.
        own = (os.path.join(package, name) for name in ("imgtar", "imgtar.egg-info"))
        places = [*inputs, sys.prefix, sys.base_prefix, *own]
        self._allowed = tuple(
            {spelt for place in places for spelt in (os.path.abspath(place), os.path.realpath(place))}
        )
        self._outputs = outputs
        self._spools = spools
        self._report = report

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
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


def child(job: dict[str, Any], report: int) -> None:
    """The forked process: never returns."""
    code = 99
    try:
        from imgtar.cli.main import run
        from imgtar.runtime import tuned

        for number, name in ((0, job.get("stdin") or os.devnull), (1, job["out"]), (2, job["err"])):
            flags = os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_TRUNC
            descriptor = os.open(name, flags, 0o600)
            os.dup2(descriptor, number)
            os.close(descriptor)
        os.chdir(os.path.dirname(job["out"]))  # a directory without a configuration
        resource.setrlimit(resource.RLIMIT_AS, (job["address_space"], job["address_space"]))
        resource.setrlimit(resource.RLIMIT_NOFILE, (job["files"], job["files"]))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CPU, (job["cpu"], job["cpu"] + 1))
        signal.alarm(HANGS)
        sys.argv = ["imgtar", *job["argv"]]
        sys.addaudithook(Watch(job["inputs"], job["outputs"], report, spools=job["argv"][0] in SPOOLING))
        with tuned():
            code = run(job["argv"])
        gc.collect()
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:
        import traceback

        traceback.print_exc()
        code = 98
    finally:
        os._exit(code)


class Running:
    """A forked run that is not waited for yet."""

    def __init__(self, job: dict[str, Any]) -> None:
        self.report, write = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            child(job, write)
        os.close(write)

    def result(self, status: int, peak: int) -> dict[str, Any]:
        """The result, once the process has ended with this status."""
        with os.fdopen(self.report, "rb") as pipe:
            seen = pipe.read().decode()
        return {"exit": os.waitstatus_to_exitcode(status), "peak": peak, "forbidden": seen.splitlines()}


def serve_batch(jobs: list[dict[str, Any]], at_once: int) -> list[dict[str, Any]]:
    """The results of the jobs, in their order."""
    results: list[dict[str, Any]] = [{}] * len(jobs)
    waiting = list(enumerate(jobs))[::-1]
    running: dict[int, tuple[int, Running]] = {}
    while waiting or running:
        while waiting and len(running) < at_once:
            number, job = waiting.pop()
            run = Running(job)
            running[run.pid] = number, run
        pid, status, usage = os.wait4(-1, 0)
        number, run = running.pop(pid)
        results[number] = run.result(status, usage.ru_maxrss * 1024)
    return results


def main() -> None:
    preload()
    warm_up()
    share()
    warnings.simplefilter("error" if sys.flags.dev_mode else "default")
    beside = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    at_once = max(1, min(4, (os.cpu_count() or 1) // beside))
    for line in sys.stdin:
        print(json.dumps(serve_batch(json.loads(line), at_once)), flush=True)


if __name__ == "__main__":
    main()
