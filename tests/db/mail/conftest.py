# SPDX-License-Identifier: Apache-2.0
"""A node that sends mail to a real SMTP server of the test, with a clock that tests set."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Engine, select

from poser.config import Config, load
from poser.db import transaction
from poser.mail import EmailType, queue
from poser.mail.found import Found
from poser.mail.worker import Worker
from poser.model.mail import Email, EmailAttempt
from tests.support.mail import Postbox, on_loopback

TEMPLATE = "<h1>${what}</h1><p>${count} of ${node}</p>"

NEWS = EmailType(
    key="news",
    description="Something happened.",
    subject="News: {what}",
    sample={"what": "rain", "count": 3},
    to=("desk@example.com",),
)


@dataclass
class Clock:
    """A clock that tests set; it starts after whatever the database calls now."""

    now: datetime = field(default_factory=lambda: datetime.now(UTC) + timedelta(seconds=5))

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass
class Node:
    """A node whose mail goes to `postbox`."""

    engine: Engine
    folder: Path
    postbox: Postbox
    server: str
    clock: Clock
    types: dict[str, Found]
    lines: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        return self.engine.url.render_as_string(hide_password=False)

    @property
    def path(self) -> Path:
        """Write the settings file and return where it is."""
        path = self.folder / "poser.conf"
        head = ["[db]", f"url = {self.url}", "[poser]", "node = shop", "[mail]"]
        head += [f"server = {self.server}", "from = Poser <poser@shop.example>"]
        path.write_text("\n".join([*head, *self.lines]) + "\n", encoding="utf-8")
        return path

    @property
    def config(self) -> Config:
        return load([self.path], environment={})

    def add_type(self, type_: EmailType, template: str = TEMPLATE) -> None:
        (self.folder / f"{type_.key}.pt").write_text(template, encoding="utf-8")
        self.types[type_.key] = Found(type=type_, module="tests", folder=self.folder)

    def queue(
        self,
        what: str = "rain",
        *,
        type_: EmailType = NEWS,
        to: Sequence[str] | None = None,
        about: str = "",
        times: int = 1,
    ) -> UUID:
        data = {"what": what, "count": 3}
        with transaction(self.engine) as session:
            return queue(session, type_, data=data, to=to, about=about, times=times)

    def worker(self) -> Worker:
        return Worker(engine=self.engine, config=self.config, types=self.types, clock=self.clock)

    def send(self) -> int:
        return self.worker().send_due()

    def mail(self, mail_id: UUID) -> Email:
        with transaction(self.engine, read_only=True) as session:
            return session.get_one(Email, mail_id)

    def attempts(self, mail_id: UUID) -> Sequence[EmailAttempt]:
        query = select(EmailAttempt).where(EmailAttempt.email_id == mail_id)
        with transaction(self.engine, read_only=True) as session:
            return session.scalars(query.order_by(EmailAttempt.at, EmailAttempt.id)).all()

    def subjects(self) -> list[str]:
        return [one.subject for one in self.postbox.came]


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


@pytest.fixture
def node(new_database: Callable[[str], Engine], postbox: Postbox, tmp_path: Path) -> Iterator[Node]:
    """Make a node and a mail server."""
    server = on_loopback(postbox)
    server.start()
    try:
        made = Node(
            engine=new_database("poser"),
            folder=tmp_path,
            postbox=postbox,
            server=f"127.0.0.1:{server.port}",
            clock=Clock(),
            types={},
        )
        made.add_type(NEWS)
        yield made
    finally:
        server.stop()
