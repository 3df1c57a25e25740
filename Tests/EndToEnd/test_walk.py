"""A person's way: register, get a mail, open its page, press the button, sign in, see oneself, sign out."""

import html
import re
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import pytest

from support import mails
from support.client import PASSWORD, Page, bearer, fresh_email, make_person, problem, sign_in, token_of

# The way itself is tested on both; cookies, pages and refusals on one.
pytestmark = pytest.mark.database_plays_no_part
on_both = pytest.mark.only_on("sqlite", "postgres")

UUID7 = r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"


@on_both
def test_a_person_registers_proves_the_address_signs_in_and_signs_out(server):
    browser = server.client()
    email = fresh_email()

    registered = browser.register(email, username="ana", first_name="Ana", last_name="Sukma")
    assert registered.status_code == 201
    user = registered.json()
    assert re.fullmatch(UUID7, user["id"])
    assert re.fullmatch(TIME, user["created_at"])
    assert user == {
        "id": user["id"],
        "email": email,
        "username": "ana",
        "is_active": True,
        "is_verified": False,
        "is_admin": False,
        "blocked_until": None,
        "block_reason": None,
        "locale": "en",
        "provider": "local",
        "created_at": user["created_at"],
        "updated_at": user["created_at"],
        "profile": {"first_name": "Ana", "last_name": "Sukma", "profile_img": None},
    }
    problem(browser.log_in(email), 403, "email_not_verified")

    mail = browser.wait_for_mail(email)
    [link] = mail["links"]
    assert link.startswith(server.url + "/verify?token=")
    shown = browser.get(link)
    page = Page(shown)
    assert email in page.text and "127.0.0.1" in page.text and user["created_at"] in shown.text

    done = page.submit(browser, "/verify")
    assert done.status_code == 200
    assert email in Page(done).text

    signed_in = browser.log_in(email)
    assert signed_in.status_code == 200
    tokens = signed_in.json()
    assert set(tokens) == {"access_token", "token_type", "expires_in", "user"}
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 900)
    assert tokens["user"]["is_verified"] is True

    me = browser.get("/me")
    assert me.status_code == 200
    assert me.json() == tokens["user"]
    assert me.json()["profile"] == user["profile"]
    assert server.client().me(tokens["access_token"]).json() == me.json()

    signed_out = browser.post("/logout")
    assert (signed_out.status_code, signed_out.content) == (204, b"")
    assert sorted(browser.cookies.keys()) == ["gapura_csrf", "gapura_device", "gapura_registration"]
    problem(browser.get("/me"), 401, "unauthenticated")
    problem(server.client().me(tokens["access_token"]), 401, "unauthenticated")


def test_the_cookies_of_a_browser_are_exactly_these(server, person):
    answer = server.client().log_in(person.email)
    cookies = sorted(answer.raw.headers.getlist("Set-Cookie"))
    token = answer.json()["access_token"]
    assert re.fullmatch(
        r"gapura_device=[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{22}; Path=/; Max-Age=34560000; HttpOnly; SameSite=Lax",
        cookies[0],
    )
    assert cookies[1] == "gapura_hint=1; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax"
    assert cookies[2] == f"gapura_session={token}; Path=/; Max-Age=900; HttpOnly; SameSite=Lax"
    assert re.fullmatch(
        r"refresh_token=[A-Za-z0-9_-]{90,}; Path=/refresh-token; Max-Age=2592000; HttpOnly; SameSite=Lax", cookies[3]
    )
    assert len(cookies) == 4


def test_signing_out_deletes_the_cookies(server, person):
    browser, _ = sign_in(server, person)
    cookies = sorted(browser.post("/logout").raw.headers.getlist("Set-Cookie"))
    assert cookies == [
        "gapura_hint=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax",
        "gapura_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax",
        "refresh_token=; Path=/refresh-token; Max-Age=0; HttpOnly; SameSite=Lax",
    ]


def test_behind_https_cookies_are_secure_and_the_session_has_the_domain(start):
    server = start(APP_URL="https://id.example.com", COOKIE_DOMAIN="example.com")
    client = server.client()
    email = fresh_email()
    client.register(email)
    assert client.wait_for_mail(email)["links"][0].startswith("https://id.example.com/verify?token=")
    client.prove(client.link_token(email))
    cookies = client.log_in(email).raw.headers.getlist("Set-Cookie")
    session, refresh, hint, old_session, host_session, device = cookies
    for cookie in (session, hint):
        assert cookie.endswith("; HttpOnly; SameSite=Lax; Domain=example.com; Secure")
    for cookie in (device, refresh):
        assert cookie.endswith("; HttpOnly; SameSite=Lax; Secure")
    assert device.startswith("__Host-gapura_device=")
    # What was set before there was a domain goes: a browser would send it beside the new one.
    assert old_session == "gapura_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure"
    assert host_session == "__Host-gapura_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure"


