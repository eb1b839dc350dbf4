"""What becomes of an archive: its exit code, and in one sentence why it is not 0."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator

from imgtar.answers.finding_rows import finding_rows
from imgtar.contract.envelope import ErrorBody
from imgtar.errors import ImgtarError, OutputError
from imgtar.exit_codes import Exit, exit_code, worst
from imgtar.findings import Effect, Finding
from imgtar.text import human_size, neutralise


class Verdict:
    """Collects what is wrong with an archive. `redacts`: no sentence has a secret of an image.

    `memory` is the limit that was set on the process, in bytes.
    """

    def __init__(self, *, redacts: bool, memory: int | None = None) -> None:
        self._redacts = redacts
        self._memory = memory
        self._failures: list[tuple[Exit, ErrorBody]] = []
        self._remedies: dict[str, str] = {}  # by the code of the failure

    def judge(self, findings: Iterable[Finding], failed_on: str | None) -> None:
        """Takes the findings of a document, and the severity of `--fail-on` that one of them reaches."""
        harmful = [finding for finding in findings if finding.effect is not Effect.NONE]
        code = exit_code({finding.effect for finding in harmful}, gate_failed=failed_on is not None)
        if code == Exit.GATE:
            message = f"findings of severity {failed_on} or worse"
            self._failures.append((code, ErrorBody(code="gate.fail-on", message=message)))
        elif code != Exit.OK:
            first = finding_rows(harmful)[0]
            place = "" if first.where.layer is None else f"layer {first.where.layer}: "
            self._failures.append((code, self._body(first.code, f"{place}{first.message}")))

    @contextlib.contextmanager
    def catching(self) -> Iterator[None]:
        """Takes what stops a command about the archive, so that the others go on. Errors of the output pass on."""
        try:
            yield
        except OutputError:
            raise
        except Exception as problem:
            self._failures.append(self._failure(problem))

    def result(self) -> tuple[Exit, ErrorBody | None]:
        """The exit code, and the first thing that makes it so."""
        code = worst(code for code, _ in self._failures)
        return code, next((body for one, body in self._failures if one == code), None)

    def remedy(self, failure: ErrorBody | None) -> str:
        """What to do about the failure; empty where no error says it."""
        return "" if failure is None else self._remedies.get(failure.code, "")

    def _failure(self, problem: Exception) -> tuple[Exit, ErrorBody]:
        if isinstance(problem, ImgtarError):
            self._remedies.setdefault(problem.code, self._shown(problem.remedy))
            return Exit(problem.exit_code), self._body(problem.code, problem.message)
        if isinstance(problem, OSError):
            return Exit.INPUT, self._body("input.unreadable", f"cannot be read: {problem.strerror or problem}")
        if isinstance(problem, MemoryError):
            if self._memory is not None:
                message = f"limit memory ({human_size(self._memory)}) reached; allow more with --memory"
                return Exit.LIMIT, ErrorBody(code="limit.memory", message=message)
            return Exit.BUG, ErrorBody(code="internal.memory", message="out of memory")
        name = type(problem).__name__
        return Exit.BUG, ErrorBody(code="internal.bug", message=f"a bug in imgtar ({name})")

    def _body(self, code: str, message: str) -> ErrorBody:
        return ErrorBody(code=code, message=self._shown(message))

    def _shown(self, text: str) -> str:
        if self._redacts:
            from imgtar.audit.secrets.redaction import redact_reference

            text = redact_reference(text)
        return neutralise(text)
