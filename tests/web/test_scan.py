# SPDX-License-Identifier: Apache-2.0
"""The camera page: a plain form without a camera, and the only page that may use one."""

import gzip

import pytest

from tests.web.conftest import Browser, Shop
from web.assets import Assets


def test_the_form_asks_the_find_box(shop: Shop, sam: Browser) -> None:
    assert sam.get("/scan").status_code == 200
    form = sam.text.partition('id="codes"')[2].partition("</form>")[0]
    assert 'action="/find" method="get"' in form
    assert 'name="q"' in form
    found = sam.get(f"/find?q={shop.products[3].gtin:012}")
    assert found.headers["location"] == f"/products/{shop.products[3].id}"


def test_only_this_page_may_use_the_camera_and_the_reader(sam: Browser) -> None:
    here = sam.get("/scan").headers
    policy = here["content-security-policy"]
    assert "script-src 'self' 'wasm-unsafe-eval'" in policy
    assert "'unsafe-eval'" not in policy
    assert "'unsafe-inline'" not in policy
    assert "default-src 'self'; object-src 'none'; base-uri 'none'" in policy
    assert here["permissions-policy"] == "camera=(self), geolocation=(), microphone=()"
    for path in ("/", "/products", "/find", "/me", "/not-there"):
        there = sam.get(path).headers
        assert "wasm" not in there["content-security-policy"], path
        assert "camera=()" in there["permissions-policy"], path


def test_only_this_page_loads_the_reader(sam: Browser) -> None:
    sam.get("/scan")
    assert "/static/zxing-reader-" in sam.text
    assert "/static/scan-" in sam.text
    for path in ("/", "/products", "/find"):
        sam.get(path)
        assert "zxing" not in sam.text
        assert "/static/scan-" not in sam.text


def test_a_phone_has_it_at_the_bottom(sam: Browser, stranger: Browser) -> None:
    sam.get("/products")
    bar = sam.text.partition('<nav class="bar"')[2]
    assert 'href="/scan"' in bar
    sam.get("/scan")
    bar = sam.text.partition('<nav class="bar"')[2]
    assert 'href="/scan" aria-current="page"' in bar
    assert stranger.get("/scan").status_code == 303


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_the_reader_comes_as_browsers_want_it(ada: Browser, encoding: str) -> None:
    address = Assets()["zxing-reader.wasm"]
    sent = ada._ask("GET", address, headers={"Accept-Encoding": encoding})
    assert sent.headers["content-type"] == "application/wasm"
    assert sent.headers["cache-control"] == "public, max-age=31536000, immutable"
    content = gzip.decompress(sent.content) if encoding == "gzip" else sent.content
    assert content[:8] == b"\0asm\x01\0\0\0"
    assert len(content) > 500_000
    assert ("content-encoding" in sent.headers) == (encoding == "gzip")
