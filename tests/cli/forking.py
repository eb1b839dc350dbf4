"""Forks one imgtar per run: a process that is started once and has imported imgtar already.

Reads a JSON request a line from standard input: {"argv" (bytes in hexadecimal digits), "cwd", "umask", "env", "stdin",
"out", "err" (names of files), "timeout" (seconds)}; answers with a line: the exit code, negative for a signal.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
from typing import Any, NoReturn

from tests.preloading import preload, share


def child(job: dict[str, Any]) -> NoReturn:
    """The forked process."""
    try:
        for number, name in enumerate((job["stdin"], job["out"], job["err"])):
            descriptor = os.open(name, os.O_WRONLY if number else os.O_RDONLY)
            os.dup2(descriptor, number)
            os.close(descriptor)
        os.chdir(job["cwd"])
        os.umask(job["umask"])
        os.environ.clear()
        os.environ.update(job["env"])
        tempfile.tempdir = None  # it depends on the environment
        signal.alarm(job["timeout"])
        sys.argv = ["imgtar", *map(os.fsdecode, map(bytes.fromhex, job["argv"]))]
        from imgtar.__main__ import main

        main()
    except BaseException:
        import traceback

        traceback.print_exc()
        sys.stderr.flush()
    os._exit(98)


def main() -> None:
    preload()
    share()
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            child(json.loads(line))
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
