# SPDX-License-Identifier: Apache-2.0
"""Exact codes before words: what was scanned or typed leads straight to its record."""

from uuid import UUID

from sqlalchemy import false, or_, select
from sqlalchemy.orm import Session

from web.grid.filters import LONGEST_TEXT, BadQuery
from web.grid.matching import Sql, matches
from web.grid.reader import Reader
from web.grid.subject import Column, Subject
from web.grid.verbs import verbs_of


def record_of_code(session: Session, subject: Subject, text: str, reader: Reader) -> UUID | None:
    """Find the one record that has this very code; None where none or several have."""
    if not text or len(text) > LONGEST_TEXT:
        return None
    is_code = or_(false(), *(_is(column, text, reader) for column in subject.codes))
    found = session.connection().scalars(
        select(subject.key)
        .select_from(subject.table)
        .where(is_code, *subject.conditions_for(reader.visitor))
        .limit(2)
    )
    keys: list[UUID] = list(found)
    return keys[0] if len(keys) == 1 else None


def _is(column: Column, text: str, reader: Reader) -> Sql:
    try:
        return matches(column, verbs_of(column)["is"], text, reader)
    except BadQuery:  # words are no number
        return false()
