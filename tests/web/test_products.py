# SPDX-License-Identifier: Apache-2.0
"""The pages of a product: summary, details, pricing, vendors and stock, each by its right."""

from tests.web.conftest import Browser, Shop

PARTS = {"details": "Codes", "pricing": "Prices", "vendors": "Other codes", "stock": "Stock"}


def test_a_product_has_its_pages_as_tabs(shop: Shop, ada: Browser) -> None:
    path = f"/products/{shop.products[4].id}"
    assert ada.get(path).status_code == 200
    assert "Whole milk" in ada.text
    for part in PARTS:
        assert f'href="{path}/{part}"' in ada.text
    for part, words in PARTS.items():
        assert ada.get(f"{path}/{part}").status_code == 200, part
        assert words in ada.text, part
    ada.get(f"{path}/pricing")
    assert "5.49" in ada.text
    ada.get(f"{path}/vendors")
    assert "MILK64" in ada.text


def test_who_sees_products_only_sees_no_stock_and_no_vendors(shop: Shop, sam: Browser) -> None:
    path = f"/products/{shop.products[4].id}"
    assert sam.get(path).status_code == 200
    assert f'href="{path}/details"' in sam.text
    for part in ("pricing", "vendors", "stock"):
        assert f'href="{path}/{part}"' not in sam.text
        assert sam.get(f"{path}/{part}").status_code == 403
