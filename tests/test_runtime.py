"""The interpreter's settings: changed only where it is asked, and restored whatever overlaps."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

import imgtar
from imgtar.runtime import collecting, leave_out
from tests.cli.command import environment
from tests.paths import FIXTURES, ROOT

pytestmark = pytest.mark.threads

Settings = tuple[bool, float]
FAST: Settings = (False, pytest.approx(0.00002))  # type: ignore[assignment]


def settings() -> Settings:
    return gc.isenabled(), sys.getswitchinterval()


@pytest.fixture(params=[(True, 0.005), (False, 0.001)], ids=["as-python-starts", "as-a-host-likes-it"])
def host(request: pytest.FixtureRequest) -> Iterator[Settings]:
    """What the host process has chosen."""
    before = settings()
    enabled, interval = request.param
    (gc.enable if enabled else gc.disable)()
    sys.setswitchinterval(interval)
    yield settings()
    (gc.enable if before[0] else gc.disable)()
    sys.setswitchinterval(before[1])


def test_four_threads_overlap_in_two_rounds(host: Settings) -> None:
    seen: list[Settings] = []
    for _ in range(2):
        entered, left = threading.Barrier(4), threading.Barrier(4)

        def work(number: int, entered: threading.Barrier = entered, left: threading.Barrier = left) -> None:
            with imgtar.tuned():
                entered.wait(timeout=30)  # all are inside
                seen.append(settings())
            if number % 2:
                with imgtar.tuned():  # once more, while others leave
                    seen.append(settings())
            left.wait(timeout=30)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert settings() == host
    assert seen == [FAST] * 12


def test_an_inner_use_does_not_end_the_outer_one(host: Settings) -> None:
    with imgtar.tuned():
        with imgtar.tuned():
            pass
        assert settings() == FAST
    assert settings() == host


def test_garbage_is_collected_inside_but_not_what_was_there(host: Settings) -> None:
    with imgtar.tuned():
        with collecting():
            assert gc.isenabled()
            assert gc.get_freeze_count() > 0
        assert not gc.isenabled()
        assert gc.get_freeze_count() == 0
    assert settings() == host


def test_what_came_later_is_left_out_when_it_is_said_so() -> None:
    outside = gc.get_freeze_count()
    leave_out()
    assert gc.get_freeze_count() == outside
    with collecting():
        before = gc.get_freeze_count()
        made: list[list[int]] = [[] for _ in range(1000)]
        leave_out()
        assert gc.get_freeze_count() >= before + len(made)


def test_an_exception_restores_them(host: Settings) -> None:
    with pytest.raises(imgtar.InputError), imgtar.tuned():
        imgtar.inspect("/no/such/file")
    assert settings() == host


class Witness:
    """A progress bar that notes the settings while the archive is read."""

    def __init__(self) -> None:
        self.seen: set[Settings] = set()

    def start(self, total: int | None) -> None:
        self.seen.add(settings())

    def advance(self, size: int) -> None:
        self.seen.add(settings())


def test_a_library_call_changes_nothing(host: Settings) -> None:
    witness = Witness()
    report = imgtar.inspect(str(FIXTURES / "d20-duplayers.tar"), imgtar.InspectOptions(progress=witness)).session
    assert list(report.changes(0, 0))
    assert witness.seen == {host}
    assert settings() == host


def test_importing_the_entry_point_does_nothing() -> None:
    program = (
        "import gc, signal, sys; before = signal.getsignal(signal.SIGINT), sys.getswitchinterval();"
        "import imgtar.__main__;"
        "assert (signal.getsignal(signal.SIGINT), sys.getswitchinterval()) == before and gc.isenabled()"
    )
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=environment(), check=True)
