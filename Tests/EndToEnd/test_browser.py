"""The pages as a person's browser has them: real Chromium, with and without scripts."""

import json
import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from support import mails
from support.browser import chromium, cookie, fill, press
from support.client import PASSWORD, fresh_email, make_person
from support.server import PATIENCE

pytestmark = pytest.mark.database_plays_no_part

NEW_PASSWORD = "another horse battery"


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def open_context(browser):
    contexts = []

    def make(**options):
        context = browser.new_context(**options)
        context.set_default_timeout(PATIENCE * 1_000)
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()


def sign_in(page, url, email, password=PASSWORD, path="/sign-in"):
    page.goto(url + path)
    fill(page, email=email, password=password)
    press(page, "/sign-in")


def test_a_life_without_scripts_from_signing_up_to_erasure(server, open_context):
    context = open_context(java_script_enabled=False)
    page, client, email = context.new_page(), server.client(), fresh_email()
    page.goto(server.url + "/")
    page.click("a[href='/sign-up']")
    fill(page, email=email, password=PASSWORD, first_name="Ana")
    press(page, "/sign-up")
    assert page.url == f"{server.url}/sign-up/sent" and email in page.inner_text("main")
    assert email not in page.url

    page.goto(mails.link_of(mails.wait_for(client, email, mails.VERIFY)))
    press(page, "/verify")
    assert page.url == f"{server.url}/sign-in" and f"{email} is verified" in page.inner_text("[role=status]")
    page.reload()
    assert page.query_selector("[role=status]") is None

    fill(page, email=email, password=PASSWORD)
    press(page, "/sign-in")
    assert page.url == f"{server.url}/account" and page.input_value("[name=first_name]") == "Ana"
    fill(page, last_name="Kusuma", username="")
    page.select_option("[name=locale]", "id")
    press(page, "/account")
    assert page.get_attribute("html", "lang") == "id" and "Tersimpan" in page.inner_text("[role=status]")
    page.select_option("[name=locale]", "en")
    press(page, "/account")
    assert page.input_value("[name=last_name]") == "Kusuma"

    page.click("a[href='/account/security']")
    fill(page, current_password=PASSWORD, new_password=NEW_PASSWORD)
    press(page, "/account/security/password")
    assert "Your password is changed" in page.inner_text("[role=status]")

    page.click("a[href='/account/keys']")
    fill(page, name="Backup", services="cvmaker")
    press(page, "/account/keys")
    key = page.inner_text(".shown pre")
    assert key.startswith("gpk_") and page.url == f"{server.url}/account/keys"
    page.reload()
    assert page.query_selector(".shown") is None and "Backup" in page.inner_text(".entries")
    press(page, "/account/keys/revoke")
    assert "is revoked" in page.inner_text("[role=status]")

    page.click("a[href='/account/usage']")
    assert "free" in page.inner_text("main")
    page.click("a[href='/account/sessions']")
    assert "Chrome on Linux" in page.inner_text(".entries") and "This device" in page.inner_text(".entries")

    page.click("a[href='/account/data']")
    with page.expect_download() as download:
        page.click("a[href='/account/data/export']")
    data = json.loads(download.value.path().read_text())
    assert data["user"]["email"] == email

    page.click("a[href='/sign-out']")
    press(page, "/sign-out")
    assert page.url == f"{server.url}/sign-in" and "signed out" in page.inner_text("[role=status]")
    assert cookie(context, "refresh_token") is None and cookie(context, "gapura_hint") is None

    # Back by a mailed code.
    fill(page, email=email)
    press(page, "/sign-in/mail")
    assert page.url == f"{server.url}/sign-in/code" and email in page.inner_text("main")
    fill(page, code=mails.code_of(mails.wait_for(client, email, mails.CODE)))
    press(page, "/sign-in/code")
    assert page.url == f"{server.url}/account"

    page.goto(server.url + "/account/data")
    fill(page, erase_password="not this one")
    press(page, "/account/data/erase")
    assert "This is not your password" in page.inner_text(".summary")
    fill(page, erase_password=NEW_PASSWORD)
    press(page, "/account/data/erase")
    assert page.url == f"{server.url}/sign-in" and "is deleted" in page.inner_text("[role=status]")
    assert client.log_in(email, NEW_PASSWORD).status_code == 401


def test_a_page_is_still_signed_in_after_the_access_token_and_led_back_after_the_refresh_token(server, person, open_context):
    context = open_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, server.url, person.email)
    # What the browser does by itself when the cookie's time is over.
    context.clear_cookies(name="gapura_session")
    page.goto(server.url + "/account/sessions?limit=5")
    assert page.url == f"{server.url}/account/sessions?limit=5" and person.email in page.inner_text("header")

    # A form keeps its input.
    page.goto(server.url + "/account")
    fill(page, first_name="Budi")
    context.clear_cookies(name="gapura_session")
    press(page, "/account")
    assert page.url == f"{server.url}/account" and page.input_value("[name=first_name]") == "Budi"

    context.clear_cookies(name="gapura_session")
    context.clear_cookies(name="refresh_token")
    page.goto(server.url + "/account/keys")
    assert page.url == f"{server.url}/sign-in?return_to=%2Faccount%2Fkeys"
    assert cookie(context, "gapura_hint") is None
    fill(page, email=person.email, password=PASSWORD)
    press(page, "/sign-in")
    assert page.url == f"{server.url}/account/keys"

    # Signing out works without the access token too.
    page.goto(server.url + "/sign-out")
    context.clear_cookies(name="gapura_session")
    press(page, "/sign-out")
    assert "signed out" in page.inner_text("[role=status]") and cookie(context, "refresh_token") is None


