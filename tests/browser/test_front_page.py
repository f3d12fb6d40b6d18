"""Staging's front page in a browser: from a patient to a connection, and what becomes of it."""

import asyncio
import json
import re
from typing import Final

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.staging import (
    MINT,
    card,
    connect,
    junction_elsewhere,
    open_link,
    sent,
    staging,
    texts,
)
from tests.e2e.requests import Answer, call, send, send_curl

WAYS: Final = {
    "oura": "Connect Oura",
    "garmin": "Connect Garmin",
    "whoop": "Connect WHOOP",
    "dexcom": "Connect Dexcom",
    "freestyle_libre": "Connect FreeStyle Libre through LibreView",
    "eight_sleep": "Connect Eight Sleep",
    "google_fit": "Connect Google Fit",
}
# How long the page is about to wait, for a test to see: its policy lets nothing be evaluated.
PAUSES: Final = """
  const plain = window.setTimeout;
  window.setTimeout = (work, pause, ...rest) => {
    document.documentElement.dataset.pause = pause;
    return plain(work, pause, ...rest);
  };
"""
A_SECOND: Final = r"^1\d{3}(\.\d+)?$"  # or two, on a machine that stalls
FAILS: Final = '{"status": "error", "error_type": "token_refresh_failed"}'


async def listed(url: str, patient: str) -> list[dict[str, str]]:
    path = f"{url}/v1/wearables/connections"
    answer = await asyncio.to_thread(call, "GET", path, patient=patient)
    connections: list[dict[str, str]] = answer.json["connections"]
    return connections


async def junction_says(url: str, patient: str, slug: str, body: str) -> Answer:
    path = f"{url}/junction/_simulator/users/{patient}/providers/{slug}"
    return await asyncio.to_thread(send, "PUT", path, {}, body)


def prominent(page: Page) -> Locator:
    """What is to be done next."""
    return page.locator(".main:visible")


async def test_whole_way_to_a_connection(url: str, page: Page) -> None:
    await page.goto(url)
    made_up = await page.get_by_label("Patient", exact=True).input_value()
    await expect(prominent(page)).to_have_text([MINT])
    await page.get_by_role("button", name=MINT).click()
    await page.get_by_role("button", name="Connect Oura").click()

    await expect(card(page).get_by_role("heading")).to_have_text("Oura")
    await expect(card(page).locator(".status")).to_have_text("connected")
    await expect(card(page).locator(".lines li")).to_contain_text(["Exchange: connected"])
    await expect(page.locator("#exchange-outcome")).to_contain_text("Oura, connected")
    await expect(prominent(page)).to_have_text(["Let data arrive"])
    assert page.url == f"{url}/"
    [connection] = await listed(url, made_up)
    await expect(card(page)).to_contain_text(connection["id"])
    assert connection["status"] == "connected"


async def test_requests_are_shown_as_they_were_sent_and_can_be_sent_again(
    url: str, page: Page
) -> None:
    await page.goto(url)
    await connect(page, "o'hara")

    command, answer = await texts(sent(page, "Exchange the link token"))
    again = await asyncio.to_thread(send_curl, command)
    minted, _ = await texts(sent(page, "Mint a link token"))

    assert "Authorization: Bearer staging.o'\\''hara" in command
    assert (again.status, again.json) == (201, json.loads(answer))
    assert f'"redirect_url":"{url}/"' in minted
    for number, title in (("201", "Mint"), ("201", "Exchange"), ("200", "List the connections")):
        await expect(sent(page, title).locator("summary .number")).to_have_text(number)


async def test_command_is_copied_to_the_clipboard(url: str, page: Page) -> None:
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=url)
    await page.goto(url)
    await connect(page, "anna")
    command, _ = await texts(sent(page, "Exchange the link token"))

    await page.get_by_role("button", name="Copy as curl: Exchange the link token").click()

    await expect(page.get_by_role("status")).to_have_text("Copied.")
    assert await page.evaluate("navigator.clipboard.readText()") == command


