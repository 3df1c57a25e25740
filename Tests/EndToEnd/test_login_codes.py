"""Signing in by what was mailed, and what the first proof of an address removes."""

import hashlib
import hmac
import uuid

import pytest

from support import mails
from support.account import NEW_PASSWORD, ask, new_password, refresh, token_login, with_code
from support.client import Page, at_once, bearer, fresh_email, make_person, problem
from support.store import FAR_FUTURE, MINUTE, Store, key


@pytest.fixture
def store(server):
    return Store(server)


def test_a_code_works_once_and_its_link_too(server, person):
    client = server.client()
    ask(client, "/request/login-code", person.email)
    mail = mails.wait_for(client, person.email, mails.CODE)
    assert "10 minutes" in mail["text"]
    code, link = mails.code_of(mail), mails.token(client, person.email, mails.CODE)
    answers = at_once(4, lambda _: with_code(server.client(), person.email, code))
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]
    problem(with_code(client, person.email, code), 401, "invalid_code")
    answers = at_once(4, lambda _: server.client().post("/login/link", json={"token": link}))
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]


def test_the_delivery_is_the_clients_choice_here_too(server, person):
    client = server.client()
    ask(client, "/request/login-code", person.email)
    mail = mails.wait_for(client, person.email, mails.CODE)
    app = client.post(
        "/login/code", json={"email": person.email, "code": mails.code_of(mail)}, headers={"X-Token-Delivery": "body"}
    )
    assert "Set-Cookie" not in app.headers and refresh(server, app.json()["refresh_token"]).status_code == 200
    browser = server.client()
    answer = browser.post("/login/link", json={"token": mails.token(client, person.email, mails.CODE)})
    assert "refresh_token" not in answer.json() and browser.post("/refresh-token").status_code == 200


def test_of_two_codes_only_the_newer_works(server, store, person):
    client = server.client()
    ask(client, "/request/login-code", person.email)
    first = mails.code_of(mails.wait_for(client, person.email, mails.CODE))
    store.age_links(person.id, MINUTE)
    store.age_codes(person.id, MINUTE)
    ask(client, "/request/login-code", person.email)
    second = mails.code_of(mails.wait_for(client, person.email, mails.CODE, 2))
    problem(with_code(client, person.email, first), 401, "invalid_code")
    assert with_code(client, person.email, second).status_code == 200


def test_a_code_is_good_for_10_minutes(start):
    secret = "the validation secret of this test, long enough"
    server = start(VALIDATION_SECRET_KEY=secret)
    store = Store(server)
    client = server.client()
    person = make_person(server)
    ask(client, "/request/login-code", person.email)
    mails.wait_for(client, person.email, mails.CODE)

    def moved(milliseconds):
        """The digits that the same code has with another end."""
        store.age("login_codes", milliseconds, "expires_at", where="WHERE user_id = ?", values=(key(person.id),))
        [(code_id, expiry)] = store.rows("SELECT id, expires_at FROM login_codes WHERE user_id = ?", key(person.id))
        parts = [str(uuid.UUID(bytes=code_id)), "login_code", person.id, person.email, str(expiry)]
        tag = hmac.digest(secret.encode(), b"".join(part.encode() + b"\0" for part in parts), hashlib.sha256)
        return f"{int.from_bytes(tag[:8], 'big') % 1_000_000:06}"

    created, expiry = store.rows("SELECT created_at, expires_at FROM login_codes")[0]
    assert expiry - created == 10 * MINUTE
    problem(with_code(client, person.email, moved(10 * MINUTE)), 401, "invalid_code")
    assert with_code(client, person.email, moved(-10 * MINUTE)).status_code == 200


def test_codes_and_links_go_to_nobody_who_has_no_account(server):
    client = server.client()
    stranger = fresh_email("stranger")
    ask(client, "/request/login-code", stranger)
    ask(client, "/forget-password", stranger)
    mails.all_sent(client)
    assert client.mails(stranger) == []
    problem(with_code(client, stranger, "123456"), 401, "invalid_code")