def test_a_form_leads_back_to_another_origin_that_is_listed_and_to_no_other(start, open_context):
    # Chromium drops a redirect of a form to another origin: see the policy's form-action.
    other = start()
    server = start(REDIRECT_URLS=other.url)
    email = make_person(server).email
    page = open_context(java_script_enabled=False).new_page()
    sign_in(page, server.url, email, path=f"/sign-in?return_to={other.url}/docs")
    page.wait_for_url(f"{other.url}/docs")
    answer = page.goto(f"{server.url}/sign-in?return_to=https://evil.example/")
    assert answer.status == 400 and "not known here" in page.inner_text("h1")


def test_errors_are_at_their_fields_and_the_summary_has_the_focus(server, open_context):
    page = open_context(java_script_enabled=False).new_page()
    page.goto(server.url + "/sign-up")
    fill(page, email="nobody", password="short")
    press(page, "/sign-up")
    assert page.title().startswith("Error: ") and page.url == f"{server.url}/sign-up"
    assert page.input_value("[name=email]") == "nobody" and page.input_value("[name=password]") == ""
    described = page.get_attribute("[name=password]", "aria-describedby").split()
    assert "too short" in " ".join(page.inner_text(f"#{part}") for part in described)
    with_scripts = open_context().new_page()
    with_scripts.goto(server.url + "/sign-up")
    press(with_scripts, "/sign-up")
    assert with_scripts.evaluate("document.activeElement.className") == "summary"


def test_one_answer_for_an_unknown_account_and_a_wrong_password(server, person, open_context):
    page, texts = open_context(java_script_enabled=False).new_page(), []
    for email in (person.email, fresh_email()):
        sign_in(page, server.url, email, "not this one")
        texts.append(page.inner_text("main"))
    assert texts[0] == texts[1] and "is not right" in texts[0]


def test_a_form_without_its_cookie_changes_nothing_and_comes_back_with_its_input(server, person, open_context):
    context = open_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(server.url + "/sign-in")
    fill(page, email=person.email, password=PASSWORD)
    context.clear_cookies(name="gapura_csrf")
    with page.expect_response(re.compile("/sign-in$")) as answer:
        press(page, "/sign-in")
    assert answer.value.status == 403 and cookie(context, "gapura_session") is None
    assert page.input_value("[name=email]") == person.email and page.input_value("[name=password]") == ""
    fill(page, password=PASSWORD)
    press(page, "/sign-in")
    assert page.url == f"{server.url}/account"


PUBLIC = ["/", "/sign-in", "/sign-in/code", "/sign-in/forgotten", "/sign-in/sent", "/sign-up", "/sign-up/sent", "/sign-out",
          "/verify?token=x", "/sign-in?return_to=//x"]
OWN = ["/account", "/account/security", "/account/sessions", "/account/keys", "/account/usage", "/account/data", "/sign-out", "/"]
# Pages with a form to be sent empty, and the form.
BAD = [("/sign-in", "/sign-in"), ("/sign-in/code", "/sign-in/code"), ("/sign-in/forgotten", "/sign-in/forgotten"),
       ("/sign-up", "/sign-up")]
OWN_BAD = [("/account/security", "/account/security/password"), ("/account/security", "/account/security/email"),
           ("/account/keys", "/account/keys"), ("/account/data", "/account/data/erase")]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page_with_and_without_errors(server, person, open_context, scheme):
    page, axe, found = open_context(color_scheme=scheme).new_page(), Axe(), {}

    def check(name):
        results = axe.run(page)
        if results.violations_count:
            found[name] = results.generate_report()

    def walk(paths, forms):
        for path in paths:
            page.goto(server.url + path)
            check(path)
        for path, action in forms:
            page.goto(server.url + path)
            press(page, action)
            assert page.query_selector(".summary")
            check(f"{action} with errors")

    walk(PUBLIC, BAD)
    sign_in(page, server.url, person.email)
    walk(OWN, OWN_BAD)
    page.goto(server.url + "/account/keys")
    fill(page, name="Backup", services="*")
    press(page, "/account/keys")
    check("a key that is shown once")
    assert found == {}


def test_pages_are_usable_at_320_pixels(server, person, open_context):
    page = open_context(viewport={"width": 320, "height": 640}).new_page()
    sign_in(page, server.url, person.email)
    for path in OWN + ["/sign-in/forgotten", "/sign-up"]:
        page.goto(server.url + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
