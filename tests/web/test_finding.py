# SPDX-License-Identifier: Apache-2.0
"""One box finds: a code leads to its record, words list records and pages that one may see."""

from tests.web.conftest import Browser, Shop
from web import pseudo


def test_a_scanned_code_leads_to_its_product(shop: Shop, ada: Browser) -> None:
    product = shop.products[3]
    result = ada.get(f"/find?q={product.gtin:012}")
    assert (result.status_code, result.headers["location"]) == (303, f"/products/{product.id}")


def test_the_name_of_one_record_leads_to_it(shop: Shop, ada: Browser) -> None:
    result = ada.get("/find?q=Oatly")
    brand = shop.site.resources["brands"]
    assert result.status_code == 303
    assert result.headers["location"].startswith(brand.path + "/")


def test_words_list_records_and_pages_by_kind(ada: Browser) -> None:
    assert ada.get("/find?q=milk").status_code == 200
    assert "Whole milk" in ada.text
    assert 'href="/products?q=milk"' in ada.text
    assert ada.get("/find?q=depart").status_code == 200
    assert 'href="/departments"' in ada.text


def test_nothing_is_found_that_one_may_not_see(sam: Browser) -> None:
    assert sam.get("/find?q=Oatly").status_code == 200
    assert "Oat drink" in sam.text
    assert "/brands" not in sam.text
    assert sam.get("/find?q=vendors").status_code == 200
    assert 'href="/vendors"' not in sam.text


def test_nothing_found_says_what_to_try(ada: Browser) -> None:
    assert ada.get("/find?q=xyzzy").status_code == 200
    assert "Nothing is called" in ada.text
    assert "xyzzy" in ada.text


def test_too_much_is_refused(ada: Browser) -> None:
    assert ada.get("/find?q=" + "x" * 300).status_code == 400
    assert ada.get("/find?q=" + "+".join(f"w{n}" for n in range(20))).status_code == 400


def test_an_empty_box_lists_pages(ada: Browser) -> None:
    assert ada.get("/find").status_code == 200
    assert 'href="/vendors"' in ada.text


def test_actions_are_found_by_those_who_may_do_them(admin: Browser, sam: Browser) -> None:
    assert admin.get("/find?q=new+vendor").status_code == 200
    assert 'href="/vendors/new"' in admin.text
    assert admin.get("/find?q=become").status_code == 200
    assert 'href="/root"' in admin.text.partition('id="found"')[2]
    assert admin.get("/find?q=start+import").status_code == 200
    assert 'href="/imports/start"' in admin.text
    assert admin.get("/imports/start").status_code == 200, "it leads to a page"
    for asked in ("new+vendor", "become", "start+import"):
        assert sam.get(f"/find?q={asked}").status_code == 200
        found = sam.text.partition('id="found"')[2]
        assert not {"/vendors/new", "/root", "/imports/start"} & set(found.split('"'))


def test_filters_speak_the_language_of_the_page(ada: Browser) -> None:
    ada.cookies["__Host-poser-language"] = pseudo.LANGUAGE
    page = ada.get("/vendors").text
    for raw in ("hidden", "shown", "only these", "Archived"):
        assert f">{raw}</option>" not in page
        assert f">{raw}</label>" not in page


def test_colors_and_signing_out_are_sent_and_not_followed(admin: Browser) -> None:
    for asked in ("dark", "theme+dark", "colors"):
        assert admin.get(f"/find?q={asked}").status_code == 200
        found = admin.text.partition('id="found"')[2]
        assert 'action="/preferences" method="post"' in found
        assert 'name="theme" value="dark"' in found
        assert "Nothing is called" not in admin.text
    chosen = {"csrf": admin.token(), "theme": "dark", "next": "/vendors"}
    assert admin.post("/preferences", chosen).headers["location"] == "/vendors"
    admin.get("/find?q=sign+out")
    assert "theme-dark" in admin.text
    found = admin.text.partition('id="found"')[2]
    assert 'action="/sign-out" method="post"' in found
    assert 'href="/sign-out"' not in admin.text
    assert admin.post("/sign-out", {"csrf": admin.token()}).status_code == 303
    assert admin.get("/vendors").status_code == 303, "it is out"


def test_actions_have_the_words_of_the_language(ada: Browser) -> None:
    ada.cookies["__Host-poser-language"] = "de"
    ada.get("/find?q=abmelden")
    assert 'action="/sign-out"' in ada.text.partition('id="found"')[2]
    ada.get("/find?q=dunkel")
    assert 'name="theme" value="dark"' in ada.text.partition('id="found"')[2]
