"""`imgtar attach --in-place` writes inside the layout alone, whatever links it has or gets meanwhile."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from imgtar.archive.input.folder import OpenFolder
from imgtar.cli import layout_writer
from imgtar.cli.main import run
from imgtar.formats.digest import Digest
from tests.builders import file, oci_layout, tar, write_directory
from tests.cli.command import environment, imgtar, one_line
from tests.cli.test_signals import SIGNALLED

pytestmark = pytest.mark.slow

REPORT = b'{"schema_version":1}'
BLOB = "blobs/sha256/" + Digest.of(REPORT).encoded


class Place:
    """A layout among other files, of which not one may change."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.layout = write_directory(oci_layout([tar(file("a"))]).members(), folder / "layout")
        self.report = folder / "report.json"
        self.report.write_bytes(REPORT)
        self.outside = folder / "outside"
        for name in ("blobs/sha256", "sha256", "empty"):
            (self.outside / name).mkdir(parents=True)
        (self.outside / "index.json").write_bytes((self.layout / "index.json").read_bytes())
        (self.outside / "secret").write_bytes(b"canary")

    def around(self) -> dict[str, object]:
        """Everything but the layout: mode, time of change, content."""
        return {name: one for name, one in self._everything().items() if not name.startswith("layout/")}

    def inside(self) -> dict[str, object]:
        return {name: one for name, one in self._everything().items() if name.startswith("layout/")}

    def _everything(self) -> dict[str, object]:
        found: dict[str, object] = {}
        for path in sorted(self.folder.rglob("*")):
            status = path.lstat()
            content = os.readlink(path) if path.is_symlink() else path.read_bytes() if path.is_file() else None
            changed = None if path == self.layout else status.st_mtime_ns
            found[str(path.relative_to(self.folder))] = stat.S_IMODE(status.st_mode), changed, content
        return found

    def attach(self, *options: str, layout: Path | None = None) -> subprocess.CompletedProcess[bytes]:
        return imgtar("attach", layout or self.layout, self.report, "--in-place", *options)

    def referrers(self) -> list[str]:
        entries = json.loads((self.layout / "index.json").read_bytes())["manifests"]
        return [entry["digest"] for entry in entries if "artifactType" in entry]

    def move_out(self, name: str, target: Path, link: str) -> None:
        """Moves a part of the layout to `target` and puts a link to it in its place."""
        shutil.rmtree(target, ignore_errors=True)
        shutil.move(self.layout / name, target)
        (self.layout / name).symlink_to(link)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def leads_out(name: str, *, absolute: bool = False) -> Callable[[Place], None]:
    def change(place: Place) -> None:
        target = place.outside / Path(name).name
        link = str(target) if absolute else os.path.relpath(target, (place.layout / name).parent)
        place.move_out(name, target, link)

    return change


def clamped(place: Place) -> None:
    """A link that the reader resolves inside the layout and the system resolves outside."""
    place.move_out("blobs/sha256", place.layout / "real", "../../../real")
    (place.folder.parent / "real").mkdir(exist_ok=True)


def inner(place: Place) -> None:
    place.move_out("blobs/sha256", place.layout / "real", "../real")


def loop(place: Place) -> None:
    place.move_out("blobs", place.layout / "real", "blobs")


def index_link_inside(place: Place) -> None:
    place.move_out("index.json", place.layout / "other.json", "other.json")


LINKS = {
    "blobs-relative": leads_out("blobs"),
    "blobs-absolute": leads_out("blobs", absolute=True),
    "sha256-relative": leads_out("blobs/sha256"),
    "sha256-absolute": leads_out("blobs/sha256", absolute=True),
    "sha256-clamped": clamped,
    "sha256-inside": inner,
    "blobs-loop": loop,
    "index-relative": leads_out("index.json"),
    "index-inside": index_link_inside,
}


@pytest.mark.parametrize("change", LINKS.values(), ids=LINKS)
def test_a_layout_with_links_in_place_of_its_parts_is_refused(change: Callable[[Place], None], place: Place) -> None:
    change(place)
    around, inside = place.around(), place.inside()
    ran = place.attach()
    assert ran.returncode == 3
    one_line(ran)
    assert (place.around(), place.inside()) == (around, inside)
    assert not list((place.folder.parent / "real").glob("*")) if change is clamped else True


