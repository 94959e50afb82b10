# SPDX-License-Identifier: Apache-2.0
"""The JSON API: reads and writes records as pages do, by token, and says what goes wrong."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from falcon import testing
from sqlalchemy import select

from poser.auth import Caller
from poser.auth.tokens import add_token
from poser.model import HistoryTransaction, User
from tests.web.conftest import HOST, Browser, Clock, Shop, Writer
from tests.web.factories import add_grocery, add_person
from web.app import Wsgi

VENDOR = {"number": "7", "name": "Farm & Co", "discount_percent": "2.50"}


@dataclass
class Program:
    """A program with a token."""

    app: Wsgi
    token: str

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> testing.Result:
        """Send a request; a body that is text goes as it is."""
        said = {"Host": HOST, **{name.replace("_", "-"): v for name, v in headers.items()}}
        if self.token:
            said["Authorization"] = f"Bearer {self.token}"
        sent = body if isinstance(body, str) else None if body is None else json.dumps(body)
        if sent is not None:
            said.setdefault("Content-Type", "application/json")
        address, _, query = path.partition("?")
        return testing.simulate_request(
            self.app, method, address, query_string=query, headers=said, body=sent or ""
        )

    def get(self, path: str) -> Any:  # noqa: ANN401 - JSON
        result = self.ask("GET", path)
        assert result.status_code == 200, result.text
        return result.json


def token(poser: Writer, clock: Clock, name: str, *scopes: str) -> str:
    def make(session: Any) -> str:  # noqa: ANN401 - a session
        user = session.scalars(select(User).where(User.name == name)).one()
        return add_token(
            session,
            user,
            description="test",
            scopes=scopes or ("*",),
            lasts=timedelta(days=1),
            caller=Caller(address=None, now=clock()),
        )

    return poser(make)


@pytest.fixture
def program(app: Wsgi, poser: Writer, clock: Clock) -> Program:
    """Give a program of somebody who may do everything."""
    poser(add_person, "ada", admin=True)
    return Program(app, token(poser, clock, "ada"))


@pytest.fixture
def vendor(program: Program) -> Mapping[str, Any]:
    """Give a vendor, as it was added by the API."""
    made = program.ask("POST", "/api/v1/vendors", VENDOR)
    assert made.status_code == 201, made.text
    return {**made.json, "etag": made.headers["etag"], "path": made.headers["location"]}


def test_a_record_is_added_read_changed_and_deleted(
    program: Program, vendor: Mapping[str, Any], poser: Writer
) -> None:
    path = vendor["path"]
    assert path == f"/api/v1/vendors/{vendor['id']}"
    read = program.ask("GET", path)
    assert read.json["discount_percent"] == "2.50000"
    assert read.headers["etag"] == vendor["etag"]
    changed = program.ask("PATCH", path, {"terms": "net 30"}, If_Match=vendor["etag"])
    assert changed.status_code == 200, changed.text
    assert (changed.json["terms"], changed.json["name"]) == ("net 30", "Farm & Co")
    assert changed.headers["etag"] != vendor["etag"]
    assert program.ask("DELETE", path, If_Match=changed.headers["etag"]).status_code == 204
    assert program.ask("GET", path).status_code == 404
    via = poser(lambda session: session.scalars(select(HistoryTransaction.via)).all())
    assert "PATCH /api/v1/vendors/{key:uuid}" in via


def test_what_somebody_else_changed_is_not_overwritten(
    program: Program, vendor: Mapping[str, Any]
) -> None:
    path = vendor["path"]
    assert program.ask("PATCH", path, {"terms": "x"}).status_code == 428
    assert program.ask("DELETE", path).status_code == 428
    first = program.ask("PATCH", path, {"terms": "net 30"}, If_Match=vendor["etag"])
    late = program.ask("PATCH", path, {"name": "Other"}, If_Match=vendor["etag"])
    assert late.status_code == 412
    assert late.headers["content-type"] == "application/problem+json"
    assert program.ask("DELETE", path, If_Match=vendor["etag"]).status_code == 412
    assert program.get(path)["name"] == "Farm & Co"
    again = program.ask("PATCH", path, {"name": "Other"}, If_Match=first.headers["etag"])
    assert again.status_code == 200
    assert program.ask("PATCH", path, {"terms": ""}, If_Match="*").status_code == 200
    assert program.ask("GET", path, If_None_Match=first.headers["etag"]).status_code == 200


def test_a_version_that_is_known_is_not_sent_again(
    program: Program, vendor: Mapping[str, Any]
) -> None:
    known = program.ask("GET", vendor["path"], If_None_Match=vendor["etag"])
    assert (known.status_code, known.text) == (304, "")


def test_a_list_has_the_filters_and_order_of_the_grid(program: Program, poser: Writer) -> None:
    poser(add_grocery)
    found = program.get("/api/v1/products?q=almond&sort=-description")
    names = [item["description"] for item in found["items"]]
    assert names == ["Almonds smokehouse", "Almond butter classic"]
    assert found["count"] == {"number": 2, "is_exact": True}
    assert found["next"] is None
    assert set(found["items"][0]) >= {"id", "gtin", "brand_id", "is_organic", "created_at"}
    filtered = program.get("/api/v1/products?is_weighed.is=yes&rows=100")
    assert {item["description"] for item in filtered["items"]} == {
        "Apples Honeycrisp organic",
        "Bananas",
        "Ground beef 85 % lean",
    }


def test_pages_of_a_list_follow_each_other(program: Program, poser: Writer) -> None:
    poser(add_grocery)
    first = program.ask("GET", "/api/v1/brands?rows=25")
    assert first.json["next"] is None
    products = program.ask("GET", "/api/v1/products?rows=25&discontinued=any")
    assert products.json["next"] is None
    assert len(products.json["items"]) == 22
    for number in range(30):
        body = {"number": f"{number:02}", "name": f"Vendor {number:02}"}
        assert program.ask("POST", "/api/v1/vendors", body).status_code == 201
    page = program.ask("GET", "/api/v1/vendors?rows=25")
    assert page.headers["link"] == f"<{page.json['next']}>; rel=next"
    rest = program.get(page.json["next"])
    names = [item["name"] for item in (*page.json["items"], *rest["items"])]
    assert names == [f"Vendor {number:02}" for number in range(30)]
    assert rest["next"] is None


def test_a_list_that_is_asked_wrongly_says_what_it_offers(program: Program) -> None:
    result = program.ask("GET", "/api/v1/vendors?sort=password")
    assert result.status_code == 400
    assert result.headers["content-type"] == "application/problem+json"
    assert "name" in result.json["detail"]
    assert result.json["status"] == 400
    assert result.json["reference"]


UNFIT: tuple[tuple[object, str, str], ...] = (
    ({"name": "A"}, "number", "is needed"),
    ({**VENDOR, "name": None}, "name", "may not be null"),
    ({**VENDOR, "name": 7}, "name", "is not a text"),
    ({**VENDOR, "name": ""}, "name", "is needed"),
    ({**VENDOR, "is_archived": "yes"}, "is_archived", "is not true or false"),
    ({**VENDOR, "order_interval_days": "7"}, "order_interval_days", "a whole number"),
    ({**VENDOR, "order_interval_days": True}, "order_interval_days", "a whole number"),
    ({**VENDOR, "discount_percent": "a lot"}, "discount_percent", ""),
    ({**VENDOR, "discount_percent": "120"}, "discount_percent", "between 0 and 100"),
    ({**VENDOR, "currency": "dollars"}, "currency", "three capital letters"),
    ({**VENDOR, "id": str(uuid4())}, "id", "is no field of vendors"),
    ({**VENDOR, "search": "x"}, "search", "is no field of vendors"),
    ({**VENDOR, "name": "a\0b"}, "name", ""),
    ({**VENDOR, "name": "a\ud800b"}, "name", ""),
)
NO_OBJECT = (
    " ",
    "{",
    "[]",
    '{"number": 1, "number": 2}',
    '{"number": NaN}',
    "[" * 100_000,
    "\u00ff",
)


def test_what_a_field_cannot_be_is_said_of_the_field(program: Program) -> None:
    for body, field, words in UNFIT:
        result = program.ask("POST", "/api/v1/vendors", body)
        assert result.status_code == 422, (body, result.text)
        assert result.headers["content-type"] == "application/problem+json"
        assert words in result.json["fields"][field], (body, result.json)
    assert program.get("/api/v1/vendors")["items"] == []


def test_a_body_that_is_no_object_is_refused(program: Program) -> None:
    for body in NO_OBJECT:
        result = program.ask("POST", "/api/v1/vendors", body)
        assert result.status_code == 400, (body, result.text)
        assert result.headers["content-type"] == "application/problem+json"


def test_forms_and_huge_bodies_are_refused(program: Program) -> None:
    form = program.ask(
        "POST", "/api/v1/vendors", "number=1", Content_Type="application/x-www-form-urlencoded"
    )
    assert form.status_code == 415
    huge = program.ask("POST", "/api/v1/vendors", {"name": "x" * (1 << 20)})
    assert huge.status_code == 413


def test_two_records_with_one_number_are_refused_in_words(
    program: Program, vendor: Mapping[str, Any]
) -> None:
    assert vendor
    result = program.ask("POST", "/api/v1/vendors", {**VENDOR, "name": "Another"})
    assert result.status_code == 422
    assert "7" in result.json["fields"]["number"]


def test_names_that_follow_from_others_are_filled_in(program: Program, poser: Writer) -> None:
    poser(add_grocery)
    brand = program.get("/api/v1/brands?q=oatly")["items"][0]
    made = program.ask(
        "POST", "/api/v1/products", {"description": "Oat drink", "brand_id": brand["id"]}
    )
    assert made.status_code == 201, made.text
    found = program.get("/api/v1/products?brand=oatly&q=oat+drink")
    assert [item["id"] for item in found["items"] if item["id"] == made.json["id"]]


def test_spans_come_and_go_as_they_are_kept(program: Program, poser: Writer) -> None:
    products = poser(add_grocery)
    body = {
        "product_id": str(products[0].id),
        "kind": "promotion",
        "price": "1.99",
        "valid": {"from": "2026-11-01T00:00:00Z", "until": "2026-12-01T00:00:00Z"},
    }
    made = program.ask("POST", "/api/v1/prices", body)
    assert made.status_code == 201, made.text
    assert made.json["valid"] == body["valid"]
    assert made.json["price"] == "1.990"
    turned = {"valid": {"from": "2026-12-01T00:00:00Z", "until": "2026-11-01T00:00:00Z"}}
    refused = program.ask("PATCH", made.headers["location"], turned, If_Match="*")
    assert "ends before it begins" in refused.json["fields"]["valid"]


def test_a_stranger_is_told_to_bring_a_token(app: Wsgi) -> None:
    for method in ("GET", "POST"):
        result = Program(app, "").ask(method, "/api/v1/vendors", {} if method == "POST" else None)
        assert result.status_code == 401
        assert result.headers["www-authenticate"] == "Bearer"
        assert result.headers["content-type"] == "application/problem+json"
    wrong = Program(app, "poser_nothing").ask("GET", "/api/v1/vendors")
    assert wrong.status_code == 401


def test_a_cookie_reads_and_never_writes(admin: Browser, app: Wsgi) -> None:
    assert admin.get("/api/v1/vendors").status_code == 200
    cookies = "; ".join(f"{name}={value}" for name, value in admin.cookies.items())
    result = Program(app, "").ask("POST", "/api/v1/vendors", VENDOR, Cookie=cookies)
    assert result.status_code == 401
    assert admin.get("/api/v1/vendors").json["items"] == []


def test_a_token_does_what_it_and_its_user_may(
    app: Wsgi, poser: Writer, clock: Clock, program: Program, vendor: Mapping[str, Any]
) -> None:
    poser(add_person, "bea", "vendors.view", "vendors.edit", "products.view")
    reader = Program(app, token(poser, clock, "bea", "vendors.view"))
    assert reader.ask("GET", vendor["path"]).status_code == 200
    assert reader.ask("GET", "/api/v1/products").status_code == 403
    refused = reader.ask("PATCH", vendor["path"], {"terms": "x"}, If_Match="*")
    assert refused.status_code == 403
    assert "vendors.edit" in refused.json["detail"]
    assert reader.ask("DELETE", vendor["path"], If_Match="*").status_code == 403
    writer = Program(app, token(poser, clock, "bea"))
    assert writer.ask("PATCH", vendor["path"], {"terms": "x"}, If_Match="*").status_code == 200
    assert program.get(vendor["path"])["terms"] == "x"
    clock.advance(days=2)
    assert writer.ask("GET", vendor["path"]).status_code == 401


def test_costs_are_kept_from_who_may_not_see_them(
    app: Wsgi, poser: Writer, clock: Clock, program: Program, vendor: Mapping[str, Any]
) -> None:
    product = poser(add_grocery)[0]
    item = program.ask(
        "POST",
        "/api/v1/vendor-items",
        {"product_id": str(product.id), "vendor_id": vendor["id"], "code": "A1"},
    ).json
    cost = {
        "vendor_item_id": item["id"],
        "unit_cost": "1.23450",
        "valid": {"from": "2026-01-01T00:00:00Z", "until": None},
    }
    made = program.ask("POST", "/api/v1/vendor-costs", cost)
    assert made.status_code == 201, made.text
    path = made.headers["location"]
    poser(add_person, "bea", "vendor_costs.view", "vendor_costs.edit")
    bea = Program(app, token(poser, clock, "bea"))
    assert "unit_cost" not in bea.get(path)
    assert "unit_cost" not in bea.get("/api/v1/vendor-costs")["items"][0]
    assert bea.ask("GET", "/api/v1/vendor-costs?unit_cost.over=1").status_code == 400
    hidden = bea.ask("PATCH", path, {"unit_cost": "1"}, If_Match="*")
    assert hidden.json["fields"] == {"unit_cost": "is no field of costs"}
    poser(add_person, "cid", "vendor_costs.view", "vendor_costs.edit", "costs.view")
    cid = Program(app, token(poser, clock, "cid"))
    assert cid.get(path)["unit_cost"] == "1.23450"
    refused = cid.ask("PATCH", path, {"unit_cost": "1"}, If_Match="*")
    assert "costs.edit" in refused.json["fields"]["unit_cost"]
    assert program.get(path)["unit_cost"] == "1.23450"


def test_what_is_written_elsewhere_is_only_read(program: Program) -> None:
    assert program.ask("POST", "/api/v1/stock", {}).status_code == 405
    path = f"/api/v1/stock-movements/{uuid4()}"
    assert program.ask("PATCH", path, {}, If_Match="*").status_code == 405
    assert program.ask("DELETE", path, If_Match="*").status_code == 405


def test_a_record_that_is_not_there_is_a_problem_too(program: Program) -> None:
    for method in ("GET", "PATCH", "DELETE"):
        path = f"/api/v1/vendors/{uuid4()}"
        body: object = {} if method == "PATCH" else None
        result = program.ask(method, path, body, If_Match="*")
        assert result.status_code == 404
        assert result.headers["content-type"] == "application/problem+json"
    assert program.ask("GET", "/api/v1/vendors/7").status_code == 404


def test_every_resource_is_listed_by_the_api(shop: Shop, ada: Browser) -> None:
    for resource in shop.site.resources.values():
        result = ada.get(f"/api/v1{resource.path}")
        assert result.status_code == 200, (resource.path, result.text)
        for item in result.json["items"][:1]:
            again = ada.get(f"/api/v1{resource.path}/{item['id']}")
            assert again.json == item


def test_the_guide_shows_every_resource(shop: Shop, ada: Browser, sam: Browser) -> None:
    ada.get("/api")
    for resource in shop.site.resources.values():
        assert f"/api/about/{resource.noun}" in ada.text
    assert ada.get("/api/about/vendors").status_code == 200
    assert "lead_time_days" in ada.text
    assert ada.get("/api/about/nothing").status_code == 404
    sam.get("/api")
    assert "/api/about/products" in sam.text
    assert "/api/about/vendors" not in sam.text
    assert sam.get("/api/about/vendors").status_code == 404
