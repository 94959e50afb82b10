# SPDX-License-Identifier: Apache-2.0
"""What a run does once its source is read: compare, check, and write all of it or nothing."""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from functools import partial
from types import MappingProxyType
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from poser.db.authors import tell
from poser.errors import PoserError, Unavailable
from poser.importing import difference, runs, safety, staging
from poser.importing.asked import Asked
from poser.importing.parts import Part
from poser.importing.result import Kind, ModelResult, RunResult, RunStatus
from poser.importing.rules import Rules, forbidden
from poser.importing.samples import differences
from poser.importing.staging import Refused, Stopped
from poser.importing.watching import Progress, Step, Watch
from poser.importing.writing import Writing
from poser.model.importing import ImportChange, ImportRun

_TRIES = 3
# A million differences are joined in one go, so that rows are written in the source's order:
# indexes grow at their ends. What a server gives already may be more.
_MEMORY = text("""
SELECT set_config('work_mem', '64MB', true)
WHERE pg_size_bytes(current_setting('work_mem')) < pg_size_bytes('64MB')
""")
_AGAIN = {"40001", "40P01"}  # serialization failure, deadlock
_LOCKED = "55P03"
_NO_RIGHT = "42501"


def conclude(
    session: Session,
    parts: Sequence[Part],
    asked: Asked,
    result: RunResult,
    watch: Watch,
    *,
    already: Mapping[str, ModelResult] = MappingProxyType({}),
) -> None:
    """Compare what is staged with the tables and write it, as the run is asked.

    `already` counts by model what a run that is resumed had written in batches. A row that
    somebody changes meanwhile makes it all be done again. Raises PoserError when it cannot be
    written; then nothing is.
    """
    before = deepcopy(result.models)
    for left in reversed(range(_TRIES)):
        conclusion = _Conclusion(session, parts, asked, result, watch, already=already)
        try:
            conclusion.all()
        except DBAPIError as error:
            session.rollback()
            code = getattr(error.orig, "pgcode", "") or ""
            if conclusion.has_committed or code not in _AGAIN or not left:
                raise _in_words(error, code, has_committed=conclusion.has_committed) from error
        else:
            return
        finally:
            if result.status is RunStatus.RUNNING and not conclusion.has_committed:
                result.models = deepcopy(before)


def _in_words(error: DBAPIError, code: str, *, has_committed: bool) -> PoserError:
    words = str(error.orig).strip().splitlines()[0]
    kept = "the batches before that are in" if has_committed else "nothing is written"
    if code in _AGAIN:
        return Unavailable(
            f"others changed the same rows again and again: {words}",
            hint=f"{kept}; `poser import resume` goes on when it is quieter",
        )
    if error.connection_invalidated:
        return Unavailable(
            f"the database went away: {words}",
            hint=f"{kept}; `poser import resume` goes on when it is back",
        )
    if code == _LOCKED:
        return Unavailable(
            f"a table or row is locked by somebody else: {words}",
            hint=f"{kept}; `poser import resume` goes on when it is free",
        )
    if code == _NO_RIGHT:
        return PoserError(f"an import may not write there: {words}")
    return PoserError(f"the database refused, and {kept}: {words}")


