# SPDX-License-Identifier: Apache-2.0
"""Pages of JSON are read one after the other, with patience and within limits."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import parse_qs, urlsplit

import pytest

from poser.errors import ImportFailed, Unavailable
from poser.importing.fields import Field
from poser.importing.formats.fetching import Fetch
from poser.importing.formats.web import Paging, WebSource
from poser.importing.importer import Made
from poser.importing.source import Bad
from poser.model.products import Product

IMPORTER = Made(model=Product, key=("gtin",), fields=(Field("gtin"),), source="products").importer()
Answer = tuple[int, dict[str, str], bytes]


class Service:
    """A service on this computer; `answer` gets the path with its query."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.tokens: list[str] = []
        self.answer: Callable[[str], Answer] = lambda _: (404, {}, b"")
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                service.asked.append(self.path)
                service.tokens.append(self.headers.get("Authorization", ""))
                code, headers, content = service.answer(self.path)
                self.send_response(code)
                for name, value in headers.items():
                    self.send_header(name, value)
                if "Content-Length" not in headers:
                    self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}/api"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def service() -> Iterator[Service]:
    with Service() as running:
        yield running


def records(
    service: Service, paging: Paging | None = None, **more: object
) -> list[tuple[object, object]]:
    pauses: list[float] = []
    fetch = Fetch(pause=pauses.append, **more)  # type: ignore[arg-type]
    with WebSource(service.address, paging, fetch) as source:
        return [(item[0], item[1]) for item in source.rows(IMPORTER).items]


def of(*numbers: int, **more: object) -> bytes:
    listed = [{"gtin": number} for number in numbers]
    return json.dumps({"items": listed, **more} if more else listed).encode()


def test_pages_follow_the_link_header(service: Service) -> None:
    def answer(path: str) -> Answer:
        if "page=2" in path:
            return 200, {"Link": '</api/products>; rel="first"'}, of(3)
        return 200, {"Link": '<products?page=2>; rel="next", </x>; rel="last"'}, of(1, 2)

    service.answer = answer
    assert records(service) == [
        ("page 1, record 1", [1]), ("page 1, record 2", [2]), ("page 2, record 1", [3]),
    ]  # fmt: skip
    assert service.asked == ["/api/products", "/api/products?page=2"]


def test_pages_that_were_looked_at_for_names_do_not_come_twice(service: Service) -> None:
    service.answer = lambda _: (200, {}, of(1, 2))
    with WebSource(service.address) as source:
        assert source.names_of(IMPORTER) == ("gtin",)
        assert len(list(source.rows(IMPORTER).items)) == 2
        assert len(service.asked) == 1
        assert len(list(source.rows(IMPORTER).items)) == 2


def test_pages_follow_an_address_or_a_cursor_in_the_page(service: Service) -> None:
    def by_address(path: str) -> Answer:
        return 200, {}, of(2, more=None) if "p=2" in path else of(1, more="?p=2")

    service.answer = by_address
    paging = Paging(records="items", following="more")
    assert [one[1] for one in records(service, paging)] == [[1], [2]]

    def by_cursor(path: str) -> Answer:
        at = parse_qs(urlsplit(path).query).get("after", ["0"])[0]
        return 200, {}, of(int(at) + 1, meta={"end": int(at) + 1 if int(at) < 2 else None})

    service.answer = by_cursor
    paging = Paging(records="items", following="meta.end", parameter="after")
    assert [one[1] for one in records(service, paging)] == [[1], [2], [3]]


def test_pages_are_counted_until_one_is_empty(service: Service) -> None:
    def answer(path: str) -> Answer:
        at = int(parse_qs(urlsplit(path).query)["offset"][0])
        return 200, {}, of(*range(at, min(at + 2, 5)))

    service.answer = answer
    paging = Paging(parameter="offset", first=0, step=2)
    assert [one[1] for one in records(service, paging)] == [[0], [1], [2], [3], [4]]


def test_a_service_that_goes_in_circles_is_found_out(service: Service) -> None:
    service.answer = lambda _: (200, {}, of(1))
    with pytest.raises(ImportFailed, match="gives the same page again"):
        records(service, Paging(parameter="page"))
    service.answer = lambda _: (200, {}, of(1, more="/api/products"))
    with pytest.raises(ImportFailed, match="leads to this page twice"):
        records(service, Paging(records="items", following="more"))


def test_a_page_that_does_not_come_is_asked_for_again(service: Service) -> None:
    codes = iter([503, 429, 200])

    def answer(_: str) -> Answer:
        return next(codes), {"Retry-After": "7"}, of(1)

    service.answer = answer
    pauses: list[float] = []
    with WebSource(service.address, fetch=Fetch(pause=pauses.append)) as source:
        assert len(list(source.rows(IMPORTER).items)) == 1
    assert pauses == [7, 7]


def test_a_service_that_dies_half_way_ends_the_run(service: Service) -> None:
    def answer(path: str) -> Answer:
        if "page=2" in path:  # says more than it gives
            return 200, {"Content-Length": "5000"}, b"["
        return 200, {"Link": '<products?page=2>; rel="next"'}, of(1)

    service.answer = answer
    with pytest.raises(Unavailable, match=r"page=2 does not come, tried 4 times"):
        records(service)


def test_a_service_that_is_not_there_is_said() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}/"
        with pytest.raises(Unavailable, match="Connection refused"):
            list(WebSource(address, fetch=Fetch(pause=lambda _: None)).rows(IMPORTER).items)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ((200, {}, b"<html>"), "is no JSON: Expecting value at 1"),
        ((200, {}, b"\xff\xfe"), "can't decode byte 0xff"),
        ((200, {}, b'{"items": []}'), "the page has no list of records"),
        ((401, {}, b""), "the service says 401"),
        ((404, {}, b""), "the service says 404"),
        ((200, {}, b"[" + b" " * 1024 * 1024 + b"]"), "the page has more than 1 MiB"),
    ],
)
def test_what_is_no_page_of_records_is_said(service: Service, answer: Answer, message: str) -> None:
    service.answer = lambda _: answer
    with pytest.raises(ImportFailed, match=message):
        records(service, largest_mib=1)


def test_a_record_that_is_no_object_is_kept_aside(service: Service) -> None:
    service.answer = lambda _: (200, {}, b'[{"gtin": 1}, 7]')
    with WebSource(service.address) as source:
        assert list(source.rows(IMPORTER).items) == [
            ("page 1, record 1", [1]),
            Bad("page 1, record 2", "is no JSON object, such as {...}", value="7"),
        ]


def test_a_token_goes_to_its_own_host_alone(service: Service) -> None:
    with Service() as other:
        other.answer = lambda _: (200, {}, of(1))
        headers = {"Authorization": "Bearer secret"}
        moved = {"Location": f"{other.address}/products"}
        service.answer = lambda _: (302, moved, b"")
        with pytest.raises(ImportFailed, match="points to another host"):
            records(service, headers=headers)
        link = {"Link": f'<{other.address}/products>; rel="next"'}
        service.answer = lambda _: (200, link, of(1))
        with pytest.raises(ImportFailed, match="the next page is on another host"):
            records(service, headers=headers)
        assert other.asked == []
    assert service.tokens == ["Bearer secret"] * 2
    assert "secret" not in repr(Fetch(headers=headers))


def test_only_addresses_of_the_web_are_asked() -> None:
    with pytest.raises(ImportFailed, match="is no address of the web"):
        list(WebSource("file:///etc").rows(IMPORTER).items)