async def test_each_provider_can_be_connected(url: str, page: Page) -> None:
    await page.goto(url)
    for number, (provider, button) in enumerate(WAYS.items(), start=1):
        await open_link(page, "anna", provider)
        await page.get_by_role("button", name=button, exact=True).click()
        await expect(card(page)).to_have_count(number)
    await page.get_by_label("Provider", exact=True).select_option("apple_health_kit")
    await page.get_by_role("button", name=MINT).click()
    await expect(card(page)).to_have_count(8)

    assert {each["provider"] for each in await listed(url, "anna")} == {*WAYS, "apple_health_kit"}
    await expect(page.locator(".card .status")).to_have_text(["connected"] * 8)
    await expect(sent(page, "History of Google Fit")).to_have_count(1)


async def test_link_that_fails_is_told_and_may_be_tried_again(
    url: str, page: Page, problems: list[str]
) -> None:
    await page.goto(url)
    await open_link(page, "anna")
    await page.get_by_role("button", name="Let the provider fail").click()
    await expect(page.locator("#link-outcome")).to_contain_text("provider_api_error")
    await expect(prominent(page)).to_have_text(["Open Link with this token"])
    await expect(card(page)).to_have_count(0)

    await page.get_by_role("button", name="Exchange", exact=True).click()
    failure = page.locator("#exchange-failure")
    await expect(failure).to_contain_text("provider_undetermined")
    await expect(failure).to_contain_text("Open Link and connect a provider")
    problems.clear()  # the browser writes each 400 to its console

    await page.get_by_role("link", name="Open Link with this token").click()
    await page.get_by_role("button", name="Connect Garmin").click()
    await expect(card(page)).to_contain_text("Garmin")
    await expect(failure).to_be_empty()


async def test_keyboard_alone_leads_to_a_connection_and_ends_it(url: str, page: Page) -> None:
    async def tab_to(name: str) -> None:
        for _ in range(40):
            await page.keyboard.press("Tab")
            if name in await page.evaluate("document.activeElement.innerText"):
                return
        pytest.fail(f"{name} is not reached")

    await page.goto(url)
    await tab_to(MINT)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/junction/link*")
    await tab_to("Connect Oura")
    await page.keyboard.press("Enter")
    await expect(card(page)).to_contain_text("connected")
    await expect(page.locator("#heading-watch")).to_be_focused()

    await tab_to("Disconnect")
    await page.keyboard.press("Enter")
    await expect(card(page).locator(".status")).to_have_text("disconnected")
    await expect(card(page).get_by_role("heading")).to_be_focused()


async def test_reload_keeps_the_connection_and_exchanges_nothing_anew(
    url: str, page: Page
) -> None:
    await page.goto(url)
    await connect(page, "anna")
    before = await texts(sent(page, "Exchange the link token"))
    await page.reload()

    await expect(card(page).locator(".status")).to_have_text("connected")
    assert await page.get_by_label("Patient", exact=True).input_value() == "anna"
    await expect(sent(page, "Exchange the link token")).to_have_count(1)
    await page.get_by_role("button", name="Exchange again").click()
    await expect(sent(page, "Exchange the link token")).to_have_count(2)
    assert await texts(sent(page, "Exchange the link token").first) == before


async def test_way_back_that_was_cut_off_is_gone_to_its_end(url: str, page: Page) -> None:
    """Somebody reloads, or comes back with a token that was exchanged before."""
    await page.goto(url)
    await connect(page, "anna")
    await page.goto(f"{url}/?state=success")

    await expect(sent(page, "Exchange the link token")).to_have_count(2)
    await expect(card(page)).to_have_count(1)
    assert page.url == f"{url}/"


