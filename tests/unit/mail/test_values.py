# SPDX-License-Identifier: Apache-2.0
"""What a type of email, its subject, its values and its recipients may be."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given as over
from hypothesis import strategies as st

from poser.importing.result import Kind
from poser.mail.recipients import BadRecipient, address, checked
from poser.mail.subjects import LONGEST, BadSubject, check_subject, filled_in
from poser.mail.types import EmailType
from poser.mail.values import given, kept

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_values_come_back_as_templates_show_them() -> None:
    values = {
        "at": AT, "day": date(2026, 11, 22), "sum": Decimal("1.50"), "id": UUID(int=1),
        "kind": Kind.CREATE, "lines": ({"at": AT}, 2, None), "yes": True, "text": "a\0b\ud800",
    }  # fmt: skip
    stored = json.loads(json.dumps(kept(values)))
    assert given(stored) == {
        "at": AT, "day": "2026-11-22", "sum": "1.50", "id": str(UUID(int=1)),
        "kind": "create", "lines": [{"at": AT}, 2, None], "yes": True, "text": "a\ufffdb?",
    }  # fmt: skip


@pytest.mark.parametrize("value", [object(), {1, 2}, b"x", [object()], datetime(2026, 1, 1)])  # noqa: DTZ001
def test_what_a_mail_cannot_keep_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="value"):
        kept({"value": value})


@over(st.text(), st.text())
def test_a_subject_is_always_one_line_that_fits(a: str, b: str) -> None:
    line = filled_in("{a} about {b}", {"a": a, "b": b})
    assert len(line) <= LONGEST
    assert line.isprintable()


@pytest.mark.parametrize(
    "subject",
    ["", "  ", "{b}", "{a.real}", "{a[0]}", "{a!s}", "{a:9}", "{", "{}", "{0}", "a\nb", "{a:{a}}"],
)
def test_a_subject_that_could_do_more_than_name_values_is_refused(subject: str) -> None:
    with pytest.raises(BadSubject):
        check_subject(subject, {"a"})


def test_braces_can_stand_for_themselves() -> None:
    check_subject("{{{a}}}", {"a"})
    assert filled_in("{{{a}}} {{}}", {"a": 1}) == "{1} {}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a@",
        "@b",
        "a b@c.d",
        "nobody here",
        "a@b.c, d@e.f",
        "a@b.c\nBcc: d@e.f",
        "<>",
        "a@b@c.d",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(BadRecipient):
        address(text)


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("a@b.c", "a@b.c"),
        (" Anna Berg <a@b.c> ", "a@b.c"),
        ('"Berg, Anna" <a@b.c>', "a@b.c"),
        ("root", "root"),
        ("Ärger <ä@b.c>", "ä@b.c"),
    ],
)
def test_addresses_are_read_with_and_without_names(text: str, spec: str) -> None:
    assert address(text).addr_spec == spec


def test_recipients_are_kept_once_and_in_order() -> None:
    found = checked(["user:anna", " a@b.c", "role:Buyers", "user:anna"])
    assert found == ("user:anna", "a@b.c", "role:Buyers")
    with pytest.raises(BadRecipient):
        checked(["role: "])


@pytest.mark.parametrize(
    "wrong",
    [{"key": "Bad Key"}, {"description": " "}, {"subject": "{nothing}"}, {"most_per_hour": 0}],
)
def test_a_type_that_could_never_be_sent_is_refused(wrong: dict[str, object]) -> None:
    right: dict[str, object] = {
        "key": "news", "description": "News.", "subject": "{a}", "sample": {"a": 1},
    }  # fmt: skip
    EmailType(**right)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"\w"):
        EmailType(**{**right, **wrong})  # type: ignore[arg-type]
