"""A run over many archives, from their names to the rows. contract.md section 2, `fleet`."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from itertools import islice

import msgspec

from imgtar.contract.envelope import ErrorBody
from imgtar.contract.fleet_summary import FleetSummary
from imgtar.errors import InputError, OutputError
from imgtar.exit_codes import Exit
from imgtar.fleet.engine import AHEAD, Crew, Died, Engine
from imgtar.fleet.inputs import archives_of, place_finder
from imgtar.fleet.interpreters import careful_interpreters
from imgtar.fleet.layer_tasks import CatalogTask, LayerTask, claimed_layers, scan_claimed
from imgtar.fleet.plan import IN_FILE, Plan
from imgtar.fleet.results import Results
from imgtar.fleet.settings import FleetSettings, Shard
from imgtar.fleet.summary import LISTED, Summary
from imgtar.fleet.worker import GRACE, Outcome, Task, unread_row, write_row
from imgtar.progress import FleetProgress, NoProgress

_TOGETHER = 16  # archives that a worker gets at once, at most
Tell = Callable[[bytes, Outcome], None]


class FleetRun(msgspec.Struct, frozen=True, kw_only=True):
    """What to do: the archives that `inputs` name (paths, folders, patterns, `@LIST`), and where the rows go.

    `out` is a folder, or a file that ends in `.jsonl`; the rows of a folder are in `parts` files at most. With
    `resume` rows of an earlier run are kept where their archive did not change. With `fail_fast` no archive is begun
    behind the first one whose exit code is not 0. `summary` asks for what all rows say together, and
    `parquet` for a file of that format beside each part.
    """

    inputs: tuple[str, ...]
    out: str
    settings: FleetSettings = FleetSettings()
    parts: int = 16
    shard: Shard = Shard()
    resume: bool = False
    summary: bool = False
    parquet: bool = False
    fail_fast: bool = False


class OtherNames(msgspec.Struct, frozen=True, kw_only=True):
    """Names of archives that were named before in another spelling: how many, and the first with the one before."""

    count: int
    name: bytes
    first: bytes


class FleetResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the archives: how many have each exit code, and whether all of them have a row.

    `failed_before` of them failed in an earlier run, whose rows are kept; the file `failures` lists all that failed.
    `dropped` rows of an earlier run were about archives that are not named any more.
    """

    archives: int
    exit_codes: dict[int, int]
    finished: bool
    failures: str
    failed_before: int = 0
    dropped: int = 0
    other_names: OtherNames | None = None
    summary: FleetSummary | None = None


def _size(task: Task) -> int:
    return task.archive.size or 0


def _nobody(_path: bytes, _outcome: Outcome) -> None:
    """The teller that tells nobody."""


def run_fleet(
    run: FleetRun, engine: Engine, *, progress: FleetProgress | None = None, tell: Tell = _nobody
) -> FleetResult:
    """Reads every archive and writes the rows and the failures; `tell` hears of each archive that failed in this run.

    Raises UsageError, InputError where there is no archive or a list or folder cannot be read, and OutputError. What
    is wrong with an archive is in its row.
    """
    results = Results(run.out, run.parts, run.shard)
    with contextlib.ExitStack() as stack:
        stack.enter_context(careful_interpreters())
        plan = Plan()
        stack.callback(plan.close)
        other_names = _planned(run, results, plan)
        settings = stack.enter_context(results.taken(run.settings, resume=run.resume))
        if settings.cache is None:
            settings = msgspec.structs.replace(settings, cache=results.scans)
        dropped = results.mark_earlier(plan)
        failed_before = sum(count for code, count in plan.exit_codes().items() if code != Exit.OK)
        crew = stack.enter_context(contextlib.closing(Crew(engine)))
        finished = _Work(run, settings, results, plan, engine.alone, crew, progress or NoProgress(), tell).done()
        summary = _written(run, results, plan) if finished else None
        return FleetResult(
            archives=plan.totals(waiting=False).archives,
            exit_codes=plan.exit_codes(),
            finished=finished,
            failures=results.failures,
            failed_before=failed_before,
            dropped=dropped,
            other_names=other_names,
            summary=summary,
        )


def _written(run: FleetRun, results: Results, plan: Plan) -> FleetSummary | None:
    """Writes the rows; sums them up where that is asked for."""
    if not run.summary:
        results.write(plan, parquet=run.parquet)
        return None
    with contextlib.closing(Summary()) as summary:
        results.write(plan, summary.add, parquet=run.parquet)
        failures = list(islice(plan.failures(), LISTED))
        return summary.document(plan.totals(waiting=False), plan.exit_codes(), failures)