class _Conclusion:
    """One try to conclude a run, in one transaction."""

    def __init__(
        self,
        session: Session,
        parts: Sequence[Part],
        asked: Asked,
        result: RunResult,
        watch: Watch,
        *,
        already: Mapping[str, ModelResult],
    ) -> None:
        self._already = already
        self._session = session
        self._parts = parts
        self._asked = asked
        self._result = result
        self._watch = watch
        self._counts = {one.model: one for one in result.models}
        self.has_committed = False
        refused = Refused(session=session, run_id=result.run_id, is_strict=asked.strict)
        self._rules = Rules(session=session, parts=parts, refused=refused)

    def all(self) -> None:
        """Do everything, and write down how it ended."""
        asked, result = self._asked, self._result
        self._begin()
        try:
            self._compare()
            self._check()
        except Stopped as stop:
            self._sample()
            result.status, result.why, result.hint = RunStatus.STOPPED, stop.message, stop.hint
            self._keep_samples()
            self._end(())
            return
        if not asked.make_batch or asked.warnings:  # a batch shows all of it
            self._sample()
        if asked.dry_run:
            result.status = RunStatus.DRY
            self._keep_samples()
            self._end(())
            return
        if asked.make_batch:
            self._make_batch()
            return
        self._write()

    def _make_batch(self) -> None:
        """Let people look at it first: nothing is written but a batch."""
        from poser.importing.batching import make_batch  # noqa: PLC0415 - slow, and rare

        session, result = self._session, self._result
        who = runs.author(session, result.key, result.number, self._asked)
        batch = make_batch(session, self._parts, result, who)
        result.status = RunStatus.BATCH if batch else RunStatus.DONE
        result.notes.append(
            f"batch {batch.number}: `poser batch show {batch.number}`"
            if batch
            else "nothing differs, so there is no batch"
        )
        self._end(())

    def _write(self) -> None:
        """Write it, in one transaction or in many."""
        self._watch(Progress(step=Step.WRITING, total=self._result.changes))
        writing = Writing(
            session=self._session, parts=self._parts, rules=self._rules, result=self._result
        )
        if self._asked.batch_size:
            total = self._result.changes

            def commit() -> None:
                runs.end(self._session, self._result, writing.transactions())
                self._session.commit()
                self.has_committed = True
                done = self._result.changes
                self._watch(Progress(step=Step.WRITING, done=done, total=total))
                self._tell()

            writing.slices(self._asked.batch_size, commit, self._already)
        else:
            writing.all()
            # The last moment at which whoever watches can stop it with nothing changed.
            done = self._result.changes
            self._watch(Progress(step=Step.WRITING, done=done, total=done))
        self._result.status = RunStatus.DONE
        self._end(writing.transactions())

    def _begin(self) -> None:
        session = self._session
        session.rollback()
        session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        session.execute(_MEMORY)
        self._tell()

    def _tell(self) -> None:
        session, result = self._session, self._result
        who = runs.author(session, result.key, result.number, self._asked)
        tell(session.connection(), who)

    def _compare(self) -> None:
        def compare(part: Part, counts: ModelResult) -> None:
            rows = partial(safety.rows_of, self._session, part)
            safety.refuse_empty(part, counts, self._asked, rows)
            self._rules.keys_are_unique(part)
            self._rules.duplicates(part, counts)
            rules = forbidden(self._session, part)
            difference.compare(self._session, part, self._parts, rules)
            self._rules.unfound(part, counts)
            safety.only_allowed(self._session, part, counts)

        self._each(Step.COMPARING, compare)

    def _check(self) -> None:
        """Hold the difference against rules and limits. Raises Stopped."""
        asked = self._asked

        def check(part: Part, counts: ModelResult) -> None:
            if difference.is_forbidden(self._session, part):
                self._rules.checks(part, counts)
            if asked.dry_run or asked.strict or asked.make_batch or asked.batch_size:
                self._rules.keys(part, counts)
                self._rules.references(part, counts)

        self._each(Step.CHECKING, check)
        self._count()
        for part in self._parts:
            counts = self._counts[part.model]
            safety.refuse_incomplete(part, counts.created)
            rows = partial(safety.rows_of, self._session, part)
            safety.refuse_many_deletions(part, counts.deleted, asked, rows)
        safety.keep_limits(self._session, self._parts, self._result, asked)

    def _count(self) -> None:
        for part in self._parts:
            counts = self._counts[part.model]
            difference.count_into(counts, self._session, part)

    def _sample(self) -> None:
        for part in self._parts:
            counts = self._counts[part.model]
            if not counts.changes:
                continue
            for kind in Kind:
                found = differences(self._session, part, kind, limit=self._asked.max_diffs)
                counts.differences += found

    def _keep_samples(self) -> None:
        """Keep what the history will not have: what would have been changed."""
        for counts in self._result.models:
            self._session.add_all(
                ImportChange(
                    run_id=self._result.run_id,
                    model=one.model,
                    kind=one.kind,
                    key=one.key,
                    row_id=one.row_id,
                    old=one.old,
                    new=one.new,
                )
                for one in counts.differences
            )
        self._session.flush()

    def _end(self, transactions: Sequence[UUID]) -> None:
        session = self._session
        difference.drop_differences(session, self._parts)
        staging.drop(session, self._parts)
        session.get_one(ImportRun, self._result.run_id).stage = None
        if self._asked.warnings:
            from poser.importing.warning import mail_changes  # noqa: PLC0415 - slow, and rare

            mail_changes(session, self._result, self._asked)
        runs.end(session, self._result, transactions)
        session.commit()

    def _each(self, step: Step, do: Callable[[Part, ModelResult], None]) -> None:
        for number, part in enumerate(self._parts):
            self._watch(
                Progress(
                    step=step,
                    model=part.model,
                    done=number,
                    total=len(self._parts),
                    unit="models",
                )
            )
            do(part, self._counts[part.model])
