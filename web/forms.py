# SPDX-License-Identifier: Apache-2.0
"""Reading what a form sent, within limits."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

import falcon

MOST_BYTES = 1 << 20
MOST_FIELDS = 200
_FORM = "application/x-www-form-urlencoded"


def check_size(req: falcon.Request) -> None:
    """Refuse a body that is too large, or whose size is not said, before reading it."""
    if req.method in {"GET", "HEAD", "OPTIONS"}:
        return
    if req.content_length is None:
        raise falcon.HTTPLengthRequired(description="The request does not say how long it is.")
    if req.content_length > MOST_BYTES:
        raise falcon.HTTPContentTooLarge(
            description=f"At most {MOST_BYTES >> 20} MiB can be sent at once."
        )


def read_form(req: falcon.Request) -> Mapping[str, str]:
    """Read the fields of a form; of fields with one name the last counts.

    Raises falcon.HTTPError 400, 408 or 415 for what is no such form.
    """
    if (req.content_type or "").partition(";")[0].strip().lower() != _FORM:
        raise falcon.HTTPUnsupportedMediaType(description="This page takes forms only.")
    body = req.bounded_stream.read()
    if len(body) < (req.content_length or 0):
        raise falcon.HTTPError(falcon.HTTP_408, description="The request did not arrive whole.")
    try:
        fields = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError as error:
        raise falcon.HTTPBadRequest(description="The form did not arrive as text.") from error
    return {name: value.replace("\0", "") for name, value in fields}