def _planned(run: FleetRun, results: Results, plan: Plan) -> OtherNames | None:
    """Puts the archives of this shard into the plan, each under the first of its names; tells of the other names."""
    place_of = place_finder()
    seen, count = False, 0
    example = b"", b""
    for archive in archives_of(run.inputs, without=run.out):
        seen = True
        first = plan.first_name(place_of(archive.path), archive.path)
        if first != archive.path:
            example = example if count else (archive.path, first)
            count += 1
            continue
        slot = results.slot_of(archive.path)
        if slot is not None:
            plan.add(archive, slot)
    if not seen:
        raise InputError("input.no-archives", "there is no archive", "give archives, or a folder that has some")
    return OtherNames(count=count, name=example[0], first=example[1]) if count else None


class _Work:
    """The archives without a row, given to the engine."""

    def __init__(
        self,
        run: FleetRun,
        settings: FleetSettings,
        results: Results,
        plan: Plan,
        alone: bool,
        crew: Crew,
        progress: FleetProgress,
        tell: Tell,
    ) -> None:
        self._run = run
        self._settings = settings
        self._results = results
        self._plan = plan
        self._alone = alone  # may a worker be ended that hangs?
        self._crew = crew
        self._progress = progress
        self._tell = tell
        self._stopped = False  # at the first failure, where that is asked for

    def done(self) -> bool:
        """Does the work; says whether every archive has a row. Raises OutputError."""
        self._progress.expect(self._plan.totals(waiting=True).archives)
        if self._settings.uses_cache and self._run.shard.count == 1 and self._crew.width > 1:
            self._scan_shared()  # shards have no word of each other, and one worker meets no layer twice
        else:
            self._progress.start(self._plan.totals(waiting=True).size)
        ahead = 1 if self._run.fail_fast else AHEAD
        answers = self._crew.carry_out(write_row, self._tasks(), most=self._together(), size=_size, ahead=ahead)
        with contextlib.closing(answers):
            for task, answer in answers:
                outcome = self._outcome(task, answer)
                path = task.archive.path
                self._plan.set_state(path, IN_FILE)
                self._plan.set_outcome(path, outcome.exit_code, outcome.failure)
                self._progress.complete()
                self._progress.advance(task.archive.size or 0)
                if outcome.exit_code != Exit.OK:
                    self._tell(path, outcome)
                    self._stopped = self._run.fail_fast  # those that are under way have their rows yet
        return not self._stopped

    def _together(self) -> int:
        """How many archives a worker gets at once: a small part of its share, and one where the first failure ends."""
        if self._run.fail_fast:
            return 1
        share = self._plan.totals(waiting=True).archives // self._crew.width
        return max(1, min(_TOGETHER, share // 8))

    def _scan_shared(self) -> None:
        """Scans the layers that several archives claim to have, so that each is read once, by whoever gets it."""
        catalogs = (CatalogTask(archive=archive, settings=self._settings) for archive in self._plan.waiting())
        for task, claims in self._crew.carry_out(claimed_layers, catalogs, most=self._together()):
            for claim in () if isinstance(claims, Died) else claims:
                self._plan.add_layer(claim, task.archive.path)
        self._progress.start(self._plan.totals(waiting=True).size + self._plan.shared_bytes())
        layers = (
            LayerTask(archive=archive, claim=claim, settings=self._settings)
            for claim, archive in self._plan.shared_layers()
        )
        for scanned, _ in self._crew.carry_out(scan_claimed, layers):
            self._progress.advance(scanned.claim.size)

    def _tasks(self) -> Iterator[Task]:
        for archive in self._plan.waiting():
            if self._stopped:
                return
            slot = self._results.slot_of(archive.path)
            assert slot is not None
            row = self._results.row_file(archive.path, slot)
            yield Task(archive=archive, row=row, settings=self._settings, alarm=self._alone)

    def _outcome(self, task: Task, answer: Outcome | Died) -> Outcome:
        if isinstance(answer, Died):
            answer = self._death(answer)
            unread_row(task, answer)
        elif answer.exit_code == Exit.OUTPUT:
            assert answer.failure is not None
            raise OutputError(answer.failure.code, answer.failure.message, "free some space or choose another place")
        return answer

    def _death(self, death: Died) -> Outcome:
        """What a worker that came to an end says of its archive: nothing but that."""
        timeout = self._settings.timeout
        if timeout is not None and death.seconds >= timeout + GRACE:
            return Outcome(exit_code=Exit.LIMIT, failure=ErrorBody(code="limit.time", message="the time is up"))
        reason = f" ({death.reason})" if death.reason else ""
        message = f"the worker came to an end{reason}: out of memory, or ended from outside"
        return Outcome(exit_code=Exit.BUG, failure=ErrorBody(code="internal.worker", message=message))
