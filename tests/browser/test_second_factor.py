"""A passkey is added and used in a browser, under the policy that its pages have."""

import re
from typing import NamedTuple

import pytest
from playwright.sync_api import expect

from tests.fixtures.browser import PASSWORD
from tests.one_time_codes import FACTORS, SECOND_STEP, code_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


class Words(NamedTuple):
    add: str
    use: str
    sign_out: str
    failed: str
    known: str
    remove: str


# A device that holds passkeys, whose person always agrees.
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
}
WORDS = {
    "en-US": Words(
        *("Add a passkey", "Use a passkey", "Sign out", "did not give a passkey."),
        *("This device has a passkey of this account already.", "Remove"),
    ),
    "zh-CN": Words(
        *("添加通行密钥", "使用通行密钥", "退出", "未提供通行密钥。"),
        *("此设备已有本账号的通行密钥。", "移除"),
    ),
}


def with_device(page):
    """Give the page a device, and return what takes it away again."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    device = session.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    return lambda: session.send("WebAuthn.removeVirtualAuthenticator", device)


def sign_in(page, user):
    page.goto("/admin/")
    page.fill("#id_username", user.username)
    page.fill("#id_password", PASSWORD)
    with page.expect_navigation():
        page.click("input[type=submit]")


def add_passkey(page, words, and_sign_out=True):
    page.goto(FACTORS)
    page.get_by_role("link", name=words.add).click()
    page.get_by_role("button", name=words.add).click()
    expect(page.locator(".codes code")).to_have_count(10)
    if not and_sign_out:
        return
    with page.expect_navigation():
        page.get_by_role("button", name=words.sign_out).click()


@pytest.mark.long
@pytest.mark.parametrize("locale", WORDS)
def test_a_passkey_is_added_used_and_removed(browse, reporter, locale):
    words = WORDS[locale]
    page = browse(reporter, locale)
    with_device(page)
    add_passkey(page, words)
    sign_in(page, reporter)
    expect(page).to_have_url(re.compile(SECOND_STEP))
    page.get_by_role("button", name=words.use).click()
    expect(page).to_have_url(re.compile(r"/admin/$"))
    page.goto(FACTORS)
    page.get_by_role("link", name=words.remove).click()
    page.get_by_role("button", name=words.remove).click()
    expect(page.get_by_role("link", name=words.add)).to_be_visible()
    expect(page.get_by_role("link", name=words.remove)).to_have_count(0)


@pytest.mark.long
@pytest.mark.parametrize("locale", WORDS)
def test_a_device_without_the_passkey_is_said(browse, reporter, locale):
    words = WORDS[locale]
    page = browse(reporter, locale)
    take_away = with_device(page)
    add_passkey(page, words)
    sign_in(page, reporter)
    take_away()
    with_device(page)
    page.get_by_role("button", name=words.use).click()
    expect(page.get_by_role("alert")).to_have_text(re.compile(f"{re.escape(words.failed)}$"))


@pytest.mark.long
@pytest.mark.parametrize("locale", WORDS)
def test_a_device_that_has_one_already_is_said(browse, reporter, locale):
    words = WORDS[locale]
    page = browse(reporter, locale)
    with_device(page)
    add_passkey(page, words, and_sign_out=False)
    page.goto(f"{FACTORS}passkey/")
    page.get_by_role("button", name=words.add).click()
    expect(page.get_by_role("alert")).to_have_text(words.known)


@pytest.mark.long
def test_a_browser_without_passkeys_is_told_what_they_need(browse, reporter):
    """As without https."""
    page = browse(reporter)
    page.add_init_script("delete window.PublicKeyCredential")
    page.goto(f"{FACTORS}passkey/")
    expect(page.get_by_role("alert")).to_contain_text("Passkeys need https and a host name")


@pytest.mark.long
@pytest.mark.parametrize("locale", WORDS)
def test_without_scripts_an_app_serves(browse, reporter, locale):
    page = browse(reporter, locale, java_script_enabled=False)
    page.goto(f"{FACTORS}app/")
    secret = page.locator("ol code").inner_text()
    page.fill("[name=code]", code_of(secret))
    page.locator(".buttons button").click()
    expect(page.locator(".codes code")).to_have_count(10)
    page.goto(f"{FACTORS}passkey/")
    expect(page.locator("noscript p")).to_be_visible()