@pytest.mark.parametrize("change", [inner, index_link_inside, clamped])
def test_the_refusal_names_the_link(change: Callable[[Place], None], place: Place) -> None:
    change(place)
    name = "index.json" if change is index_link_inside else "blobs/sha256"
    assert f"{name} is a symbolic link" in one_line(place.attach())


def test_the_layout_itself_may_be_given_through_a_link(place: Place) -> None:
    link = place.folder / "link"
    link.symlink_to("layout")
    around = place.around()
    assert place.attach(layout=link).returncode == 0
    assert place.around() == around
    assert len(place.referrers()) == 1


def test_only_blobs_and_index_are_written(place: Place) -> None:
    around, inside = place.around(), place.inside()
    assert place.attach().returncode == 0
    assert place.around() == around
    now = place.inside()
    assert all(
        now[name] == one for name, one in inside.items() if name not in ("layout/index.json", "layout/blobs/sha256")
    )
    [digest] = place.referrers()
    added = {"layout/" + BLOB, "layout/blobs/sha256/" + digest[7:], "layout/blobs/sha256/" + Digest.of(b"{}").encoded}
    assert now.keys() - inside.keys() == added


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644])
def test_new_files_have_the_mode_of_the_index(mode: int, place: Place) -> None:
    (place.layout / "index.json").chmod(mode)
    assert place.attach().returncode == 0
    for name in ("index.json", BLOB):
        assert stat.S_IMODE((place.layout / name).stat().st_mode) == mode


def test_a_directory_of_blobs_is_made_where_it_is_missing(place: Place) -> None:
    """As in a layout whose blobs all have another algorithm."""
    (place.layout / "blobs/sha256").rename(place.layout / "blobs/sha512")
    index = (place.layout / "index.json").read_bytes()
    layout_writer.write_into(OpenFolder.opened(str(place.layout)), "layout", {BLOB.encode(): REPORT}, b"{}", index)
    assert (place.layout / BLOB).read_bytes() == REPORT
    assert (place.layout / "index.json").read_bytes() == b"{}"


def other_bytes(path: Path) -> None:
    path.write_bytes(REPORT[:-1] + b"]")


def fewer_bytes(path: Path) -> None:
    path.write_bytes(b"")


def link_to_secret(path: Path) -> None:
    path.symlink_to("../../../outside/secret")


@pytest.mark.parametrize("spoil", [other_bytes, fewer_bytes, link_to_secret, os.mkfifo])
def test_a_blob_that_is_not_what_its_name_says_is_replaced(spoil: Callable[[Path], None], place: Place) -> None:
    blob = place.layout / BLOB
    spoil(blob)
    around = place.around()
    ran = place.attach()
    assert ran.returncode == 0
    assert f"blob sha256:{blob.name} had other content and is replaced" in one_line(ran)
    assert not blob.is_symlink()
    assert blob.read_bytes() == REPORT
    assert place.around() == around


def test_a_right_blob_is_left_alone(place: Place) -> None:
    (place.layout / BLOB).write_bytes(REPORT)
    before = (place.layout / BLOB).stat()
    ran = place.attach()
    assert (ran.returncode, ran.stderr) == (0, b"")
    after = (place.layout / BLOB).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_directory_in_place_of_a_blob_is_refused(place: Place) -> None:
    (place.layout / BLOB).mkdir()
    inside = place.inside()
    ran = place.attach()
    assert ran.returncode == 3
    assert f"{BLOB} is a directory" in one_line(ran)
    assert place.inside() == inside


SWAPS = {
    "blobs": lambda place: place.move_out("blobs", place.outside / "blobs", "../outside/empty"),
    "sha256": lambda place: place.move_out("blobs/sha256", place.outside / "sha256", "../../outside/empty"),
    "layout": lambda place: place.move_out("", place.folder / "moved", "outside"),
}


