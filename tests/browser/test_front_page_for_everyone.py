"""What a screen reader, a small screen and weak eyes need of staging's front page."""

from itertools import pairwise
from typing import Any, Final

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from tests.browser.staging import card, connect, open_link

# Each text that is seen, with its contrast to what is painted behind it (WCAG 2.2, 1.4.3).
CONTRASTS: Final = """() => {
  const channels = (color) => color.match(/[\\d.]+/g).map(Number);
  const luminance = (color) => {
    const [r, g, b] = channels(color).slice(0, 3).map((each) => each / 255).map(
      (each) => each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const color = getComputedStyle(each).backgroundColor;
      if ((channels(color)[3] ?? 1) === 1) return color;
    }
    return "rgb(255, 255, 255)";
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || !element.checkVisibility()) continue;
    const pair = [getComputedStyle(element).color, behind(element)].map(luminance);
    found.push({
      text: walker.currentNode.textContent.trim(),
      contrast: (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05),
    });
  }
  return found;
}"""

# What a pointer has to hit, with its smaller side in pixels (WCAG 2.2, 2.5.8).
TARGETS: Final = """() => [
    ...document.querySelectorAll("button, input, select, a.button, summary")
  ].filter((each) => each.checkVisibility())
  .map((each) => [each.innerText || each.id, each.getBoundingClientRect()])
  .map(([name, { width, height }]) => [name, Math.min(width, height)])"""

OUTLINE: Final = """() => [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")]
  .filter((each) => each.checkVisibility()).map((each) => Number(each.tagName[1]))"""

SHIFTS: Final = """() => new Promise((resolve) => {
  new PerformanceObserver((list) => resolve(
    list.getEntries().reduce((sum, { value }) => sum + value, 0)
  )).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => resolve(0), 500);
})"""


async def everything_shown(url: str, page: Page) -> None:
    """A connection that fails, all requests unfolded, and two failures."""
    await page.goto(url)
    await connect(page, "anna")
    await page.get_by_role("button", name="Let it fail").click()
    await expect(card(page).locator(".status")).to_have_text("error")
    await page.evaluate("document.querySelectorAll('details').forEach((each) => each.open = true)")


async def complaints(page: Page) -> list[tuple[str, list[Any]]]:
    """What axe has against the page as it is shown: the rule, and where it is broken."""
    found = (await Axe().run(page)).response["violations"]
    return [(each["id"], [node["target"] for node in each["nodes"]]) for each in found]


async def test_axe_has_nothing_against_it_and_link(
    url: str, page: Page, problems: list[str]
) -> None:
    await page.goto(url)
    assert await complaints(page) == []
    await open_link(page, "ben")
    assert await complaints(page) == []
    await page.get_by_role("button", name="Let the provider fail").click()
    await page.get_by_role("button", name="Exchange", exact=True).click()
    await expect(page.locator("#exchange-failure")).to_contain_text("provider_undetermined")
    problems.clear()  # the browser writes each 400 to its console
    assert await complaints(page) == []

    await everything_shown(url, page)
    assert await complaints(page) == []
    names = await page.get_by_role("button", name="Copy as curl").all()
    assert len(names) == await page.locator("#requests li").count()


async def test_page_has_landmarks_and_an_outline(url: str, page: Page) -> None:
    await everything_shown(url, page)

    for role in ("banner", "main", "complementary", "contentinfo"):
        await expect(page.get_by_role(role)).to_have_count(1)
    await page.get_by_role("complementary").evaluate("it => it.scrollTo(0, it.scrollHeight)")
    await expect(page.get_by_role("heading", name="Requests")).to_be_in_viewport()
    levels: list[int] = await page.evaluate(OUTLINE)
    assert levels[0] == 1
    assert levels.count(1) == 1
    deeper = [after - before for before, after in pairwise(levels)]
    assert max(deeper) == 1
    await expect(page.locator("[aria-current=step] h3")).to_have_text("Watch it stay true")
    assert await page.evaluate("document.querySelectorAll('[id]').length") == await page.evaluate(
        "new Set([...document.querySelectorAll('[id]')].map((each) => each.id)).size"
    )
    assert await page.evaluate("document.documentElement.lang") == "en"


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_each_text_stands_out(url: str, page: Page, scheme: Any) -> None:
    await page.emulate_media(color_scheme=scheme)
    await everything_shown(url, page)
    shown = await page.evaluate(CONTRASTS)
    await page.get_by_role("button", name="Another patient").click()
    await open_link(page, "ben")
    shown += await page.evaluate(CONTRASTS)

    assert len(shown) > 60
    assert [each for each in shown if each["contrast"] < 4.5] == []


async def test_what_has_the_focus_is_outlined(url: str, page: Page) -> None:
    await page.goto(url)
    for _ in range(5):
        await page.keyboard.press("Tab")
        style = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert style == "solid"


@pytest.mark.parametrize("width", [320, 360, 768, 1280])
async def test_page_fits_every_screen(url: str, page: Page, width: int) -> None:
    await page.set_viewport_size({"width": width, "height": 800})
    await everything_shown(url, page)

    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    assert [each for each in await page.evaluate(TARGETS) if each[1] < 24] == []


@pytest.mark.parametrize("width", [360, 1280])
async def test_nothing_moves_while_the_page_opens(url: str, page: Page, width: int) -> None:
    await page.set_viewport_size({"width": width, "height": 800})
    await page.goto(url)
    assert await page.evaluate(SHIFTS) == 0

    await connect(page, "anna")
    await page.reload()
    await expect(card(page)).to_contain_text("connected")
    assert await page.evaluate(SHIFTS) < 0.1  # "good" (web.dev, CLS)


async def test_page_without_scripts_says_so(url: str, page: Page) -> None:
    browser = page.context.browser
    assert browser
    async with await browser.new_context(java_script_enabled=False) as context:
        plain = await context.new_page()
        await plain.goto(url)
        said = "(it => it.offsetHeight && it.innerText)(document.querySelector('.notice'))"
        assert "needs JavaScript" in await plain.evaluate(said)
