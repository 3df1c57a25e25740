"""The script of our pages in a real browser, with Chromium's own virtual authenticators.

The pages of the test have what the script looks for and nothing else; the server's own are in test_pages.py.
"""

import random

import pytest
from playwright.sync_api import sync_playwright
from support.client import make_person
from support.store import Store

pytestmark = pytest.mark.only_on("sqlite")

CHROMIUM = "/usr/bin/chromium"

STATUS = """<p role="status" data-passkey-status></p>"""
WORDS = """data-failed="failed" data-unknown="unknown" data-exists="exists" data-cancelled="cancelled" data-limited="limited" """
PAGES = {
    "register": f"""<form data-passkey="register" data-next="/me/passkeys" {WORDS} hidden>
        <input name="name" value="Phone"><button>Add</button>{STATUS}</form>""",
    "sign-in": f"""<div data-passkey="sign-in" data-next="/me" {WORDS} hidden><button>Use a passkey</button>{STATUS}</div>""",
    "conditional": f"""<input name="email" autocomplete="username webauthn">
        <div data-passkey="sign-in" data-conditional data-next="/me" {WORDS} hidden>
        <button>Use a passkey</button>{STATUS}</div>""",
}
POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'"


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def server(start):
    port = random.randrange(20_000, 32_000)
    return start(HTTP_PORT=str(port), APP_URL=f"http://localhost:{port}")


@pytest.fixture
def store(server):
    return Store(server)


class Tab:
    """A page of a browser that has nothing but its authenticator."""

    def __init__(self, chromium, server, synced=False, javascript=True):
        self.url = f"http://localhost:{server.port}"
        self.context = chromium.new_context(java_script_enabled=javascript)
        self.page = self.context.new_page()
        self.page.set_default_timeout(60_000)
        self.devtools = self.context.new_cdp_session(self.page)
        self.devtools.send("WebAuthn.enable")
        self.authenticator = self.devtools.send("WebAuthn.addVirtualAuthenticator", {"options": {
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
            "isUserVerified": True, "automaticPresenceSimulation": True, "defaultBackupEligibility": synced,
            "defaultBackupState": synced}})["authenticatorId"]
        for name, body in PAGES.items():
            self.page.route(f"**/test/{name}", self._answer(body))

    @staticmethod
    def _answer(body):
        html = f"""<!doctype html><title>Test</title>{body}<script src="/static/passkeys.js" defer></script>"""
        return lambda route: route.fulfill(
            status=200, content_type="text/html", body=html, headers={"Content-Security-Policy": POLICY})

    def open(self, name):
        self.page.goto(f"{self.url}/test/{name}")
        return self.page

    def sign_in(self, person):
        answer = self.context.request.post(
            f"{self.url}/login", data={"email": person.email, "password": person.password})
        assert answer.status == 200, answer.text()

    def register(self, person):
        self.sign_in(person)
        page = self.open("register")
        page.get_by_role("button").click()
        page.wait_for_url("**/me/passkeys")
        self.context.clear_cookies()

    def credentials(self):
        return self.devtools.send("WebAuthn.getCredentials", {"authenticatorId": self.authenticator})["credentials"]


@pytest.mark.parametrize("synced", [False, True], ids=["device-bound", "synced"])
def test_a_passkey_is_made_and_signs_in(chromium, server, store, synced):
    person = make_person(server)
    tab = Tab(chromium, server, synced)
    tab.register(person)
    [credential] = tab.credentials()
    assert credential["isResidentCredential"] and credential["rpId"] == "localhost"
    assert credential["userName"] == person.email
    rows = store.rows("SELECT name, backup_eligible, backed_up, transports FROM passkeys")
    assert rows == [("Phone", synced, synced, "internal")]
    for _ in range(2):
        tab.context.clear_cookies()
        page = tab.open("sign-in")
        page.get_by_role("button").click()
        page.wait_for_url("**/me")
        assert person.email in page.content()
    assert store.value("SELECT sign_count FROM passkeys") == tab.credentials()[0]["signCount"]
    assert store.value("SELECT amr FROM sessions ORDER BY created_at DESC LIMIT 1") == (
        "swk user" if synced else "hwk user")


def test_the_field_offers_passkeys(chromium, server):
    person = make_person(server)
    tab = Tab(chromium, server)
    tab.register(person)
    page = tab.open("conditional")
    page.wait_for_url("**/me")
    assert person.email in page.content()


def test_what_goes_wrong_is_said(chromium, server):
    person = make_person(server)
    tab = Tab(chromium, server)
    tab.register(person)
    tab.sign_in(person)
    page = tab.open("register")
    page.get_by_role("button").click()
    page.get_by_role("status").filter(has_text="exists").wait_for()
    removed = tab.context.request.get(f"{tab.url}/me/passkeys").json()["data"][0]["id"]
    assert tab.context.request.delete(f"{tab.url}/me/passkeys/{removed}", headers={"Origin": tab.url}).status == 204
    page = tab.open("sign-in")
    page.get_by_role("button").click()
    page.get_by_role("status").filter(has_text="unknown").wait_for()
    # The browser has been told, and has nothing more to offer.
    if page.evaluate("'signalUnknownCredential' in PublicKeyCredential"):
        assert tab.credentials() == []
    tab.devtools.send("WebAuthn.setUserVerified", {"authenticatorId": tab.authenticator, "isUserVerified": False})
    page.get_by_role("button").click()
    page.get_by_role("status").filter(has_text="cancelled").wait_for()
    assert page.get_by_role("button").is_enabled()


def test_without_scripts_nothing_of_it_is_shown(chromium, server):
    page = Tab(chromium, server, javascript=False).open("sign-in")
    assert page.get_by_role("button").count() == 0