@pytest.mark.parametrize("step", ["stage", "take_place"])
@pytest.mark.parametrize("swap", SWAPS.values(), ids=SWAPS)
def test_a_link_that_appears_between_two_steps_leads_nowhere(
    swap: Callable[[Place], None], step: str, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process puts a link to `outside/empty` in the place of a directory, right before a step."""
    swapped = []

    def once() -> None:
        if not swapped:
            swapped.append(True)
            swap(place)

    stage, take = layout_writer._stage, layout_writer._Staged.take_place
    if step == "stage":
        monkeypatch.setattr(layout_writer, "_stage", lambda *given: (once(), stage(*given))[1])
    else:
        monkeypatch.setattr(layout_writer._Staged, "take_place", lambda file: (once(), take(file))[1])
    canary = (place.outside / "index.json").read_bytes(), (place.outside / "secret").read_bytes()
    run(["attach", str(place.layout), str(place.report), "--in-place"])
    assert swapped
    assert ((place.outside / "index.json").read_bytes(), (place.outside / "secret").read_bytes()) == canary
    assert not list((place.outside / "empty").iterdir())
    assert not list(place.folder.rglob("*.tmp"))


def test_an_index_that_changes_meanwhile_is_not_overwritten(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    index = place.layout / "index.json"
    changed = index.read_bytes() + b"\n"
    stage = layout_writer._stage

    def other_process(*given: object) -> object:
        index.write_bytes(changed)
        return stage(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(layout_writer, "_stage", other_process)
    assert run(["attach", str(place.layout), str(place.report), "--in-place"]) == 4
    assert index.read_bytes() == changed
    assert not list(place.folder.rglob("*.tmp"))


def test_while_one_run_writes_another_is_refused(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    other = place.folder / "other.json"
    other.write_bytes(b'{"other":1}')
    command = ("attach", place.layout, other, "--in-place")
    second = []
    take = layout_writer._Staged.take_place

    def meanwhile(file: layout_writer._Staged) -> None:
        second.append(imgtar(*command))
        take(file)

    monkeypatch.setattr(layout_writer._Staged, "take_place", meanwhile)
    assert run(["attach", str(place.layout), str(place.report), "--in-place"]) == 0
    assert len(second) > 1
    assert {attempt.returncode for attempt in second} == {6}
    assert one_line(second[0]).endswith(
        "another process is writing into the layout; run it again when the other one has ended"
    )
    assert imgtar(*command).returncode == 0
    assert len(json.loads((place.layout / "index.json").read_bytes())["manifests"]) == 3


def test_runs_at_once_lose_no_report(place: Place) -> None:
    """Each ends with its report attached or with a refusal."""
    runs = []
    for number in range(4):
        report = place.folder / f"report{number}.json"
        report.write_bytes(b'{"number":%d}' % number)
        arguments = [sys.executable, "-m", "imgtar", "attach", str(place.layout), str(report), "--in-place"]
        runs.append(subprocess.Popen(arguments, env=environment(), stderr=subprocess.DEVNULL))
    codes = [process.wait() for process in runs]
    assert set(codes) <= {0, 6}
    assert 0 in codes
    assert len(json.loads((place.layout / "index.json").read_bytes())["manifests"]) == 1 + codes.count(0)


def test_a_file_system_without_locks_is_no_obstacle(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def flock(_descriptor: int, _operation: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(layout_writer.fcntl, "flock", flock)
    assert run(["attach", str(place.layout), str(place.report), "--in-place"]) == 0
    assert (place.layout / BLOB).read_bytes() == REPORT


def test_an_index_that_becomes_a_link_is_not_followed(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = layout_writer._stage

    def other_process(*given: object) -> object:
        index = place.layout / "index.json"
        if not index.is_symlink():
            index.rename(place.folder / "index.json")
            index.symlink_to("../index.json")
        return stage(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(layout_writer, "_stage", other_process)
    before = (place.layout / "index.json").read_bytes()
    assert run(["attach", str(place.layout), str(place.report), "--in-place"]) == 6
    assert (place.folder / "index.json").read_bytes() == before


@pytest.mark.parametrize("number", range(1, 5))
def test_a_step_that_fails_leaves_no_temporary_file_and_a_valid_layout(
    number: int, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The number-th renaming fails; index.json is the last one of four."""
    calls = []

    def replace(*given: object, **where: object) -> None:
        calls.append(given)
        if len(calls) == number:
            raise OSError(28, "No space left on device")
        real(*given, **where)  # type: ignore[arg-type]

    real = os.replace
    before = (place.layout / "index.json").read_bytes()
    monkeypatch.setattr(os, "replace", replace)
    assert run(["attach", str(place.layout), str(place.report), "--in-place"]) == 6
    assert len(calls) == number
    assert (place.layout / "index.json").read_bytes() == before
    assert not list(place.folder.rglob("*.tmp"))


@pytest.mark.parametrize("event", ["os.chmod", "os.rename"])
def test_a_signal_leaves_no_temporary_file_and_a_valid_layout(event: str, place: Place) -> None:
    """SIGTERM when the first file is made, or when the first one gets its name."""
    (place.layout / "index.json").chmod(0o640)
    before = (place.layout / "index.json").read_bytes()
    command = [str(int(signal.SIGTERM)), event, "attach", str(place.layout), str(place.report), "--in-place"]
    ran = subprocess.run(
        [sys.executable, "-c", SIGNALLED, *command], env=environment(), capture_output=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (143, b"")
    assert (place.layout / "index.json").read_bytes() == before
    assert not list(place.folder.rglob("*.tmp"))


# Runs imgtar under an audit hook: whatever changes a file must name it by a single name that no link can bend, next to
# a descriptor of one of the layout's directories. The `open` event does not tell its directory, so `os.open` is wrapped
# to tell it; an opening for writing that did not come through the wrapper is reported as well.
WATCHED = """
import os, sys
sys.dont_write_bytecode = True
from imgtar.cli.main import run
layout = sys.argv[1]
folders = {(s.st_dev, s.st_ino) for s in (os.lstat(path) for path, _, _ in os.walk(layout))}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
told, seen, real = [], [], os.open
def bare(name):
    name = os.fsencode(name)
    return b"/" not in name and name not in (b"", b".", b"..")
def inside(descriptor):
    if not isinstance(descriptor, int) or descriptor < 0:
        return False
    status = os.fstat(descriptor)
    return (status.st_dev, status.st_ino) in folders
def wrapper(path, flags, mode=0o777, *, dir_fd=None):
    told.append((path, flags, dir_fd))
    return real(path, flags, mode, dir_fd=dir_fd)
os.open = wrapper
def hook(event, arguments):
    good, name = True, arguments[0] if arguments else None
    if event == "open":
        if isinstance(name, int) or not arguments[2] & WRITING:
            return
        path, flags, folder = told[-1] if told else (None, 0, None)
        good = path == name and bare(name) and inside(folder)
        good = good and flags & os.O_EXCL and flags & os.O_NOFOLLOW and not flags & os.O_TRUNC
    elif event == "os.rename":
        good = all(map(bare, arguments[:2])) and all(map(inside, arguments[2:4]))
    elif event in ("os.mkdir", "os.remove"):
        good = bare(name) and inside(arguments[-1])
    elif event in ("os.chmod", "os.chown"):
        good = isinstance(name, int)
    elif event.startswith(("os.link", "os.symlink", "os.truncate", "os.utime", "os.setxattr", "shutil.", "subproc")):
        good = False
    else:
        return
    seen.append(event)
    if not good:
        os.write(2, f"{event} {arguments}\\n".encode())
        os._exit(99)
sys.addaudithook(hook)
code = run(["attach", *sys.argv[1:], "--in-place"])
os.write(1, " ".join(seen).encode())
os._exit(code)
"""


def watched(place: Place, cwd: Path) -> tuple[int, list[str], str]:
    ran = subprocess.run(
        [sys.executable, "-c", WATCHED, str(place.layout), str(place.report)],
        capture_output=True,
        cwd=cwd,
        env=environment(),
        check=False,
    )
    return ran.returncode, ran.stdout.decode().split(), ran.stderr.decode()


def test_every_write_names_a_bare_file_next_to_a_descriptor_of_the_layout(place: Place) -> None:
    other_bytes(place.layout / BLOB)
    code, events, said = watched(place, place.outside / "empty")
    assert code == 0, said
    assert events.count("os.rename") == events.count("open") == 4
    assert len(place.referrers()) == 1
    assert not list((place.outside / "empty").iterdir())


def test_the_watch_sees_a_write_by_path(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hook above is no decoration: a writer that uses paths is caught."""
    by_path = "import imgtar.cli.layout_writer as w\nw.write_into = lambda layout, path, *_: open(path + '/x', 'wb')\n"
    monkeypatch.setattr(
        sys.modules[__name__], "WATCHED", WATCHED.replace("layout = sys.argv[1]", by_path + "layout = sys.argv[1]")
    )
    code, _, said = watched(place, place.folder)
    assert (code, said.partition(" ")[0]) == (99, "open")
    assert not (place.layout / "x").exists()
