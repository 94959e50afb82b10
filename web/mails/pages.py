# SPDX-License-Identifier: Apache-2.0
"""Email types: which there are, who gets them, how they look, and what became of them."""

from collections.abc import Mapping
from typing import Any

import falcon
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from poser.db import transaction
from poser.errors import PoserError
from poser.model.mail import Email, EmailAttempt
from web.flash import flash
from web.language import _
from web.mails.records import asked_record, records_for
from web.permissions import Permission
from web.showing import HTML, show
from web.site import Site
from web.visits import Visit, visit

PATH = "/emails"
SEE = Permission("emails.view", "See the types of email, who gets them, and what was sent")
EDIT = Permission("emails.edit", "Change who gets which email, and what its subject is")
SEND = Permission("emails.send", "Send a sample of an email to oneself")
_LAST = 20
_LISTS = ("recipients", "cc", "bcc")
_TEXTS = ("sender", "reply_to", "subject")
# The mail is a page of its own that runs nothing; only pages of ours may show it inside.
_CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:;"
    " frame-ancestors 'self'; form-action 'none'; sandbox"
)


def types_of(site: Site) -> Mapping[str, Any]:
    """Find the types of email; late, because templates and senders come with them."""
    from poser.extensions.configured import extensions  # noqa: PLC0415
    from poser.mail.found import email_types  # noqa: PLC0415

    return email_types(extensions(site.config))


class EmailList:
    """Falcon resource: the types of email."""

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        """List them with who gets them and when one was last sent."""
        from poser.mail.per_type import settled  # noqa: PLC0415

        here = visit(req)
        here.place = PATH
        session = here.read()
        newest = select(EmailAttempt.key, func.max(EmailAttempt.at)).group_by(EmailAttempt.key)
        last = {row[0]: row[1] for row in session.execute(newest)}
        lines = []
        for key, found in types_of(here.site).items():
            chosen = settled(session, here.site.config, found.type)
            to = ", ".join((*chosen.recipients, *chosen.cc, *chosen.bcc))
            lines.append(
                {
                    "key": key,
                    "about": found.type.description,
                    "is_enabled": chosen.is_enabled,
                    "to": to,
                    "last": here.moment(last.get(key)),
                }
            )
        show(req, resp, "emails.pt", title=_("Emails"), lines=lines)


class EmailPage:
    """Falcon resource: one type of email."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def on_get(self, req: falcon.Request, resp: falcon.Response, key: str) -> None:
        """Show its settings, a preview and the last mails of it."""
        self._show(req, resp, found_type(self._site, key), {})

    def on_post(self, req: falcon.Request, resp: falcon.Response, key: str) -> None:
        """Save what is set for it; what is empty is as the type says."""
        from poser.mail.per_type import FIELDS, set_for  # noqa: PLC0415

        here, form = visit(req), req.context.form
        if not here.visitor.may(EDIT):
            raise falcon.HTTPForbidden(
                title=_("You may not change emails"),
                description=_("Nothing was changed. Ask an administrator of this node."),
            )
        found = found_type(self._site, key)
        values = _read(form)
        unset = [name for name in FIELDS if name not in values and name != "is_hidden"]
        try:
            with transaction(self._site.engines["poser"]) as session:
                set_for(session, found.type, values, unset=unset)
        except PoserError as error:
            resp.status = falcon.HTTP_UNPROCESSABLE_ENTITY
            self._show(req, resp, found, form, problem=f"{error}. {error.hint}")
            return
        flash(resp, _("The email is saved."))
        resp.status, resp.location = falcon.HTTP_SEE_OTHER, f"{PATH}/{key}"

    def _show(
        self,
        req: falcon.Request,
        resp: falcon.Response,
        found: Any,  # noqa: ANN401 - poser.mail.found.Found, imported late
        typed: Mapping[str, str],
        *,
        problem: str = "",
    ) -> None:
        from poser.mail.per_type import settled  # noqa: PLC0415
        from poser.mail.previewing import preview  # noqa: PLC0415

        here = visit(req)
        here.place = PATH
        session = here.read()
        chosen = settled(session, here.site.config, found.type)
        record = asked_record(req, found)
        subject, rendered = preview(session, here.site.config, found, record)
        show(
            req,
            resp,
            "email.pt",
            title=found.type.key,
            type=found.type,
            chosen=chosen,
            values={**_written(chosen), **typed},
            usual={"subject": found.type.subject},
            subject=subject,
            text=rendered.text,
            names=", ".join(f"{{{name}}}" for name in found.type.sample),
            records=records_for(here, found),
            record=str(record or ""),
            attempts=_attempts(here, session, found.type.key),
            may_edit=here.visitor.may(EDIT),
            may_send=here.visitor.may(SEND),
            problem=problem,
        )


class EmailPreview:
    """Falcon resource: a mail as a page of its own, for the frame on the type's page."""

    def on_get(self, req: falcon.Request, resp: falcon.Response, key: str) -> None:
        """Send the sample of the type, or a mail that was sent (`mail`), confined."""
        from poser.mail.previewing import preview  # noqa: PLC0415
        from poser.mail.rendering import Renderer  # noqa: PLC0415
        from poser.mail.values import given  # noqa: PLC0415

        here = visit(req)
        found = found_type(here.site, key)
        session = here.read()
        mail_id = req.get_param_as_uuid("mail")
        if mail_id is None:
            record = asked_record(req, found)
            html = preview(session, here.site.config, found, record)[1].html
        else:
            mail = session.get(Email, mail_id)
            if mail is None or mail.key != key:
                raise falcon.HTTPNotFound
            renderer = Renderer(here.site.config)
            values = given(mail.data) | {n: found.type.sample[n] for n in found.type.secret}
            html = renderer.render(found, mail.subject, [values]).html
        resp.set_header("Content-Security-Policy", _CSP)
        resp.content_type = HTML
        resp.data = html.encode()


