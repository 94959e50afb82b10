# SPDX-License-Identifier: Apache-2.0
"""Files in forms: kept whole, taken away as they came, refused where they are too much."""

from collections.abc import Mapping
from uuid import UUID

import pytest
from falcon import testing
from sqlalchemy import select
from sqlalchemy.orm import Session

from poser.model import VendorSampleFile
from tests.web.conftest import HOST, Browser, Writer
from tests.web.filling import add_vendor, fields_of

OK, SEE_OTHER, BAD, TOO_LARGE, UNFIT, UNKNOWN = 200, 303, 400, 413, 422, 415
PATH = "/vendor-sample-files/new"
EDGE = "8-----8"


def parts(fields: Mapping[str, str], name: str, content: bytes) -> bytes:
    """Write a form with one file as browsers do."""
    texts = "".join(
        f'--{EDGE}\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n'
        for n, v in fields.items()
    )
    head = (
        f'--{EDGE}\r\nContent-Disposition: form-data; name="content"; filename="{name}"\r\n'
        "Content-Type: text/html\r\n\r\n"
    )
    return texts.encode() + head.encode() + content + f"\r\n--{EDGE}--\r\n".encode()


def send(browser: Browser, path: str, body: bytes) -> testing.Result:
    headers = {
        "Content-Type": f"multipart/form-data; boundary={EDGE}",
        "Sec-Fetch-Site": "same-origin",
        "Origin": f"https://{HOST}",
    }
    return browser._remember(browser._ask("POST", path, body=body, headers=headers))


@pytest.fixture
def form(admin: Browser, poser: Writer) -> dict[str, str]:
    """Open the form of a sample file and fill in its texts."""
    vendor = poser(add_vendor)
    fields = fields_of(admin.get(f"{PATH}?vendor_id={vendor}").text)
    return {**fields, "kind": "catalog", "file_name": "catalog.csv"}


def kept(session: Session) -> list[tuple[UUID, bytes]]:
    found = session.execute(select(VendorSampleFile.id, VendorSampleFile.content))
    return [(key, content) for key, content in found]


def test_a_file_is_kept_whole_and_taken_away_as_it_came(
    admin: Browser, poser: Writer, form: dict[str, str]
) -> None:
    content = b"<script>alert(1)</script>\r\n--not the edge\0\xff" * 20_000
    assert len(content) > 1 << 19
    assert send(admin, PATH, parts(form, r"C:\x\catalog.csv", content)).status_code == SEE_OTHER
    ((key, there),) = poser(kept)
    assert there == content
    admin.get(f"/vendor-sample-files/{key}")
    assert "KiB" in admin.text
    answer = admin._ask("GET", f"/vendor-sample-files/{key}/file/content")
    assert answer.content == content
    assert answer.headers["content-type"] == "application/octet-stream"
    assert "attachment" in answer.headers["content-disposition"]
    # Saved again without another file, it stays.
    fields = fields_of(admin.get(f"/vendor-sample-files/{key}/edit").text)
    body = parts({**fields, "notes": "checked"}, "", b"")
    assert send(admin, f"/vendor-sample-files/{key}/edit", body).status_code == SEE_OTHER
    assert poser(kept) == [(key, content)]


def test_a_form_without_its_file_or_broken_changes_nothing(
    admin: Browser, poser: Writer, form: dict[str, str]
) -> None:
    assert send(admin, PATH, parts(form, "", b"")).status_code == UNFIT
    assert "is needed" in admin.text
    whole = parts(form, "a.csv", b"x" * 100)
    for broken in (whole[: len(whole) // 2], whole.replace(EDGE.encode(), b"9"), b"", b"--"):
        assert send(admin, PATH, broken).status_code in {BAD, 403, 408, 411, UNFIT}
    assert poser(kept) == []


def test_what_is_too_large_or_not_wanted_is_refused(
    admin: Browser, poser: Writer, form: dict[str, str]
) -> None:
    large = parts(form, "a.csv", b"x" * (21 << 20) + b"y" * (1 << 20))
    assert send(admin, PATH, large).status_code == TOO_LARGE
    nearly = parts(form, "a.csv", b"x" * ((20 << 20) + 1))
    assert send(admin, PATH, nearly).status_code == UNFIT
    assert "20 MiB" in admin.text
    assert send(admin, "/sign-out", parts(form, "a.csv", b"x")).status_code == UNKNOWN
    assert poser(kept) == []
