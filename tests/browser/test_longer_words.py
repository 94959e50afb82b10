# SPDX-License-Identifier: Apache-2.0
"""Words of another language may be half as long again: nothing is cut off or hangs out."""

import re
from importlib import import_module
from pkgutil import iter_modules

import pytest
from playwright.sync_api import Browser, StorageState

from tests.browser.conftest import SIZES, Shop, browsing, lay_out
from tests.browser.test_pages import PAGES
from web import pages, pseudo
from web.resources import Resource, Verb

pytestmark = pytest.mark.browser

# What is cut off on purpose says so: ellipsis, or boxes that scroll by themselves.
CUT_OFF = """
(room) => [...document.querySelectorAll(
    "h1, h2, h3, th, td, dt, dd, label, legend, button, a, p, li, summary, .tag, .tile")]
  .filter((e) => e.checkVisibility({visibilityProperty: true}) && !e.closest(".unseen, .skip"))
  .filter((e) => {
    const style = getComputedStyle(e);
    const hides = style.overflowX !== "visible" && style.textOverflow !== "ellipsis"
      && !["auto", "scroll"].includes(style.overflowX);
    const box = e.getBoundingClientRect();
    const scrolls = e.closest(".table, pre, nav, .tabs, [data-scrolls]");
    return (hides && e.scrollWidth > e.clientWidth + 1)
      || (!scrolls && box.width > 0 && (box.right > room + 1 || box.left < -1));
  })
  .map((e) => `${e.outerHTML.slice(0, 120)} ${Math.round(e.getBoundingClientRect().right)}`)
"""


@pytest.mark.parametrize("kind", ["desktop-light", "phone-light"])
def test_nothing_is_cut_off_or_too_wide(
    chromium: Browser, shop: Shop, signed_in: StorageState, kind: str
) -> None:
    wrong = []
    with browsing(chromium, shop, kind, state=signed_in) as visit:
        page = visit.page
        page.context.add_cookies(
            [{"name": "poser-language", "value": pseudo.LANGUAGE, "url": shop.url}]
        )
        for name, path in PAGES.items():
            visit.open(path.format(**vars(shop)))
            assert "⟦" in page.inner_text("main"), f"{name} is not in the language of tests"
            # A phone zooms out when a page is too wide: innerWidth grows with it.
            room = SIZES[kind.partition("-")[0]]["width"]
            lay_out(page)
            found = page.evaluate(CUT_OFF, room)
            if (width := page.evaluate("document.documentElement.scrollWidth")) > room:
                found.append(f"scrolls sideways: {width} of {room}")
            wrong += [f"{name}: {each}" for each in found]
        visit.wrong.clear()  # the page that is not there
    assert wrong == []


def subjects() -> list[Resource]:
    """List every table that has pages."""
    modules = [import_module(f"web.pages.{one.name}") for one in iter_modules(pages.__path__)]
    return [one for module in modules for one in getattr(module, "RESOURCES", ())]


def test_no_record_or_form_of_any_subject_is_cut_off_or_too_wide(
    chromium: Browser, shop: Shop, signed_in: StorageState
) -> None:
    room, wrong, looked = SIZES["phone"]["width"], [], 0
    with browsing(chromium, shop, "phone-light", state=signed_in) as visit:
        page = visit.page
        page.context.add_cookies(
            [{"name": "poser-language", "value": pseudo.LANGUAGE, "url": shop.url}]
        )
        for one in subjects():
            found = re.search(
                r'data-key="([0-9a-f-]{36})"', page.request.get(shop.url + one.path).text()
            )
            opened = [f"{one.path}/{found[1]}"] if found else []
            opened += [f"{one.path}/new"] if Verb.CREATE in one.can else []
            for path in opened:
                visit.open(path)
                assert "⟦" in page.inner_text("main"), path
                lay_out(page)
                cut = page.evaluate(CUT_OFF, room)
                if (width := page.evaluate("document.documentElement.scrollWidth")) > room:
                    cut.append(f"scrolls sideways: {width} of {room}")
                wrong += [f"{path}: {each}" for each in cut]
                looked += 1
        assert visit.wrong == []
    assert looked > len(subjects())
    assert wrong == []


def test_words_are_longer_than_english() -> None:
    text = "Change what is ticked"
    assert len(pseudo.translate(text)) >= 1.4 * len(text)


def test_what_hangs_out_or_is_cut_off_is_noticed(
    chromium: Browser, shop: Shop, signed_in: StorageState
) -> None:
    with browsing(chromium, shop, "phone-light", state=signed_in) as visit:
        visit.open("/")
        room = SIZES["phone"]["width"]
        assert visit.page.evaluate(CUT_OFF, room) == []
        for change in ("minWidth = '900px'", "cssText = 'overflow: hidden; inline-size: 9px'"):
            visit.page.evaluate(f"document.querySelector('h1').style.{change}")
            assert "<h1" in visit.page.evaluate(CUT_OFF, room)[0]
