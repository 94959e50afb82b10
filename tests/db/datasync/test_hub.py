# SPDX-License-Identifier: Apache-2.0
"""The hub, asked by who it should refuse and with what it cannot read: nothing of it is applied."""

import asyncio
import gzip
import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from falcon.testing import ASGIConductor, Result
from sqlalchemy import Engine

from poser.datasync import wire
from poser.datasync.reading import Part, begins_after
from poser.db import transaction
from tests.support.nodes import Chain
from tests.support.sales import add_pos_transaction
from web.hub.app import NAME_HEADER, create_hub

pytestmark = pytest.mark.postgresql

Asked = Callable[[ASGIConductor], Awaitable[Result]]
KIM = "INSERT INTO customers (number, name) VALUES ('1', 'Kim')"


@pytest.fixture
def sales(new_database: Callable[[str], Engine]) -> Engine:
    """Make the host's database of POS transactions."""
    return new_database("trainwreck")


@pytest.fixture
def ask(chain: Chain, sales: Engine) -> Callable[[Asked], Result]:
    """Ask a hub of the chain's host, which runs as long as the question takes."""

    def ask_(what: Asked) -> Result:
        async def go() -> Result:
            async with ASGIConductor(create_hub(chain.host.engine, sales, "host-1")) as conductor:
                return await what(conductor)

        return asyncio.run(go())

    return ask_


def post(path: str, body: bytes, name: str = "store-1") -> Asked:
    return lambda hub: hub.simulate_post(path, body=body, headers={NAME_HEADER: name})


def get(path: str, name: str = "store-1") -> Asked:
    return lambda hub: hub.simulate_get(path, headers={NAME_HEADER: name})


def greeting(**other: object) -> bytes:
    return json.dumps({"epoch": str(UUID(int=7)), "head": 0, "release": "", **other}).encode()


def epoch(chain: Chain) -> UUID:
    return UUID(str(chain.host.one("SELECT epoch FROM datasync_node")))


@pytest.mark.parametrize("name", ["", "store-9", "store", "host-1", "*", "x" * 5000])
def test_who_is_no_peer_gets_nothing(
    chain: Chain, ask: Callable[[Asked], Result], name: str
) -> None:
    for asked in (
        post("/datasync/hello", greeting(), name),
        get(f"/datasync/changes?after=0&epoch={epoch(chain)}", name),
        post("/datasync/compare", b'{"table": "customers"}', name),
        post("/datasync/changes", wire.encode(chain.part(chain["store-1"], chain.host)), name),
    ):
        result = ask(asked)
        assert result.status_code in {400, 403}, result.text
        assert "Traceback" not in result.text


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"[]",
        b"null",
        b'{"epoch": "nobody", "head": 0}',
        b'{"head": 0}',
        greeting(head="far"),
        greeting(columns=["customers"]),
        greeting(columns={"customers": 7}),
    ],
)
def test_a_greeting_that_says_nothing_is_refused(
    ask: Callable[[Asked], Result], body: bytes
) -> None:
    result = ask(post("/datasync/hello", body))
    assert result.status_code == 400
    assert "no greeting" in result.json["description"]


def store_part(chain: Chain) -> Part:
    store = chain["store-1"]
    store.run(KIM)
    chain.queue(store)
    return chain.part(store, chain.host)


def doubled(data: bytes) -> bytes:
    return data + data


def flipped(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _: b"",
        lambda data: data[:-9],
        flipped,
        doubled,
        lambda data: data[::-1],
        lambda _: gzip.compress(b"<html>a captive portal</html>"),
        lambda _: b"\x00" * 100,
    ],
)
def test_a_part_that_was_spoiled_on_the_way_changes_nothing_and_comes_again(
    chain: Chain, ask: Callable[[Asked], Result], spoil: Callable[[bytes], bytes]
) -> None:
    part = store_part(chain)
    result = ask(post("/datasync/changes", spoil(wire.encode(part))))
    assert result.status_code == 400, result.text
    assert result.json["title"] == "garbled"
    assert "it is asked for again" in result.json["hint"]
    assert chain.host.one("SELECT count(*) FROM customers") == 0
    # As it should be, then a second time: it is there once.
    for _ in range(2):
        answer = ask(post("/datasync/changes", wire.encode(part)))
        assert answer.json["received"] == part.upto
    assert chain.host.one("SELECT count(*) FROM customers") == 1


