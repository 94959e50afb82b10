# SPDX-License-Identifier: Apache-2.0
"""Every page on a desktop and a phone, light and dark: nothing cut off, small, pale or refused."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, StorageState

from tests.browser.conftest import Shop, Visit, browsing, keep, lay_out

pytestmark = pytest.mark.browser

PAGES = {
    "home": "/",
    "products": "/products",
    "search": "/products?q=milk&department=Dairy&discontinued=any",
    "nothing": "/products?q=nothing-like-it",
    "product": "{product}",
    "pos-transactions": "/pos-transactions",
    "receipt": "{sale}",
    "sign-in": "/sign-in",
}
SMALLEST_TARGET_PX = 24
SMALLEST_TOUCH_PX = 44
LEAST_CONTRAST = 4.5

# Links inside running text may be as small as the text (WCAG 2.2, 2.5.8, exception "inline").
TARGETS = """
(least) => [...document.querySelectorAll(
    "a[href], button, input:not([type=hidden]), select, summary, label[for=fold]")]
  .filter((e) => e.checkVisibility({visibilityProperty: true}) && !e.closest(".unseen, .skip"))
  .filter((e) => !e.matches(".unseen, .skip") && getComputedStyle(e).display !== "inline")
  .map((e) => [e, (e.closest("label") ?? e).getBoundingClientRect()])
  .filter(([e, box]) => box.height < least - 0.5 || box.width < Math.min(least, 24) - 0.5)
  .map(([e, box]) => `${e.outerHTML.slice(0, 80)} is ${box.width} by ${box.height}`)
"""
CONTRAST = """
(least) => {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((v) => v / 255)
      .map((v) => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * x + .7152 * y + .0722 * z;
  };
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const color = rgba(getComputedStyle(e).backgroundColor);
      if (color[3] > 250) return color;
    }
    return [255, 255, 255, 255];
  };
  const pale = new Set();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let seen = 0;
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !element.checkVisibility()) continue;
    if (element.closest(".unseen, .skip, .off, option, [aria-hidden=true]")) continue;
    seen++;
    const [a, b] = [light(rgba(getComputedStyle(element).color)), light(behind(element))];
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < least) pale.add(`${texts.currentNode.data.trim()}: ${ratio.toFixed(2)}`);
  }
  return seen ? [...pale] : ["no text was seen"];
}
"""


@pytest.fixture(
    scope="module",
    params=["desktop-light", "desktop-dark", "phone-light", "phone-dark"],
)
def seen(
    request: pytest.FixtureRequest, chromium: Browser, shop: Shop, signed_in: StorageState
) -> Iterator[tuple[str, Visit]]:
    """Open a browser of one kind, signed in."""
    with browsing(chromium, shop, request.param, signed_in) as visit:
        yield request.param, visit


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_and_can_be_read_and_touched(
    seen: tuple[str, Visit], name: str, screenshots: Path | None
) -> None:
    kind, visit = seen
    if name == "sign-in":
        visit.page.context.clear_cookies()
    visit.open(PAGES[name].format(product=visit.shop.product, sale=visit.shop.sale))
    keep(visit.page, screenshots, f"look-{name}-{kind}")
    check_look(visit.page, kind)
    assert visit.wrong == []


def check_look(page: Page, kind: str) -> None:
    """See that an open page fits, and that people can read and touch what is on it."""
    # A phone makes room for what is too wide, so its own width has to be looked at, too.
    lay_out(page)
    wide = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    given = page.viewport_size
    assert given
    assert wide == [given["width"]] * 2, "it is too wide"
    least = SMALLEST_TOUCH_PX if kind.startswith("phone") else SMALLEST_TARGET_PX
    assert page.evaluate(TARGETS, least) == []
    clipped = "[...document.querySelectorAll('.table')].filter(e => e.scrollWidth > e.clientWidth)"
    assert page.evaluate(f"{clipped}.length") == 0, "a table is cut off"
    assert page.evaluate(CONTRAST, LEAST_CONTRAST) == []
    assert page.evaluate("document.querySelectorAll('h1').length") == 1
    assert page.evaluate("new Set([...document.querySelectorAll('[id]')].map(e => e.id)).size") == (
        page.evaluate("document.querySelectorAll('[id]').length")
    )
    assert page.evaluate("document.compatMode") == "CSS1Compat"


def test_a_receipt_prints_without_the_frame(visit: Visit) -> None:
    visit.open(visit.shop.sale)
    visit.page.emulate_media(media="print")
    assert not visit.page.locator(".top").is_visible()
    assert not visit.page.locator("nav.places").is_visible()
    assert visit.page.locator(".receipt").is_visible()
    assert len(visit.page.pdf()) > 1000


def test_the_browser_would_notice_what_the_policy_forbids(visit: Visit) -> None:
    visit.open("/")
    visit.page.evaluate(
        """() => {
          const script = document.createElement("script");
          script.textContent = "window.stolen = 1";
          document.body.append(script);
          document.body.setAttribute("style", "color: red");
        }"""
    )
    visit.page.wait_for_timeout(200)
    assert visit.page.evaluate("window.stolen") is None
    assert len([each for each in visit.wrong if each.startswith("CSP:")]) == 2
    visit.wrong.clear()
