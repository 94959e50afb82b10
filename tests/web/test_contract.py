# SPDX-License-Identifier: Apache-2.0
"""The API keeps what its description says, for every resource and every refusal."""

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest
from falcon import testing
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV31SpecValidator
from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from poser.model import MessageRecipient, StockMovement, User
from tests.web.conftest import Clock, Writer
from tests.web.contract import Operation, bodies, check_answer, least_body, operations
from tests.web.factories import add_person
from tests.web.rows import add_row
from tests.web.test_api import Program, program, token
from tests.web.test_matrix import table_of
from web.site import Site

__all__ = ["program"]

FEW = settings(
    max_examples=4, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow,
                           HealthCheck.data_too_large, HealthCheck.filter_too_much],
)  # fmt: skip

ODD = st.dictionaries(
    st.sampled_from(["q", "sort", "rows", "after", "id.is", "created_at.after", "cols"]),
    st.text(max_size=20),
    max_size=3,
)


@pytest.fixture
def described(program: Program) -> Any:  # noqa: ANN401 - JSON
    """Give the description as a program reads it."""
    return program.get("/api/openapi.json")


@pytest.fixture
def keys(site: Site, program: Program, trainwreck: Writer, poser: Writer) -> dict[str, UUID]:  # noqa: ARG001
    """Add a row to every table that the API shows; give their ids by the address of one."""
    writers = {"poser": poser, "trainwreck": trainwreck}
    ada = poser(lambda session: session.scalars(select(User.id)).one())
    return {
        f"/api/v1{each.path}/{{key}}": writers[each.database](_add, each.table, ada)
        for each in site.resources.values()
    }


def _add(session: Session, table: Table, ada: UUID) -> UUID:
    if table.name == "message_recipients":  # everybody sees their own only
        return add_row(session, table, user_id=ada)
    if table.name == "messages":
        key = add_row(session, table)
        add_row(session, table_of(MessageRecipient), user_id=ada, message_id=key)
        return key
    if table.name != "stock_levels":  # the ledger alone writes those
        return add_row(session, table)
    add_row(session, table_of(StockMovement))
    found: UUID = session.scalars(select(table.c.id)).one()
    return found


def test_the_description_is_valid_openapi(described: Any) -> None:  # noqa: ANN401
    found = [
        f"{list(e.path)}: {e.message}" for e in OpenAPIV31SpecValidator(described).iter_errors()
    ]
    assert not found, found[:10]


def test_lists_and_records_are_as_described(
    described: Any,  # noqa: ANN401
    program: Program,
    keys: dict[str, UUID],
) -> None:
    empty: list[str] = []
    for each in operations(described, "get"):
        path = each.path.replace("{key}", str(keys.get(each.path)))
        result = program.ask("GET", path)
        assert result.status_code == 200, (path, result.text)
        check_answer(described, each, result)
        if "{key}" not in each.path:
            empty += [] if result.json["items"] else [each.path]
            check_answer(described, each, program.ask("GET", f"{path}?nothing.is=1"))
            continue
        tag = result.headers["etag"]
        unchanged = program.ask("GET", path, If_None_Match=tag)
        assert unchanged.status_code == 304
        check_answer(described, each, unchanged)
    assert not empty


def test_what_is_added_and_changed_is_as_described(
    described: Any,  # noqa: ANN401
    program: Program,
) -> None:
    added = 0
    for each in operations(described, "post"):
        result = program.ask("POST", each.path, least_body(described, each))
        check_answer(described, each, result)
        if result.status_code == 201:
            added += 1
            one = next(o for o in operations(described, "get") if o.path == each.path + "/{key}")
            again = program.ask("GET", result.headers["location"])
            check_answer(described, one, again)
            assert again.json == result.json
    assert added > 10


def test_refusals_are_as_described(
    described: Any,  # noqa: ANN401
    program: Program,
    keys: dict[str, UUID],
    poser: Writer,
    clock: Clock,
) -> None:
    poser(add_person, "sam")
    sam = Program(program.app, token(poser, clock, "sam"))
    nobody = Program(program.app, "")
    seen: set[int] = set()

    def ask(who: Program, one: Operation, path: str, body: object, **headers: str) -> None:
        result = who.ask(one.method.upper(), path, body, **headers)
        seen.add(result.status_code)
        check_answer(described, one, result)

    for each in operations(described, "get", "post", "patch", "delete"):
        path = each.path.replace("{key}", str(keys.get(each.path)))
        body: object = None if each.method in {"get", "delete"} else {}
        ask(nobody, each, path, body)
        ask(sam, each, path, body)
        if "{key}" in each.path:
            ask(program, each, each.path.replace("{key}", str(uuid4())), body, If_Match="*")
        if each.method in {"patch", "delete"}:
            ask(program, each, path, body)
            ask(program, each, path, body, If_Match='"old"')
        if body is not None:
            ask(program, each, path, {"no_such_field": 1}, If_Match="*")
            ask(program, each, path, "{", If_Match="*")
            ask(program, each, path, "a=1", If_Match="*", Content_Type="text/plain")
    assert seen == {400, 401, 403, 404, 412, 415, 422, 428}


def test_whatever_is_deleted_or_refused_is_as_described(
    described: Any,  # noqa: ANN401
    program: Program,
    keys: dict[str, UUID],
) -> None:
    seen: set[int] = set()
    for each in operations(described, "delete"):
        path = each.path.replace("{key}", str(keys[each.path]))
        result = program.ask("DELETE", path, If_Match="*")
        seen.add(result.status_code)
        check_answer(described, each, result)
    assert 204 in seen


def test_bodies_made_of_the_description_never_break_the_node(
    described: Any,  # noqa: ANN401
    program: Program,
    keys: dict[str, UUID],
) -> None:
    seen: set[int] = set()
    for each in operations(described, "post", "patch"):
        path = each.path.replace("{key}", str(keys.get(each.path)))

        _try(described, each, bodies(described, each), partial(_send, program, each, path, seen))
    assert {200, 422} <= seen


def test_odd_questions_never_break_a_list(
    described: Any,  # noqa: ANN401
    program: Program,
) -> None:
    for each in operations(described, "get"):
        if "{key}" in each.path:
            continue
        _try(described, each, ODD, partial(_ask, program, each.path))


def _try(
    described: Any,  # noqa: ANN401
    operation: Operation,
    made: st.SearchStrategy[Any],
    send: Callable[[Any], testing.Result],
) -> None:
    """Send a few of what is made, and see that each answer is as described."""

    @FEW
    @given(made)
    def one(sent: Any) -> None:  # noqa: ANN401 - of any kind
        check_answer(described, operation, send(sent))

    one()


def _send(
    program: Program, operation: Operation, path: str, seen: set[int], body: str
) -> testing.Result:
    result = program.ask(operation.method.upper(), path, body, If_Match="*")
    seen.add(result.status_code)
    return result


def _ask(program: Program, path: str, asked: dict[str, str]) -> testing.Result:
    return program.ask("GET", f"{path}?{urlencode(asked)}")
