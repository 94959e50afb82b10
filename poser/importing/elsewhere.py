# SPDX-License-Identifier: Apache-2.0
"""Concluding a run whose target is not one of this node's databases."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from poser.importing import difference, runs, safety, staging
from poser.importing.asked import Asked
from poser.importing.importer import Importer
from poser.importing.merging import Merge
from poser.importing.parts import Part
from poser.importing.result import Kind, RunResult, RunStatus
from poser.importing.rules import Rules
from poser.importing.staging import Refused, Stopped
from poser.importing.target import Target
from poser.importing.watching import Progress, Step, Watch
from poser.model.importing import ImportRun

Pair = tuple[Part, Importer]


def conclude_elsewhere(
    session: Session,
    target: Target,
    pairs: Sequence[Pair],
    asked: Asked,
    result: RunResult,
    *,
    watch: Watch,
) -> None:
    """Compare what is staged with a target and write it there, as the run is asked.

    The target keeps what was written when everything is; then the run is written down.
    """
    session.rollback()
    _Elsewhere(session, pairs, asked, result, watch).all(target)


class _Elsewhere:
    """One run whose changes go elsewhere."""

    def __init__(
        self,
        session: Session,
        pairs: Sequence[Pair],
        asked: Asked,
        result: RunResult,
        watch: Watch,
    ) -> None:
        self._session = session
        self._pairs = pairs
        self._parts = [part for part, _importer in pairs]
        self._asked = asked
        self._result = result
        self._watch = watch
        self._counts = {one.model: one for one in result.models}
        refused = Refused(session=session, run_id=result.run_id, is_strict=asked.strict)
        self._rules = Rules(session=session, parts=self._parts, refused=refused)

    def all(self, target: Target) -> None:
        """Compare, check and write."""
        result = self._result
        with target:
            merges = [
                Merge(
                    session=self._session,
                    part=part,
                    importer=importer,
                    target=target,
                    asked=self._asked,
                )
                for part, importer in self._pairs
            ]
            try:
                self._compare(merges)
            except Stopped as stop:
                result.status, result.why, result.hint = RunStatus.STOPPED, stop.message, stop.hint
            else:
                result.status = RunStatus.DRY if self._asked.dry_run else RunStatus.DONE
            for merge in merges:
                self._counts[merge.part.model].differences += merge.samples(self._asked.max_diffs)
                is_done = result.status is RunStatus.DONE
                merge.keep(result.run_id, None if is_done else self._asked.max_diffs)
            if result.status is RunStatus.DONE:
                self._write(merges)
        self._end()

    def _compare(self, merges: Sequence[Merge]) -> None:
        """Find what differs and hold it against the limits. Raises Stopped."""
        for number, merge in enumerate(merges):
            part, counts = merge.part, self._counts[merge.part.model]
            self._watch(
                Progress(step=Step.COMPARING, model=part.model, done=number, total=len(merges))
            )
            self._rules.duplicates(part, counts)
            merge.compare()
            safety.only_allowed(self._session, part, counts)
            difference.count_into(counts, self._session, part)
        for merge in merges:
            part, counts = merge.part, self._counts[merge.part.model]
            rows = merge.count
            safety.refuse_empty(part, counts, self._asked, rows)
            safety.refuse_many_deletions(part, counts.deleted, self._asked, rows)
        safety.keep_limits(self._session, self._parts, self._result, self._asked)

    def _write(self, merges: Sequence[Merge]) -> None:
        self._watch(Progress(step=Step.WRITING, total=self._result.changes))
        for merge in merges:
            merge.write(Kind.CREATE)
            merge.write(Kind.UPDATE)
        for merge in reversed(merges):
            merge.write(Kind.DELETE)

    def _end(self) -> None:
        session = self._session
        difference.drop_differences(session, self._parts)
        staging.drop(session, self._parts)
        session.get_one(ImportRun, self._result.run_id).stage = None
        if self._asked.warnings:
            from poser.importing.warning import mail_changes  # noqa: PLC0415 - slow, and rare

            mail_changes(session, self._result, self._asked)
        runs.end(session, self._result)
        session.commit()