async def test_webhooks_change_what_is_shown_without_a_reload(url: str, page: Page) -> None:
    await page.goto(url)
    await connect(page, "anna")
    await page.evaluate("window.isTheSamePage = true")

    await junction_says(url, "anna", "oura", FAILS)

    await expect(card(page).locator(".status")).to_have_text("error")
    await expect(page.get_by_role("status")).to_have_text("Oura is now error.")
    await expect(card(page).locator(".lines li").first).to_contain_text(
        "Webhook: error, token_refresh_failed"
    )
    await expect(page.locator("#webhook-list li").first).to_contain_text(
        "provider.connection.errordelivered, answered 200"
    )
    assert await page.evaluate("window.isTheSamePage")


async def test_page_asks_less_the_longer_nothing_happens_and_not_at_all_unseen(
    url: str, page: Page
) -> None:
    async def pauses(milliseconds: str) -> None:
        await expect(page.locator("html")).to_have_attribute(
            "data-pause", re.compile(milliseconds)
        )

    await page.clock.install()
    await page.add_init_script(PAUSES)
    await page.goto(url)
    await connect(page, "anna")

    await page.clock.fast_forward("05:00")
    await pauses("^15000$")
    await junction_says(url, "anna", "oura", FAILS)
    while (await listed(url, "anna"))[0]["status"] != "error":  # noqa: ASYNC110  (nobody tells)
        await asyncio.sleep(0.01)
    await page.clock.fast_forward("00:15")
    await expect(card(page).locator(".status")).to_have_text("error")
    await pauses(A_SECOND)

    await page.evaluate("Object.defineProperty(document, 'hidden', {value: true, writable: true})")
    await page.clock.fast_forward("05:00")  # what was to come comes, and sees that nobody looks
    await page.evaluate("document.documentElement.dataset.pause = 'none'")
    await page.clock.fast_forward("05:00")
    await pauses("^none$")
    await page.evaluate("document.hidden = false")
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await pauses(A_SECOND)


async def test_buttons_make_the_simulated_junction_send(url: str, page: Page) -> None:
    await page.goto(url)
    await open_link(page, "anna")
    await page.get_by_role("button", name="Connect WHOOP").click()
    await expect(card(page)).to_contain_text("never")

    await page.get_by_role("button", name="Let data arrive").click()
    await expect(card(page)).not_to_contain_text("never")
    await expect(page.locator("#webhook-list")).to_contain_text("daily.data.sleep.created")
    await page.get_by_role("button", name="Let it fail").click()
    await expect(card(page).locator(".status")).to_have_text("error")
    await page.get_by_role("button", name="Let it recover").click()
    await expect(card(page).locator(".status")).to_have_text("connected")


async def test_disconnecting_ends_the_connection_and_keeps_its_history(
    url: str, page: Page
) -> None:
    await page.goto(url)
    await connect(page, "anna")
    await page.get_by_role("button", name="Disconnect").click()

    await expect(card(page).locator(".status")).to_have_text("disconnected")
    await expect(page.get_by_role("button", name="Disconnect")).to_have_count(0)
    await expect(card(page).locator(".lines li")).to_contain_text(
        ["Disconnect: disconnected", "Exchange: connected"]
    )
    await expect(sent(page, "Disconnect Oura").locator(".number")).to_have_text("204")
    await page.get_by_role("button", name="Exchange again").click()
    await expect(page.locator("#exchange-outcome")).to_contain_text("ended since: Oura")
    await expect(page.locator("#step-exchange")).not_to_contain_class("done")
    [connection] = await listed(url, "anna")
    assert connection["status"] == "disconnected"


async def test_two_patients_do_not_see_each_other(url: str, page: Page, browser: Browser) -> None:
    await page.goto(url)
    await connect(page, "anna")
    async with await browser.new_context() as elsewhere:
        bens = await elsewhere.new_page()
        await bens.goto(url)
        await connect(bens, "ben", "Connect Garmin")

        await junction_says(url, "anna", "oura", FAILS)
        await expect(card(page).locator(".status")).to_have_text("error")
        await expect(card(page).get_by_role("heading")).to_have_text("Oura")
        await expect(card(bens).get_by_role("heading")).to_have_text("Garmin")
        await expect(card(bens).locator(".status")).to_have_text("connected")
        await expect(bens.locator("#webhook-list li")).to_have_count(1)
        assert "anna" not in await bens.locator("body").inner_text()