def test_behind_https_without_a_domain_no_other_host_can_set_the_session(start):
    server = start(APP_URL="https://id.example.com")
    client = server.client()
    email = fresh_email()
    client.register(email)
    client.prove(client.link_token(email))
    answer = client.log_in(email)
    cookies = {cookie.split("=")[0]: cookie for cookie in answer.raw.headers.getlist("Set-Cookie")}
    assert set(cookies) == {"__Host-gapura_session", "refresh_token", "gapura_hint", "__Host-gapura_device"}
    token = answer.json()["access_token"]
    session = cookies["__Host-gapura_session"]
    assert session == f"__Host-gapura_session={token}; Path=/; Max-Age=900; HttpOnly; SameSite=Lax; Secure"
    # The name of before still counts for a release; signing out ends both.
    for name in ("__Host-gapura_session", "gapura_session"):
        assert server.client().get("/me", headers={"Cookie": f"{name}={token}"}).status_code == 200
    gone = server.client().post("/logout", headers={"Cookie": f"__Host-gapura_session={token}"})
    assert sorted(cookie.split(";")[0] for cookie in gone.raw.headers.getlist("Set-Cookie")) == [
        "__Host-gapura_session=", "gapura_hint=", "gapura_session=", "refresh_token=",
    ]


def test_an_app_gets_the_refresh_token_in_the_body_and_no_cookies(server, person):
    client = server.client()
    answer = client.log_in(person.email, headers={"X-Token-Delivery": "body"})
    assert "Set-Cookie" not in answer.headers
    assert re.fullmatch(r"[A-Za-z0-9_-]{90,}", answer.json()["refresh_token"])
    assert client.me(answer.json()["access_token"]).status_code == 200


@on_both
def test_signing_out_ends_this_session_and_no_other(server, person):
    here, here_tokens = sign_in(server, person)
    there, there_tokens = sign_in(server, person)
    assert here.post("/logout").status_code == 204
    problem(here.me(here_tokens["access_token"]), 401, "unauthenticated")
    assert there.get("/me").status_code == 200
    assert there.me(there_tokens["access_token"]).status_code == 200


def test_a_bearer_token_signs_out_too(server, person):
    _, tokens = sign_in(server, person)
    client = server.client()
    for _ in range(2):
        assert client.post("/logout", headers=bearer(tokens["access_token"])).status_code == 204
    problem(client.get("/me", headers=bearer(tokens["access_token"])), 401, "unauthenticated")


