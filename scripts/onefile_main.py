"""The start of the one-file build (scripts/onefile): unpacks what the file holds into a private folder, and runs it.

Python imports compiled modules from files only, so they cannot stay inside. The folder is
`$XDG_CACHE_HOME/imgtar-onefile/FINGERPRINT`, where the fingerprint is that of everything inside. It is used only if
nobody else can write there; otherwise, and where there is no such place, a temporary folder serves for one run.
"""

import os
import sys

FINGERPRINT = "@FINGERPRINT@"
CANNOT_RUN = 2  # exit codes of imgtar (docs/exit-codes.md)
CANNOT_WRITE = 6
OLDEST_PYTHON = (3, 11)

unfinished = []  # paths: the temporary folder, and the file that is being written; a run that ends leaves none


def main():
    if sys.version_info[:2] < OLDEST_PYTHON:
        fail(
            CANNOT_RUN,
            "imgtar needs Python %d.%d or newer; this is Python %d.%d" % (OLDEST_PYTHON + sys.version_info[:2]),
        )
    end_on_signals()
    import zipfile

    with zipfile.ZipFile(os.path.dirname(os.path.abspath(__file__))) as archive:
        members = [info for info in archive.infolist() if info.filename.startswith("site/")]
        foreign = compiled_for_others([info.filename for info in members])
        try:
            folder = private_folder() or temporary_folder()
            unpack(archive, [info for info in members if info.filename not in foreign], folder)
            start(os.path.join(folder, "site"))
        except BaseException:
            remove_unfinished()
            raise


def start(site):
    """Runs the command line; nothing unfinished is left at its end, also when a signal ends it."""
    sys.path.insert(0, site)
    from imgtar.__main__ import main as run
    from imgtar.cli.signals import undone_by

    with undone_by(remove_unfinished):
        run(before_exit=remove_unfinished)


def end_on_signals():
    """A signal ends the unpacking at once and quietly, with the exit code that imgtar has for it.

    The handler raises nothing: an exception may be lost in a destructor.
    """
    import signal

    def end(number, _frame):
        remove_unfinished()
        os._exit(128 + number)

    for number in signals():
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, end)


def signals():
    """The signals that end a run."""
    import signal

    return signal.SIGINT, signal.SIGTERM, signal.SIGHUP


def remove_unfinished():
    for path in unfinished:
        try:
            os.unlink(path)
        except OSError:
            import shutil

            shutil.rmtree(path, ignore_errors=True)


def fail(code, message):
    sys.stderr.write("imgtar: error: %s\n" % message)
    sys.exit(code)


def compiled_for_others(names):
    """The compiled modules that this interpreter cannot load; fails if a library has only such ones.

    The compiled modules of imgtar are optional.
    """
    from importlib.machinery import EXTENSION_SUFFIXES

    foreign, suffixes = set(), {}
    for name in names:
        if name.endswith((".so", ".pyd")):
            folder, _, base = name.rpartition("/")
            stem, _, suffix = base.partition(".")
            suffixes.setdefault(folder + "/" + stem, []).append(suffix)
            if "." + suffix not in EXTENSION_SUFFIXES:
                foreign.add(name)
    for module, known in sorted(suffixes.items()):
        missing = all("%s.%s" % (module, suffix) in foreign for suffix in known)
        if missing and not module.startswith("site/imgtar/"):
            here = EXTENSION_SUFFIXES[0].split(".")[1]
            there = ", ".join(sorted(suffix.split(".")[0] for suffix in known))
            fail(
                CANNOT_RUN,
                "this file holds %s for %s, but this Python needs %s" % (module[len("site/") :], there, here),
            )
    return foreign


def private_folder():
    """A folder of this user's cache where only this user can write; None if there is no such place."""
    try:
        place = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
        if os.path.isabs(place):
            place = os.path.realpath(place)
            folder = os.path.join(place, "imgtar-onefile", FINGERPRINT)
            for path in (place, os.path.dirname(folder), folder):
                make_folder(path)
            if is_private(folder) and os.access(folder, os.W_OK):
                return folder
    except OSError:
        pass  # no home, or one that cannot be written
    return None


def temporary_folder():
    """A folder for this run alone. A signal waits until it is known which folder to remove."""
    import signal
    import tempfile

    before = signal.pthread_sigmask(signal.SIG_BLOCK, signals())
    try:
        folder = tempfile.mkdtemp(prefix="imgtar-onefile-")
        unfinished.append(folder)
        return folder
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def make_folder(path):
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        pass


def is_private(folder):
    """Whether the folder is ours alone, and nobody else can rename it or a folder above it."""
    state = os.lstat(folder)
    if state.st_uid != os.geteuid() or state.st_mode & 0o077 or os.path.realpath(folder) != folder:
        return False
    while folder != os.path.dirname(folder):
        folder = os.path.dirname(folder)
        state = os.lstat(folder)
        if state.st_uid not in (0, os.geteuid()) or (state.st_mode & 0o022 and not state.st_mode & 0o1000):
            return False
    return True


def unpack(archive, members, folder):
    """Writes what is missing or has another size; each file appears whole, so that several runs may do it at once."""
    for info in members:
        path = os.path.join(folder, info.filename)
        try:
            if os.path.getsize(path) == info.file_size:
                continue
        except OSError:
            pass
        partial = "%s.%d" % (path, os.getpid())
        try:
            os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
            unfinished.append(partial)
            with open(partial, "wb") as file:
                file.write(archive.read(info))
            os.replace(partial, path)
            unfinished.remove(partial)
        except OSError as problem:
            fail(CANNOT_WRITE, "cannot unpack into %s: %s" % (folder, problem.strerror))


if __name__ == "__main__":
    main()