def test_a_part_from_the_future_is_refused_in_words(
    chain: Chain, ask: Callable[[Asked], Result]
) -> None:
    store = chain["store-1"]
    store_part(chain)
    chain.up(store)
    store.run("UPDATE customers SET name = 'Kim B'")
    chain.queue(store)
    part = chain.part(store, chain.host)
    chain.host.run("UPDATE datasync_peers SET received_pos = 0 WHERE name = 'store-1'")
    result = ask(post("/datasync/changes", wire.encode(part)))
    assert result.status_code == 409
    assert result.json["title"] == "out_of_step"
    assert "it has to send again from there" in result.json["hint"]
    assert chain.host.one("SELECT name FROM customers") == "Kim"


@pytest.mark.parametrize(
    "query", ["", "?after=x", "?after=-1&epoch=7", "?after=0", "?after=0&epoch=7", "?after=1e9"]
)
def test_a_question_that_says_too_little_is_refused(
    ask: Callable[[Asked], Result], query: str
) -> None:
    result = ask(get(f"/datasync/changes{query}"))
    assert result.status_code == 400, result.text


def test_a_queue_that_began_anew_is_said_to_have(ask: Callable[[Asked], Result]) -> None:
    async def ask_late(hub: ASGIConductor) -> Result:
        result = await get(f"/datasync/changes?after=0&epoch={uuid4()}")(hub)
        for _ in range(100):  # until the hub has read where its queue is
            if result.status_code == 409:
                break
            await asyncio.sleep(0.1)
            result = await get(f"/datasync/changes?after=0&epoch={uuid4()}")(hub)
        return result

    result = ask(ask_late)
    assert (result.status_code, result.json["title"]) == (409, "epoch")


@pytest.mark.parametrize("state", ["paused", "held"])
def test_nothing_is_given_to_who_is_paused_or_held(
    chain: Chain, ask: Callable[[Asked], Result], state: str
) -> None:
    chain.host.run(KIM)
    chain.queue(chain.host)
    chain.host.run(
        "UPDATE datasync_peers SET state = :state, note = 'repairs' WHERE name = 'store-1'",
        state=state,
    )
    path = f"/datasync/changes?after={chain.host.do(begins_after)}&epoch={epoch(chain)}"

    async def ask_both(hub: ASGIConductor) -> Result:
        other: Any = None
        for _ in range(100):  # until the other one gets it from memory
            other = await get(path, "store-2")(hub)
            if other.status_code == 200:
                break
        assert wire.decode(other.content).changes
        return await get(path)(hub)

    result = ask(ask_both)
    assert result.status_code == 403
    assert f"store-1 is {state}: repairs" in result.json["description"]


def test_customers_sales_are_for_cloud_nodes_alone(
    sales: Engine, ask: Callable[[Asked], Result]
) -> None:
    with transaction(sales) as session:
        add_pos_transaction(session.connection(), 1)
        add_pos_transaction(session.connection(), 2, customer_number="7")
    nothing = b'{"told": [], "from_start": false}'
    refused = ask(post("/datasync/sales/next", nothing, "store-1"))
    assert refused.status_code == 403
    assert "store-1 is no cloud node" in refused.json["description"]
    said = json.loads(
        gzip.decompress(ask(post("/datasync/sales/next", nothing, "cloud-1")).content)
    )
    assert len(said["ids"]) == 2
    assert [json.loads(row)["customer_number"] for row in said["tables"]["pos_transactions"]] == [
        "7"
    ]
    told = json.dumps({"told": said["notes"], "from_start": False}).encode()
    assert ask(post("/datasync/sales/next", told, "cloud-1")).content == b""
    again = ask(post("/datasync/sales/next", b'{"told": [], "from_start": true}', "cloud-1"))
    assert len(json.loads(gzip.decompress(again.content))["ids"]) == 1
    for wrong in (b"", b"{}", b'{"told": "x", "from_start": true}'):
        assert ask(post("/datasync/sales/next", wrong, "cloud-1")).status_code == 400
