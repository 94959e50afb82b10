# SPDX-License-Identifier: Apache-2.0
"""Reading what a form sent, within limits; files go to a temporary file and not into memory."""

import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import IO, cast
from urllib.parse import parse_qsl

import falcon
from falcon.media.multipart import (
    BodyPart,
    MultipartFormHandler,
    MultipartParseError,
)

MOST_BYTES = 1 << 20
MOST_FIELDS = 400
_FORM = "application/x-www-form-urlencoded"
_WITH_FILES = "multipart/form-data"
_CHUNK = 1 << 16
_IN_MEMORY = 1 << 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file that came with a form; `file` stands at its beginning and goes with the request."""

    name: str
    size: int
    file: IO[bytes]

    def content(self) -> bytes:
        """Read the whole file, for those that are known to be small."""
        self.file.seek(0)
        return self.file.read()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What a form sent: its fields, and files by the name of their field."""

    fields: Mapping[str, str]
    files: Mapping[str, Upload]


def is_in_chunks(req: falcon.Request) -> bool:
    """Tell whether a body comes in chunks; without that and a length there is none."""
    return bool(req.get_header("Transfer-Encoding"))


def check_size(req: falcon.Request, page: object = None) -> None:
    """Refuse a body that is too large, or whose size is not said, before reading it.

    A page that takes files says by `most_bytes` how much may be sent to it.
    """
    if req.method in {"GET", "HEAD", "OPTIONS"}:
        return
    if req.method == "DELETE" and req.content_length is None and not is_in_chunks(req):
        return
    if req.content_length is None:
        raise falcon.HTTPLengthRequired(description="The request does not say how long it is.")
    most = int(getattr(page, "most_bytes", MOST_BYTES))
    if req.content_length > most:
        raise falcon.HTTPContentTooLarge(description=f"At most {most >> 20} MiB can be sent here.")


def read_form(req: falcon.Request, page: object = None) -> Sent:
    """Read a form; of fields with one name the last counts.

    Only a page with `most_bytes` takes files; `most_fields` of a page lets it take more fields
    than usual. Raises falcon.HTTPError 400, 408 or 415 for what
    is no such form.
    """
    kind = (req.content_type or "").partition(";")[0].strip().lower()
    if kind == _FORM and (req.content_length or 0) <= MOST_BYTES:
        return Sent(
            fields=_read_fields(req, int(getattr(page, "most_fields", MOST_FIELDS))), files={}
        )
    if kind == _WITH_FILES and hasattr(page, "most_bytes"):
        return _read_parts(req)
    raise falcon.HTTPUnsupportedMediaType(description="This page takes forms only.")


def let_go(req: falcon.Request) -> None:
    """Close the files that came with a request, whatever became of it."""
    stack: ExitStack[bool | None] | None = req.context.get("kept_files")
    if stack is not None:
        stack.close()


def _read_fields(req: falcon.Request, most: int) -> Mapping[str, str]:
    body = req.bounded_stream.read()
    if len(body) < (req.content_length or 0):
        raise falcon.HTTPError(falcon.HTTP_408, description="The request did not arrive whole.")
    try:
        fields = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=most,
        )
    except ValueError as error:
        raise falcon.HTTPBadRequest(description="The form did not arrive as text.") from error
    return {name: value.replace("\0", "") for name, value in fields}


def _read_parts(req: falcon.Request) -> Sent:
    handler = MultipartFormHandler()
    handler.parse_options.max_body_part_count = MOST_FIELDS
    handler.parse_options.max_body_part_buffer_size = MOST_BYTES
    fields: dict[str, str] = {}
    files: dict[str, Upload] = {}
    try:
        form = handler.deserialize(req.bounded_stream, req.content_type, req.content_length)
        for part in form:
            if part.filename is not None:
                if part.filename:  # a box for a file that was left empty has no name
                    files[part.name or ""] = _keep(req, part)
            else:
                fields[part.name or ""] = part.get_data().decode().replace("\0", "")
    except (MultipartParseError, ValueError) as error:
        raise falcon.HTTPBadRequest(description="The form did not arrive whole.") from error
    return Sent(fields=fields, files=files)


def _keep(req: falcon.Request, part: BodyPart) -> Upload:
    if "kept_files" not in req.context:
        req.context.kept_files = ExitStack()
    kept = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - see `let_go`
    req.context.kept_files.enter_context(kept)
    size = 0
    while some := part.stream.read(_CHUNK):
        kept.write(some)
        size += len(some)
    kept.seek(0)
    return Upload(name=_file_name(part.filename or ""), size=size, file=cast("IO[bytes]", kept))


def _file_name(said: str) -> str:
    """Take the last part of a path, as some browsers send the whole, without odd signs."""
    last = said.replace("\\", "/").rpartition("/")[2]
    return "".join(sign for sign in last if sign.isprintable())[:200]
