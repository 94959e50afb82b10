# SPDX-License-Identifier: Apache-2.0
"""JSON from the web whose values are called as fields are."""

from pathlib import Path
from typing import ClassVar

from poser.errors import ImportFailed
from poser.importing.asked import Asked
from poser.importing.formats.fetching import Fetch
from poser.importing.formats.web import Paging, WebSource
from poser.importing.generic import SHAPES, ByColumns
from poser.importing.handler import Option
from poser.importing.source import Source


class Web(ByColumns):
    """JSON from the web, page by page, whose values are called as the fields of a model are.

    Pages follow the header Link of each answer, or as --following and --parameter say.
    """

    key = "http"
    where = "an address, such as https://shop.example/api/products"
    options: ClassVar[tuple[Option, ...]] = (
        *SHAPES,
        Option(name="records", help="The name of the list in a page; else the page is the list."),
        Option(name="following", help="The name of the value that leads to the next page."),
        Option(name="parameter", help="What of the query takes it, or the number of the page."),
        Option(name="first", help="The number of the first page.", default="1"),
        Option(
            name="step", help="How much the number grows; for offsets a page's size.", default="1"
        ),
        Option(name="token-file", help="A file with the token that the service wants."),
    )

    def source(self, asked: Asked) -> Source:
        """Reach the service."""
        paging = Paging(
            records=asked.option("records"),
            following=asked.option("following"),
            parameter=asked.option("parameter"),
            first=_number(asked, "first"),
            step=_number(asked, "step"),
        )
        return WebSource(asked.where, paging, Fetch(headers=_headers(asked.option("token-file"))))

    def is_one_kind(self, asked: Asked) -> bool:  # noqa: ARG002 - whatever is asked
        """Say that an address is for one model."""
        return True


def _number(asked: Asked, name: str) -> int:
    said = asked.option(name, "1")
    if not said.isdecimal():
        raise ImportFailed(f"--{name} {said!r} is no number", hint="such as 1 or 100")
    return int(said)


def _headers(path: str) -> dict[str, str]:
    """Read the token that a service wants; on a command line everybody would see it."""
    if not path:
        return {}
    try:
        return {"Authorization": f"Bearer {Path(path).read_text('utf-8').strip()}"}
    except (OSError, ValueError) as error:
        raise ImportFailed(
            f"cannot read the token in {path}: {error}", hint="check the path and its permissions"
        ) from error
