"""The page at /docs in a browser: read, authorised, and the exchange tried on it."""

import re

from playwright.async_api import Locator, Page, expect

A_UUID = re.compile(r'"id":\s*"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"')


async def test_exchange_is_tried_with_nothing_but_a_patients_token(url: str, page: Page) -> None:
    await page.goto(f"{url}/docs")
    await page.get_by_role("button", name="Authorize", exact=True).first.click()
    dialog = page.locator(".modal-ux")
    await expect(dialog.get_by_label("auth-bearer-value")).to_be_focused()
    await expect(dialog.locator("input")).to_have_count(1)  # a signature is not typed by hand
    await page.keyboard.type("staging.demo")
    await page.keyboard.press("Enter")
    await dialog.get_by_role("button", name="Close").first.click()
    exchange = await opened(page, "exchangeLinkToken")
    await expect(page.get_by_role("main")).to_have_count(1)
    await expect(exchange.get_by_role("button", name="Cancel")).to_have_count(0)

    await exchange.get_by_role("button", name="Execute").click()

    answer = exchange.locator(".live-responses-table")
    await expect(answer.locator(".response-col_status").last).to_contain_text("201")
    await expect(answer).to_contain_text(A_UUID)
    await expect(answer).to_contain_text('"status": "connected"')


async def test_page_shows_what_to_do_about_an_error(url: str, page: Page) -> None:
    await page.goto(f"{url}/docs")
    exchange = await opened(page, "exchangeLinkToken")

    refused = exchange.locator('.responses-table tr[data-code="400"]')
    await refused.locator("select.examples-select-element").select_option("link_token_expired")

    await expect(refused).to_contain_text("mint a new link token")
    await expect(refused).to_contain_text("This link token has expired.")


async def opened(page: Page, operation: str) -> Locator:
    block = page.locator(f'[id$="-{operation}"].opblock')
    await block.locator(".opblock-summary-control").click()
    return block
