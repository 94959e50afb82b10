# SPDX-License-Identifier: Apache-2.0
"""How a type of email looks: its sample, filled in as a mail would be."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.orm import Session

from poser.config import Config
from poser.errors import PoserError
from poser.mail import settings
from poser.mail.found import Found
from poser.mail.per_type import settled
from poser.mail.rendering import Rendered, Renderer
from poser.mail.subjects import filled_in
from poser.mail.values import given, kept


def preview(
    session: Session, config: Config, found: Found, record: UUID | None = None
) -> tuple[str, Rendered]:
    """Return the subject of a mail with the type's sample, and both its parts.

    With `record` it is filled in as for that record. Raises PoserError for one that is gone.
    """
    values = given(kept(_values(session, found, record)))
    chosen = settled(session, config, found.type)
    subject = f"{settings.SUBJECT_PREFIX(config)} {filled_in(chosen.subject, values)}".strip()
    return subject, Renderer(config).render(found, subject, [values])


def _values(session: Session, found: Found, record: UUID | None) -> Mapping[str, object]:
    if record is None:
        return found.type.sample
    values = found.type.of_record.read(session, record) if found.type.of_record else None
    if values is None:
        raise PoserError(f"there is no record {record} to fill {found.type.key} in with")
    return values