def test_a_blocked_account_is_told_so_only_after_the_right_code(server, store, person):
    client = server.client()
    ask(client, "/request/login-code", person.email)
    mail = mails.wait_for(client, person.email, mails.CODE)
    store.change("UPDATE users SET blocked_until = ? WHERE id = ?", FAR_FUTURE, key(person.id))
    wrong = "000000" if mails.code_of(mail) != "000000" else "111111"
    problem(with_code(client, person.email, wrong), 401, "invalid_code")
    problem(with_code(client, person.email, mails.code_of(mail)), 403, "account_blocked")


# Pages


@pytest.mark.parametrize("headers, is_allowed", [
    ({"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}, False),
    ({"Origin": "null", "Sec-Fetch-Site": "cross-site"}, False),
    ({"Origin": "null"}, False),
    ({"Sec-Fetch-Site": "same-site"}, False),
    # As browsers send the form of our own page, which has no referrer.
    ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, True),
    ({}, True),
])
def test_a_form_elsewhere_signs_nobody_in_and_does_not_use_the_link_up(server, person, headers, is_allowed):
    client = server.client()
    ask(client, "/request/login-code", person.email)
    page = Page(client.get(mails.link_of(mails.wait_for(client, person.email, mails.CODE))))
    form = page.form("/login/link")["fields"]
    answer = client.post("/login/link", data=form, headers={"Accept": "text/html", **headers})
    if not is_allowed:
        assert answer.status_code == 403 and "gapura_session" not in client.cookies
        answer = client.post("/login/link", data=form, headers={"Accept": "text/html"})
    assert answer.status_code == 303 and answer.headers["Location"] == "/account"
    assert client.get("/me").json()["id"] == person.id


# The first proof


@pytest.mark.parametrize("way", ["reset", "code", "link"])
def test_the_first_proof_removes_what_was_made_before_it(server, store, way):
    client = server.client()
    email = fresh_email("claimed")
    user_id = client.register(email, password="the squatter's password").json()["id"]
    verification = mails.token(client, email, mails.VERIFY)
    # Somebody was let in before, and wants another address.
    store.change("UPDATE users SET is_verified = ? WHERE id = ?", True, key(user_id))
    squatter, squatter_refresh = token_login(server, email, "the squatter's password")
    later = fresh_email("squatter")
    body = {"email": later, "password": "the squatter's password"}
    assert client.post("/change-email", json=body, headers=bearer(squatter)).status_code == 202
    pending = mails.token(client, later, mails.NEW_ADDRESS)
    store.change("UPDATE users SET is_verified = ? WHERE id = ?", False, key(user_id))

    match way:
        case "reset":
            ask(client, "/forget-password", email)
            answer = new_password(client, mails.token(client, email, mails.RESET))
        case "code":
            ask(client, "/request/login-code", email)
            answer = with_code(client, email, mails.code_of(mails.wait_for(client, email, mails.CODE)))
        case "link":
            ask(client, "/request/login-code", email)
            answer = client.post("/login/link", json={"token": mails.token(client, email, mails.CODE)})
    assert answer.status_code == 200, answer.text
    user = answer.json() if way == "reset" else answer.json()["user"]
    assert (user["id"], user["is_verified"]) == (user_id, True)

    problem(client.log_in(email, "the squatter's password"), 401, "invalid_credentials")
    assert client.me(squatter).status_code == 401
    problem(refresh(server, squatter_refresh), 401, "session_revoked")
    problem(client.post("/change-email/confirm", json={"token": pending}), 400, "invalid_token")
    problem(client.post("/verify/decline", json={"token": verification}), 400, "invalid_token")
    if way == "reset":
        assert client.log_in(email, NEW_PASSWORD).status_code == 200
    else:
        assert client.me(answer.json()["access_token"]).status_code == 200
        assert store.value("SELECT password_hash FROM users WHERE id = ?", key(user_id)) is None
        # The owner sets one when he likes.
        ask(client, "/forget-password", email)
        assert new_password(client, mails.token(client, email, mails.RESET)).status_code == 200
        assert client.log_in(email, NEW_PASSWORD).status_code == 200
    assert len(store.events(user_id, "user.verified")) == 1


def test_a_second_proof_removes_nothing(server, person):
    client = server.client()
    access, _ = token_login(server, person.email)
    ask(client, "/request/login-code", person.email)
    mail = mails.wait_for(client, person.email, mails.CODE)
    assert with_code(client, person.email, mails.code_of(mail)).status_code == 200
    assert client.me(access).status_code == 200 and client.log_in(person.email).status_code == 200