async def test_another_patient_begins_with_nothing(url: str, page: Page) -> None:
    await page.goto(url)
    await connect(page, "anna")
    await page.get_by_role("button", name="Another patient").click()

    await expect(page.get_by_label("Patient", exact=True)).to_be_focused()
    await expect(page.get_by_label("Patient", exact=True)).not_to_have_value("anna")
    await expect(card(page)).to_have_count(0)
    await expect(page.locator("#requests li")).to_have_count(0)
    assert "anna" not in await page.evaluate("sessionStorage.getItem('wearable-link')")


async def test_what_is_shown_is_of_the_patient_who_is_named(url: str, page: Page) -> None:
    await page.goto(url)
    await connect(page, "anna")
    name = page.get_by_label("Patient", exact=True)
    await name.press("End")
    await page.keyboard.type("-2")
    await expect(page.locator("#bearer")).to_have_text("staging.anna-2")
    await expect(card(page)).to_have_count(0)
    await expect(page.locator("#requests li")).to_have_count(0)
    await expect(page.locator("[aria-current=step] h3")).to_have_text("Choose a patient")

    await name.fill("anna")
    await expect(card(page)).to_contain_text("connected")
    await expect(page.locator("#exchange-outcome")).to_contain_text("Stored: Oura, connected")

    await connect(page, "ben", "Connect Garmin")
    await expect(card(page)).to_contain_text("Garmin")
    assert await sent(page, "Mint a link token").count() == 1


async def test_service_that_does_not_answer_is_told_and_tried_again(
    url: str, page: Page, problems: list[str]
) -> None:
    await page.goto(url)
    await page.route("**/v1/wearables/link/token", lambda route: route.abort())
    await page.get_by_role("button", name=MINT).click()
    await expect(page.locator("#mint-failure")).to_contain_text("The service did not answer.")
    problems.clear()

    await page.unroute("**/v1/wearables/link/token")
    await connect(page, "anna")
    await expect(page.locator("#mint-failure")).to_be_empty()


async def test_patient_without_a_name_is_asked_for_one(url: str, page: Page) -> None:
    await page.goto(url)
    for unfit in ("", "anna b", "ünï", ".", ".."):
        await page.get_by_label("Patient", exact=True).fill(unfit)
        await page.get_by_role("button", name=MINT).click()
        await expect(page.locator("#patient-problem")).to_contain_text("Name a patient")
        await expect(page.get_by_label("Patient", exact=True)).to_be_focused()
    assert page.url == f"{url}/"


async def test_what_link_says_is_text_and_nothing_else(url: str, page: Page) -> None:
    await page.goto(url)
    await open_link(page, "anna")
    await page.goto(f"{url}/?state=error&error_type=%3Cimg+src%3Dx+onerror%3Dalert(1)%3E")

    await expect(page.locator("#link-outcome")).to_contain_text("<img src=x onerror=alert(1)>")
    await expect(page.locator("img")).to_have_count(0)


async def test_junction_that_is_not_simulated_here_leaves_its_controls_out(page: Page) -> None:
    async with junction_elsewhere() as junction, staging(JUNCTION_BASE_URL=junction) as url:
        await page.goto(url)
        await expect(page.locator("header")).to_contain_text(f"asked at {junction}")
        await expect(page.get_by_text("nothing leaves this machine")).to_be_hidden()
        await connect(page, "anna")

        assert await card(page).get_by_role("button").all_inner_texts() == ["Disconnect"]
        await expect(page.get_by_role("heading", name="Webhooks")).to_have_count(0)
        await expect(sent(page, "Simulat")).to_have_count(0)
        await page.get_by_role("button", name="Disconnect").click()
        await expect(card(page).locator(".status")).to_have_text("disconnected")
