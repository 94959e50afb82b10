# SPDX-License-Identifier: Apache-2.0
"""How a type of email looks: its sample, filled in as a mail would be."""

from sqlalchemy.orm import Session

from poser.config import Config
from poser.mail import settings
from poser.mail.found import Found
from poser.mail.per_type import settled
from poser.mail.rendering import Rendered, Renderer
from poser.mail.subjects import filled_in
from poser.mail.values import given, kept


def preview(session: Session, config: Config, found: Found) -> tuple[str, Rendered]:
    """Return the subject of a mail with the type's sample, and both its parts."""
    values = given(kept(found.type.sample))
    chosen = settled(session, config, found.type)
    subject = f"{settings.SUBJECT_PREFIX(config)} {filled_in(chosen.subject, values)}".strip()
    return subject, Renderer(config).render(found, subject, [values])
