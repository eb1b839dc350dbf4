"""Where the rows go: a folder of parts or one file, each written whole, and what a later run needs to go on.

Which part has an archive depends on its path alone, and a part is sorted by path. So the bytes are the same whatever
the workers, their order, the engine and the shards. Until a part is written its rows lie in a hidden folder beside the
parts, each a file of its own.
"""

from __future__ import annotations

import contextlib
import fcntl
import glob
import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator

import msgspec

from imgtar.errors import OutputError, UsageError
from imgtar.fleet.agreement import RunRecord, differences
from imgtar.fleet.parquet import write_parquet
from imgtar.fleet.plan import IN_FILE, IN_PART, Plan
from imgtar.fleet.row import TEMPORARY, Mark, output_errors, read_mark
from imgtar.fleet.settings import FleetSettings, Shard
from imgtar.report.json_parts import encoded

_AGAIN = ("internal.", "limit.time", "limit.memory")  # failures that another run may not have


class Results:
    """The rows of one run. `slots` share out the archives: a folder has a part for each, a file one for all."""

    def __init__(self, out: str, parts: int, shard: Shard) -> None:
        """Raises UsageError where there are more shards than parts."""
        self._is_file = out.endswith(".jsonl")
        self._out = out
        self._shard = shard
        self.slots = shard.count if self._is_file else parts
        if shard.count > self.slots:
            raise UsageError(
                "usage.shard", f"{shard.count} shards, but {parts} parts", f"give --parts {shard.count} to every run"
            )
        folder, name = os.path.split(out.rstrip("/"))
        self._work = os.path.join(folder, f".{name}.fleet") if self._is_file else os.path.join(out, ".fleet")
        self._share = "" if shard.count == 1 else f"{shard.number}/{shard.count}"
        self._mine = [slot for slot in range(self.slots) if shard.takes(slot)]

    @contextlib.contextmanager
    def taken(self, settings: FleetSettings, *, resume: bool) -> Iterator[FleetSettings]:
        """Takes the place for the block; gives the settings with the day on which the first run into it judged.

        Raises OutputError where it cannot be written, another run writes there, or an earlier one did and this one
        does not `resume` it; UsageError where the earlier one asked for something else.
        """
        if not self._is_file and os.path.exists(self._out) and not os.path.isdir(self._out):
            remedy = "give a folder, or a file that ends in .jsonl"
            raise OutputError("output.unwritable", f"{self._out}: cannot be written: it is a file", remedy)
        with output_errors(self._out):
            if not self._is_file:
                os.makedirs(self._out, exist_ok=True)
            os.makedirs(self._work, exist_ok=True)
            lock = os.open(os.path.join(self._work, "lock"), os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            self._take_slots(lock)
            own = RunRecord.of(settings, ("--shard", self._share) if self._is_file else ("--parts", f"{self.slots}"))
            self._check_shard(self._recorded(), own)
            self._check_unused(resume=resume)
            yield self._agreed(settings, own)
        finally:
            os.close(lock)

    @property
    def scans(self) -> str:
        """A folder for the scans of layers, as long as the parts are not written."""
        return os.path.join(self._work, "scans")

    def slot_of(self, path: bytes) -> int | None:
        """The slot of an archive; None where another shard has it."""
        slot = int.from_bytes(hashlib.sha256(path).digest()[:8], "big") % self.slots
        return slot if self._shard.takes(slot) else None

    def row_file(self, path: bytes, slot: int) -> str:
        """Where the row of an archive lies until its part is written."""
        return os.path.join(self._rows(slot), hashlib.sha256(path).hexdigest()[:32])

    def mark_earlier(self, plan: Plan) -> int:
        """Says in the plan which archives have a row of an earlier run and did not change since.

        Gives how many rows are about archives that this run does not name.
        """
        dropped = 0
        for slot in self._mine:
            for mark, _ in self._earlier(slot):
                self._mark(plan, mark, IN_PART)
                dropped += plan.found(mark.archive.path) is None
            with output_errors(self._work):
                os.makedirs(self._rows(slot), exist_ok=True)
                with os.scandir(self._rows(slot)) as files:
                    for file in files:
                        found = None if file.name.endswith(TEMPORARY) else _mark_of(file.path)
                        dropped += found is not None and plan.found(found.archive.path) is None
                        if found is None or not self._mark(plan, found, IN_FILE):
                            os.unlink(file.path)
        return dropped

    def write(self, plan: Plan, see: Callable[[bytes], None] = lambda _row: None, *, parquet: bool = False) -> None:
        """Writes every part of this run, and the failures; shows each row to `see`. Raises OutputError.

        With `parquet` a file in this format stands beside each part.
        """
        with output_errors(self._out):
            for slot in self._mine:
                self._write(self._part(slot), _seen(self._lines(plan, slot), see), keep_empty=self._is_file)
                if parquet and os.path.exists(self._part(slot)):
                    write_parquet(self._part(slot), os.path.join(self._work, f"parquet{TEMPORARY}"))
                shutil.rmtree(self._rows(slot))
            if self._shard.count == 1 or self._is_file:  # else other runs may need them
                shutil.rmtree(self.scans, ignore_errors=True)
            self._write(self.failures, (encoded(failure) + b"\n" for failure in plan.failures()), keep_empty=True)
            if self._shard.count == 1 and not self._is_file:  # the shards before it
                for file in glob.glob(os.path.join(glob.escape(self._out), "failures-*-of-*.jsonl")):
                    os.unlink(file)

    def _take_slots(self, lock: int) -> None:
        try:
            for slot in self._mine:
                fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, slot)
        except OSError:
            raise OutputError(
                "output.locked", f"{self._out}: another run writes there", "wait for it, or choose another place"
            ) from None

    def _check_unused(self, *, resume: bool) -> None:
        if not resume and any(map(self._is_used, self._mine)):
            raise OutputError(
                "output.exists",
                f"{self._out}: an earlier run wrote there",
                "go on with it by --resume, which drops what you do not name again, or choose another place",
            )

    def _is_used(self, slot: int) -> bool:
        return os.path.lexists(self._part(slot)) or os.path.isdir(self._rows(slot))

    def _check_shard(self, first: RunRecord | None, own: RunRecord) -> None:
        """Raises UsageError where a file has the rows of another shard, which this run would replace."""
        other = "" if first is None or not self._is_file else first.difference(own, "--shard")
        if other:
            remedy = "give each shard a file of its own"
            raise UsageError("usage.shard", f"{self._out}: an earlier run wrote there: {other}", remedy)

    def _recorded(self) -> RunRecord | None:
        """The record of the first run into this place; None without one, or where another version wrote it."""
        try:
            with open(self._record, "rb") as file:
                return msgspec.json.decode(file.read(), type=RunRecord)
        except (FileNotFoundError, msgspec.MsgspecError):
            return None

    @property
    def _record(self) -> str:
        return os.path.join(self._work, "run.json")

    def _agreed(self, settings: FleetSettings, own: RunRecord) -> FleetSettings:
        name = self._record
        with output_errors(name):
            temporary = f"{name}.{os.getpid()}{TEMPORARY}"
            with open(temporary, "wb") as file:
                file.write(msgspec.json.encode(own) + b"\n")
            try:
                os.link(temporary, name)  # one of the runs that begin together is the first
            except FileExistsError:
                pass
            finally:
                os.unlink(temporary)
            first = self._recorded()
        self._check_shard(first, own)  # the two may have begun together
        other = "by another version of imgtar" if first is None else differences(first, own)
        if first is None or other:
            raise UsageError(
                "usage.resume",
                f"{self._out}: an earlier run wrote there {other}",
                "give the options of the earlier run, or choose another place",
            )
        return settings if first.judged_on is None else settings.judged_on(first.judged_on)

    def _part(self, slot: int) -> str:
        return self._out if self._is_file else os.path.join(self._out, f"part-{slot:04}.jsonl")

    @property
    def failures(self) -> str:
        """The file of the failures."""
        if self._is_file:
            return f"{self._out.removesuffix('.jsonl')}.failures.jsonl"
        shard = self._shard
        name = "failures" if shard.count == 1 else f"failures-{shard.number}-of-{shard.count}"
        return os.path.join(self._out, f"{name}.jsonl")

    def _rows(self, slot: int) -> str:
        return os.path.join(self._work, "rows", f"{slot:04}")

    def _earlier(self, slot: int) -> Iterator[tuple[Mark, bytes]]:
        """The rows of a part that an earlier run wrote, by path."""
        try:
            with open(self._part(slot), "rb") as part:
                for line in part:
                    mark = read_mark(line)
                    if mark is not None:
                        yield mark, line
        except FileNotFoundError:
            return

    def _mark(self, plan: Plan, mark: Mark, state: int) -> bool:
        archive = mark.archive
        if archive.mtime_ns is None:  # nothing says whether it changed: a URL, or no such file
            return False
        if plan.found(archive.path) != archive or (mark.failure and mark.failure.code.startswith(_AGAIN)):
            return False
        plan.set_state(archive.path, state)
        plan.set_outcome(archive.path, mark.exit_code, mark.failure)
        return True

    def _lines(self, plan: Plan, slot: int) -> Iterator[bytes]:
        """The rows of a part, by path."""
        earlier = ((mark.archive.path, line) for mark, line in self._earlier(slot))
        for path, state in plan.in_slot(slot):
            if state == IN_FILE:
                with open(self.row_file(path, slot), "rb") as file:
                    yield file.read()
            elif state == IN_PART:
                yield next(line for before, line in earlier if before == path)

    def _write(self, name: str, lines: Iterable[bytes], *, keep_empty: bool) -> None:
        temporary = os.path.join(self._work, f"{os.path.basename(name)}{TEMPORARY}")
        size = 0
        with open(temporary, "wb") as file:
            for line in lines:
                size += file.write(line)
        if size or keep_empty:
            os.replace(temporary, name)
            return
        os.unlink(temporary)
        if os.path.lexists(name):
            os.unlink(name)


def _seen(lines: Iterable[bytes], see: Callable[[bytes], None]) -> Iterator[bytes]:
    for line in lines:
        see(line)
        yield line


def _mark_of(file: str) -> Mark | None:
    with open(file, "rb") as row:
        return read_mark(row.read())