def test_a_wrong_bearer_token_is_not_saved_by_a_good_cookie(server, person):
    browser, _ = sign_in(server, person)
    answer = browser.get("/me", headers=bearer("wrong"))
    problem(answer, 401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="gapura", error="invalid_token"'


def test_nobody_is_told_how_to_sign_in(client):
    answer = client.get("/me")
    problem(answer, 401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="gapura"'


def test_a_token_in_the_query_counts_for_nothing(server, person):
    _, tokens = sign_in(server, person)
    problem(server.client().get("/me", params={"access_token": tokens["access_token"]}), 401, "unauthenticated")


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(client, person):
    wrong = problem(client.log_in(person.email, "not the password"), 401, "invalid_credentials")
    unknown = problem(client.log_in(fresh_email(), "not the password"), 401, "invalid_credentials")
    del wrong["request_id"], unknown["request_id"]
    assert wrong == unknown


def test_before_the_right_password_nothing_is_told_of_an_unverified_account(client):
    email = fresh_email()
    client.register(email)
    problem(client.log_in(email, "not the password"), 401, "invalid_credentials")


@on_both
def test_addresses_are_the_same_in_any_case_and_are_shown_as_typed(server):
    client = server.client()
    email = fresh_email("Ana.Sukma")
    assert client.register(email).json()["email"] == email
    problem(client.register(email.upper()), 409, "email_taken")
    client.prove(client.link_token(email))
    assert client.log_in(email.lower()).json()["user"]["email"] == email


@on_both
def test_a_password_is_the_same_however_its_accents_are_composed(server):
    client = server.client()
    email = fresh_email()
    assert client.register(email, "pa\u0308sswo\u0308rter").status_code == 201
    client.prove(client.link_token(email))
    assert client.log_in(email, "p\u00e4ssw\u00f6rter").status_code == 200
    problem(client.log_in(email, "passworter"), 401, "invalid_credentials")


def test_nothing_of_a_password_is_trimmed_or_cut(server):
    client = server.client()
    email = fresh_email()
    password = "  " + "x" * 253 + " "
    assert client.register(email, password).status_code == 201
    client.prove(client.link_token(email))
    assert client.log_in(email, password).status_code == 200
    problem(client.log_in(email, password.strip()), 401, "invalid_credentials")
    problem(client.log_in(email, password[:72]), 401, "invalid_credentials")


def test_the_mail_says_the_same_in_text_and_html(server):
    client = server.client()
    email = fresh_email()
    client.register(email)
    mail = client.wait_for_mail(email)
    [link] = mail["links"]
    assert set(mail) == {"id", "to", "subject", "text", "html", "links", "created_at"}
    assert link in mail["text"]
    assert f'href="{link}"' in mail["html"]
    assert "Gapura" in mail["subject"] and "\n" not in mail["subject"]
    assert "24 hours" in mail["text"] and "24 hours" in mail["html"]
    assert "<script" not in mail["html"]


def test_the_mailbox_is_there_for_people_too(server):
    client = server.client()
    email = fresh_email()
    client.register(email)
    mail = client.wait_for_mail(email)
    # Others may write mails meanwhile, so the list is walked from this one's side.
    box = Page(client.get("/dev/mailbox?limit=100"))
    assert f"/dev/mailbox/{mail['id']}" in box.links
    page = Page(client.get(f"/dev/mailbox/{mail['id']}"))
    assert email in page.text and mail["links"][0] in page.links
    shown = client.get(f"/dev/mailbox/{mail['id']}/html")
    assert shown.text == mail["html"]
    assert shown.headers["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
    )


@on_both
def test_opening_every_link_as_mail_scanners_do_changes_nothing(server):
    client = server.client()
    email = fresh_email()
    client.register(email)
    [link] = client.wait_for_mail(email)["links"]
    scanners = [
        {},
        {"Accept": "text/html"},
        {"Accept": "*/*"},
        {"Accept": "image/png"},
        {"Accept": ""},
        {"Accept": "text/html, application/json;q=0.1"},
        {"User-Agent": "Mozilla/5.0 (compatible; SafeLinks)"},
    ]
    for headers in scanners:
        answer = client.get(link, headers=headers)
        assert answer.status_code == 200
        for found in Page(answer).links:
            client.get(found)
        for form in Page(answer).forms:
            assert form["method"] == "post"
            assert client.get(form["action"]).status_code in (404, 405, 422)
    for accept in ["text/html", "application/json", "*/*"]:
        head = client.head(link, headers={"Accept": accept})
        assert (head.status_code, head.content) == (200, b"")
        assert client.options(link, headers={"Accept": accept}).status_code == 204
    problem(client.log_in(email), 403, "email_not_verified")
    assert client.prove(token_of(link)).status_code == 200


def test_the_page_behind_a_link_has_no_scripts_and_leaks_its_token_to_nobody(server):
    client = server.client()
    email = fresh_email()
    client.register(email)
    answer = client.get(client.wait_for_mail(email)["links"][0])
    page = Page(answer)
    assert not page.tags & {"script", "iframe", "object", "embed"}
    assert re.findall(r'<img src="([^"]+)"', answer.text) == ["/static/gapura.svg"]
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    )
    styles = re.findall(r'<link rel="stylesheet" href="([^"]+)"', answer.text)
    for style in styles:
        sheet = client.get(style)
        assert (sheet.status_code, sheet.headers["Content-Type"]) == (200, "text/css; charset=utf-8")
    assert styles


def test_a_program_verifies_at_once_by_asking_for_json(server):
    client = server.client()
    email = fresh_email()
    client.register(email)
    [link] = client.wait_for_mail(email)["links"]
    answer = client.get(link, headers={"Accept": "application/json"})
    assert answer.status_code == 200
    assert answer.json()["email"] == email and answer.json()["is_verified"] is True
    assert client.log_in(email).status_code == 200


@on_both
def test_a_link_that_is_pressed_twice_is_done_twice_and_its_page_says_so(server):
    client = server.client()
    email = fresh_email()
    client.register(email)
    token = client.link_token(email)
    assert client.prove(token).json()["is_verified"] is True
    again = client.prove(token)
    assert (again.status_code, again.json()["is_verified"]) == (200, True)
    page = client.get("/verify", params={"token": token})
    assert page.status_code == 200
    assert email in Page(page).text and Page(page).forms == []
    problem(client.post("/verify/decline", json={"token": token}), 400, "invalid_token")
    assert client.log_in(email).status_code == 200


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_a_link_that_is_not_ours_is_refused_in_the_form_that_was_asked_for(server, accept):
    client = server.client()
    email = fresh_email()
    client.register(email)
    token = client.link_token(email)
    changed = token[:-2] + ("A" if token[-2] != "A" else "B") + token[-1]
    identifier, signature = token.split(".")
    forged = [
        changed,
        "x",
        "." + signature,
        identifier + ".",
        identifier,
        token + "A",
        identifier + ".AAAA",
        "\u00fc.\u00fc",
    ]
    for text in forged:
        for answer in [
            client.get("/verify", params={"token": text}, headers={"Accept": accept}),
            client.post("/verify", data={"token": text}, headers={"Accept": accept}),
            client.post("/verify/decline", data={"token": text}, headers={"Accept": accept}),
        ]:
            if accept == "text/html":
                assert answer.status_code == 400
                assert "not valid" in Page(answer).text
            else:
                problem(answer, 400, "invalid_token")
    assert client.prove(token).status_code == 200


def test_a_link_of_one_purpose_serves_no_other(start):
    server = start()
    client = server.client()
    line = server.wait_for(lambda: next((line for line in server.output if "administrator" in line), None), "the link")
    email = fresh_email()
    client.register(email)
    verification, administration = client.link_token(email), token_of(line.split()[-1])
    problem(client.prove(administration), 400, "invalid_token")
    answer = client.post("/administrator/accept", json={"token": verification, "email": email, "password": PASSWORD})
    problem(answer, 400, "invalid_token")


@on_both
def test_whoever_did_not_register_deletes_the_account_by_the_same_page(server):
    browser = server.client()
    email = fresh_email()
    user_id = browser.register(email).json()["id"]
    token = browser.link_token(email)
    page = Page(browser.get("/verify", params={"token": token}))
    gone = page.submit(browser, "/verify/decline")
    assert gone.status_code == 200
    assert email in Page(gone).text
    problem(browser.log_in(email), 401, "invalid_credentials")
    problem(browser.prove(token), 400, "invalid_token")
    again = browser.register(email)
    assert again.status_code == 201
    assert again.json()["id"] != user_id


def test_a_program_declines_by_json(server):
    client = server.client()
    email = fresh_email()
    client.register(email)
    answer = client.post("/verify/decline", json={"token": client.link_token(email)})
    assert (answer.status_code, answer.content) == (204, b"")
    problem(client.log_in(email), 401, "invalid_credentials")


@on_both
def test_asking_for_the_mail_again_tells_nothing_and_sends_at_most_one_a_minute(server):
    client = server.client()
    waiting, unknown = fresh_email("waiting"), fresh_email("unknown")
    verified = make_person(server).email
    client.register(waiting)
    client.wait_for_mail(waiting)
    answers = [client.post("/request/verify", json={"email": email}) for email in (waiting, unknown, verified)]
    assert [(answer.status_code, answer.content) for answer in answers] == [(202, b"")] * 3
    # Mails go out in order, so behind the mails of two later registrations nothing of these can still come.
    for marker in (fresh_email("marker"), fresh_email("marker")):
        client.register(marker)
        client.wait_for_mail(marker)
    verifications = [len(mails.mails(client, email, mails.VERIFY)) for email in (waiting, unknown, verified)]
    assert verifications == [1, 0, 1] and client.mails(unknown) == []


@on_both
def test_registering_a_taken_address_sends_no_mail(server, person):
    client = server.client()
    problem(client.register(person.email), 409, "email_taken")
    for marker in (fresh_email("marker"), fresh_email("marker")):
        client.register(marker)
        client.wait_for_mail(marker)
    assert {mail["subject"] for mail in client.mails(person.email)} == {
        "Verify your address for Gapura", "Welcome to Gapura"}


def test_what_a_person_types_is_never_markup(server):
    client = server.client()
    email = f"a'&{fresh_email()}"
    name = "<script>alert(1)</script>"
    assert client.register(email, first_name=name, username=name).status_code == 201
    mail = client.wait_for_mail(email)
    assert email in mail["text"]
    assert email not in mail["html"] and email in html.unescape(mail["html"])
    for path in [mail["links"][0], "/dev/mailbox?limit=100", f"/dev/mailbox/{mail['id']}"]:
        answer = client.get(path)
        assert "<script" not in answer.text
        assert email in Page(answer).text


def test_pages_lead_to_ones_own_front_end_if_it_is_set(start):
    server = start(PAGES_URL="https://account.example.com")
    client = server.client()
    email = fresh_email()
    client.register(email)
    [link] = client.wait_for_mail(email)["links"]
    assert link.startswith("https://account.example.com/verify?token=")
    assert urlsplit(client.wait_for_mail(email)["links"][0]).netloc == "account.example.com"
    assert client.prove(token_of(link)).status_code == 200


def test_answers_have_a_date(client):
    assert parsedate_to_datetime(client.get("/health/live").headers["Date"]).year >= 2024
