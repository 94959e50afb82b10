# SPDX-License-Identifier: Apache-2.0
"""What goes wrong, told to programs.

*Source:* RFC 9457, problem details for HTTP.
"""

import json
from collections.abc import Mapping

import falcon

PROBLEM = "application/problem+json"


class Unfit(Exception):  # noqa: N818 - what happened
    """A body has fields that cannot be written: `problems` says why, field by field."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name} {why}".strip() for name, why in problems.items()))
        self.problems = dict(problems)


def send_problem(
    resp: falcon.Response,
    status: int,
    title: str,
    detail: str,
    *,
    reference: str,
    fields: Mapping[str, str] | None = None,
) -> None:
    """Answer with a problem; `reference` finds the line in the log of the node."""
    body: dict[str, object] = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
        "reference": reference,
    }
    if fields:
        body["fields"] = dict(fields)
    resp.status = status
    resp.content_type = PROBLEM
    resp.data = json.dumps(body, ensure_ascii=False).encode()
