"""`imgtar fleet`: many archives, every distinct layer read once, a row for each archive."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from imgtar.cli import options
from imgtar.cli.command import Command, Example, ReportType, declared

if TYPE_CHECKING:
    from imgtar.cli.outputs import Target
    from imgtar.contract.fleet_summary import FleetSummary
    from imgtar.fleet.engine import Engine
    from imgtar.fleet.run import FleetResult, FleetRun, OtherNames
    from imgtar.fleet.worker import Outcome

_MOST_WORKERS = 1024
_SUMMARIES = (".html", ".htm", ".md", ".json")
SUMMARY = ReportType(
    name="summary",
    content="imgtar.contract.fleet_summary:FleetSummaryContent",
    renderers={
        "html": "imgtar.report.html.fleet:fleet",
        "markdown": "imgtar.report.markdown.fleet:fleet",
        "json": "imgtar.report.json_document:whole",
    },
    schema="imgtar.contract.fleet_summary:FleetSummary",
    reads="nothing",
)


@declared(
    Command(
        name="fleet",
        summary="Report many archives: JSON lines, on several processes.",
        examples=(
            Example("imgtar fleet archives/ --out results/", "Report every archive below a folder"),
            Example("imgtar fleet archives/ --out results/ --resume", "Go on after an interruption, or after changes"),
            Example("imgtar fleet @list.txt --do audit,packages --out all.jsonl", "Audit the archives of a list"),
            Example("imgtar fleet @list.txt --out results/ --shard 3/16", "Do the third of sixteen shares of the work"),
            Example("imgtar fleet archives/ --out results/ --summary all.html", "Write a page about all of them, too"),
        ),
        report_types=(SUMMARY,),
        lines={"fleet": "imgtar.contract.fleet:FleetRow", "failure": "imgtar.contract.fleet:FleetFailure"},
    )
)
@click.argument("inputs", metavar="FILE|DIR|@LIST...", nargs=-1, required=True, type=click.UNPROCESSED)
@click.option("--out", metavar="DIR|FILE", required=True, help="Write the rows to this folder, or to FILE.jsonl.")
@click.option(
    "--do",
    "actions",
    metavar="WHAT",
    default="inspect",
    show_default=True,
    help="What to ask of each archive, with commas between: inspect, verify, audit, packages.",
)
@click.option(
    "--summary",
    "summaries",
    metavar="FILE",
    multiple=True,
    help="Write what all archives have in common to FILE.html, FILE.md or FILE.json; repeatable.",
)
@click.option(
    "--format",
    "format_name",
    metavar="F",
    type=click.Choice(["jsonl", "parquet"]),
    default="jsonl",
    show_default=True,
    help="Also write each part as Parquet (the extra imgtar[parquet]).",
)
@click.option("--full", is_flag=True, help="Keep the long lists of inspect (changes, waste).")
@click.option(
    "--workers",
    metavar="N",
    type=options.WholeNumber("a number of processes", least=1, most=_MOST_WORKERS),
    help="Use so many processes.  [default: the number of cores]",
)
@click.option(
    "--engine",
    metavar="ENGINE",
    default="processes",
    show_default=True,
    help="Who does the work: processes, or dask[=ADDRESS] (the extra imgtar[fleet]).",
)
@click.option("--memory", metavar="SIZE", help="Limit the memory of each process, such as 2GiB.")
@click.option(
    "--cache",
    metavar="DIR",
    help="Keep the scans of layers in this folder for later runs.  [default: until the results are whole]",
)
@click.option("--cache-size", metavar="SIZE", help="The most that the cache may take.  [default: 4GiB]")
@click.option("--shard", metavar="I/N", help="Do only the I-th of N shares; the other runs need no word of this one.")
@click.option(
    "--parts",
    metavar="N",
    type=options.WholeNumber("a number of files", least=1, most=9999),
    default=16,
    show_default=True,
    help="Spread the rows over so many files of the folder.",
)
@click.option("--resume", is_flag=True, help="Keep the rows of an earlier run whose archives did not change.")
@click.option("--fail-fast", is_flag=True, help="Begin no archive after the first that fails.")
@click.option("--keep-going", is_flag=True, help="Exit 0 although archives failed: their rows say so.")
@options.secret_options
@options.config_option
@options.ignore_file_option
@options.finding_options
@options.choice_options
@partial(options.uncached_options, jobs_default="1")
@options.common_options
def command(
    inputs: tuple[str, ...],
    summaries: tuple[str, ...],
    workers: int | None,
    engine: str,
    keep_going: bool,
    quiet: bool,
    **given: Any,
) -> int:
    """Report many archives, one row of JSON for each, with the documents of the commands that --do names.

    Give archives, folders (read at any depth), patterns as in .gitignore, or @LIST, a file with a path on each line (@-
    is standard input). A line is taken as it is: it has no quotes, no comments and no patterns. --timeout and --jobs
    are about one archive. What is wrong with an archive stands in its row and in failures.jsonl, and the others go on.
    """
    from imgtar.cli.errors import errors_name
    from imgtar.exit_codes import Exit, worst

    with errors_name(""):
        found = _targets(summaries, inputs)
        run = _asked(inputs, summary=bool(found), **given)
        result = _run(run, _engine(engine, workers, run.settings.memory), quiet=quiet)
        if result.summary is not None:
            _write(found, result.summary)
    return Exit.OK if keep_going else worst(result.exit_codes)


def _asked(
    inputs: tuple[str, ...],
    *,
    out: str,
    summary: bool,
    format_name: str,
    shard: str | None,
    parts: int,
    resume: bool,
    fail_fast: bool,
    **given: Any,
) -> FleetRun:
    """What the options ask for. Raises click.UsageError, and UsageError where an extra is not installed."""
    from imgtar.cli.fleet_settings import fleet_settings
    from imgtar.fleet.parquet import check_parquet
    from imgtar.fleet.run import FleetRun
    from imgtar.fleet.settings import Shard

    _check_out(out)
    if format_name == "parquet":
        check_parquet()
    return FleetRun(
        inputs=inputs,
        out=out,
        settings=fleet_settings(**given),
        parts=parts,
        shard=Shard() if shard is None else Shard.parsed(shard),
        resume=resume,
        summary=summary,
        parquet=format_name == "parquet",
        fail_fast=fail_fast,
    )


def _check_out(out: str) -> None:
    """Raises click.UsageError for a name that nobody means as that of a folder."""
    if out in ("", "-"):
        raise click.UsageError(
            f"--out {out or '(empty)'}: rows go to a folder or a file, not to standard output; give --out FILE.jsonl"
        )
    start, ending = os.path.splitext(out)
    if ending != ".jsonl" and ending.lower() in (".json", ".jsonl") and not os.path.isdir(out):
        raise click.UsageError(f"--out {out}: the name of a file of rows ends in .jsonl; give --out {start}.jsonl")


def _targets(summaries: tuple[str, ...], inputs: tuple[str, ...]) -> list[Target]:
    """Where the summary goes. Raises click.UsageError for an ending of no format, OutputError for a bad place."""
    from imgtar.cli.outputs import check_files, is_same, targets

    for summary in summaries:
        if os.path.splitext(summary)[1].lower() not in _SUMMARIES:
            raise click.UsageError(f"--summary {summary}: give a name that ends in .html, .md or .json")
        if any(is_same(summary, given) for given in inputs):
            raise click.UsageError(f"--summary {summary}: that is an input; choose another file")
    found = targets(SUMMARY, None, summaries) if summaries else []
    check_files(found, "")
    return found


def _write(found: list[Target], summary: FleetSummary) -> None:
    from imgtar.cli.given import shaping_options
    from imgtar.cli.outputs import write
    from imgtar.contract.content import TextSettings
    from imgtar.contract.fleet_summary import FleetSummaryContent

    content = FleetSummaryContent(summary)
    write(
        found,
        lambda one: SUMMARY.renderer(one.format_name)(
            content, TextSettings(top=0, options=shaping_options(redacts=True))
        ),
    )


def _engine(name: str, workers: int | None, memory: int | None) -> Engine:
    """Who does the work. Raises click.UsageError, and UsageError where an extra is not installed."""
    from imgtar.fleet.engine import Processes, cores

    if name == "processes":
        if memory is not None:
            from imgtar.fleet.least_memory import check_memory

            check_memory(memory)
        return Processes(workers or cores(), memory)
    kind, equals, address = name.partition("=")
    if kind != "dask" or (equals and not address):
        raise click.UsageError(f"--engine {name}: choose processes, dask or dask=ADDRESS")
    if memory is not None:
        raise click.UsageError("--memory is for --engine processes; Dask has a limit of its own")
    from imgtar.fleet.dask import Dask

    return Dask(address or None, workers or cores())


def _run(run: FleetRun, engine: Engine, *, quiet: bool) -> FleetResult:
    import contextlib

    from imgtar.cli.errors import print_line, print_message
    from imgtar.cli.progress_bar import progress_for
    from imgtar.cli.signals import on_signal
    from imgtar.fleet.run import run_fleet
    from imgtar.report.words.fleet import dropped_words, failed_words, outcome_words
    from imgtar.text import escape

    bar = progress_for(quiet=quiet)

    def tell(path: bytes, outcome: Outcome) -> None:
        if not quiet and outcome.failure is not None:
            if bar is not None:
                bar.finish()
            remedy = f"; {outcome.remedy}" if outcome.remedy else ""
            print_message(f"{os.fsdecode(path)}: {outcome.failure.message}{remedy}")

    def interrupted() -> None:
        start = b"" if bar is None else b"\n"  # behind the bar
        os.write(2, start + b"imgtar: interrupted; the same command with --resume goes on\n")

    with contextlib.ExitStack() as stack:
        stack.enter_context(on_signal(interrupted))
        if bar is not None:
            stack.callback(bar.finish)
        result = run_fleet(run, engine, progress=bar, tell=tell)
    if not quiet:
        if result.other_names is not None:
            print_message(_names_words(result.other_names))
        if result.dropped:
            print_message(dropped_words(result.dropped))
        written = f"wrote {escape(run.out)}" if result.finished else "stopped at the first failure; --resume goes on"
        failures = escape(result.failures) if result.finished else None
        failed = failed_words(result.exit_codes, result.failed_before, failures)
        print_line(f"{written}: {outcome_words(result.exit_codes)}{failed}")
    return result


def _names_words(names: OtherNames) -> str:
    """`./a.tar: named before as a.tar, so one row has both (and 2 more)`."""
    from imgtar.fleet.inputs import shown_path

    name, first = (shown_path(path)[0] for path in (names.name, names.first))
    more = f" (and {names.count - 1:,} more)" if names.count > 1 else ""
    return f"{name}: named before as {first}, so one row has both{more}"