class EmailSend:
    """Falcon resource: sends the sample of a type to whoever asks."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def on_post(self, req: falcon.Request, resp: falcon.Response, key: str) -> None:
        """Queue the mail, to the visitor alone."""
        from poser.mail import queue  # noqa: PLC0415

        here = visit(req)
        found = found_type(self._site, key)
        resp.status, resp.location = falcon.HTTP_SEE_OTHER, f"{PATH}/{key}"
        try:
            with transaction(self._site.engines["poser"]) as session:
                to = [f"user:{here.visitor.name}"]
                queue(session, found.type, data=found.type.sample, to=to, about="sample")
        except PoserError as error:
            flash(resp, f"{error}. {error.hint}")
            return
        flash(resp, _("It is on its way to you."))


def found_type(site: Site, key: str) -> Any:  # noqa: ANN401 - poser.mail.found.Found, imported late
    """Find a type of email. Raises falcon.HTTPNotFound."""
    found = types_of(site).get(key)
    if found is None:
        raise falcon.HTTPNotFound
    return found


def _read(form: Mapping[str, str]) -> dict[str, object]:
    """Read the form; what is empty is left out, so that what the type says holds."""
    values: dict[str, object] = {}
    for name in _LISTS:
        words = [one.strip() for one in form.get(name, "").replace("\n", ",").split(",")]
        if any(words):
            values[name] = [one for one in words if one]
    values |= {name: form[name].strip() for name in _TEXTS if form.get(name, "").strip()}
    if form.get("is_enabled") != "yes":
        values["is_enabled"] = False
    return values


def _written(chosen: Any) -> dict[str, str]:  # noqa: ANN401 - poser.mail.per_type.Settled
    """Write what people set, as the form has it; empty where the type decides."""
    said = dict.fromkeys((*_LISTS, *_TEXTS), "")
    for name in chosen.set:
        value = getattr(chosen, name)
        said[name] = ", ".join(value) if isinstance(value, tuple) else str(value)
    said["is_enabled"] = "yes" if chosen.is_enabled else ""
    return said


def _attempts(here: Visit, session: Session, key: str) -> list[dict[str, object]]:
    wanted = (
        select(EmailAttempt)
        .where(EmailAttempt.key == key)
        .order_by(EmailAttempt.at.desc(), EmailAttempt.id.desc())
        .limit(_LAST)
    )
    return [
        {
            "at": here.moment(one.at),
            "to": ", ".join(one.recipients),
            "subject": one.subject,
            "status": one.status,
            "text": one.status_text,
            "mail": one.email_id,
        }
        for one in session.scalars(wanted)
    ]
