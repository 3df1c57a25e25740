"""Accounts that are a claim: who registers an address that is somebody else's gets nothing by it."""

import pytest

from support import mails
from support.client import PASSWORD, Page, fresh_email, problem

OWNERS = "the owner's horse"


def test_the_password_of_whoever_registered_an_address_does_not_survive_its_owners_button(server):
    squatter, owner, email = server.client(), server.client(), fresh_email("pre")
    assert squatter.register(email).status_code == 201
    problem(owner.register(email, OWNERS), 409, "email_taken")
    page = Page(owner.get(mails.link_of(mails.wait_for(owner, email, mails.VERIFY))))
    assert page.form("/verify")["fields"].keys() == {"csrf", "token", "username", "password"}
    # Without a password nothing happens, and the form is there again.
    refused = page.submit(owner, "/verify", password="")
    assert refused.status_code == 422
    done = page.submit(owner, "/verify", password=OWNERS)
    assert done.status_code == 200 and email in Page(done).text
    problem(squatter.log_in(email, PASSWORD), 401, "invalid_credentials")
    assert owner.log_in(email, OWNERS).status_code == 200


def test_the_browser_that_registered_keeps_its_password_by_one_button(server):
    browser, email = server.client(), fresh_email()
    assert browser.register(email).status_code == 201
    assert "gapura_registration" in browser.cookies
    link = mails.link_of(mails.wait_for(browser, email, mails.VERIFY))
    page = Page(browser.get(link))
    assert page.form("/verify")["fields"].keys() == {"csrf", "token"}
    for _ in range(2):
        assert page.submit(browser, "/verify").status_code == 200
    assert browser.log_in(email).status_code == 200


def test_whoever_registers_privately_learns_nothing_and_the_owner_hears_of_it(start):
    server = start(REGISTER_PRIVATE="on")
    client, email = server.client(), fresh_email()
    first = client.register(email)
    assert (first.status_code, first.content) == (202, b"")
    assert client.prove(client.link_token(email)).status_code == 200
    stranger = server.client()
    again = stranger.register(email, OWNERS)
    assert (again.status_code, again.content) == (202, b"")
    assert first.headers.keys() == again.headers.keys()
    assert {cookie.name for cookie in stranger.cookies} == {cookie.name for cookie in client.cookies}
    mail = mails.wait_for(client, email, mails.ALREADY_REGISTERED)
    assert mail["links"] == []
    assert client.log_in(email).status_code == 200
    problem(client.log_in(email, OWNERS), 401, "invalid_credentials")


def test_the_first_mail_is_in_the_language_of_the_browser_or_the_body(server):
    for language, fields, subject in [
        ("id-ID,id;q=0.9,en;q=0.8", {}, "alamat"), ("ru", {}, "адрес"), ("de", {}, "address"), ("ru", {"locale": "id"}, "alamat"),
    ]:
        client, email = server.client(), fresh_email()
        client.headers["Accept-Language"] = language
        assert client.register(email, **fields).status_code == 201
        assert subject in client.wait_for_mail(email)["subject"].lower()


def test_a_made_up_cookie_of_a_registration_is_none(server):
    squatter, owner, email = server.client(), server.client(), fresh_email()
    squatter.register(email)
    value = squatter.cookies["gapura_registration"]
    owner.cookies.set("gapura_registration", value[:-2] + ("AA" if value[-2:] != "AA" else "BA"))
    page = Page(owner.get(mails.link_of(mails.wait_for(owner, email, mails.VERIFY))))
    assert "password" in page.form("/verify")["fields"]


def test_a_front_end_of_ones_own_sees_what_the_page_shows_before_anything_changes(server):
    client, email = server.client(), fresh_email()
    user = client.register(email).json()
    token = client.link_token(email)
    for _ in range(2):
        answer = client.get("/verify", params={"token": token, "preview": "1"}, headers={"Accept": "application/json"})
        assert answer.json() == {
            "email": email, "is_verified": False, "created_at": user["created_at"], "created_from": "127.0.0.1",
        }
    assert client.post("/verify", json={"token": token, "password": OWNERS}).status_code == 200
    problem(client.log_in(email, PASSWORD), 401, "invalid_credentials")
    assert client.log_in(email, OWNERS).status_code == 200


def test_after_this_was_not_me_the_address_gets_no_mail_of_a_claim(server):
    client, email, other = server.client(), fresh_email(), fresh_email()
    client.register(email)
    token = client.link_token(email)
    assert client.post("/verify/decline", json={"token": token}).status_code == 204
    sent = len(client.mails(email))
    assert client.register(email).status_code == 201
    for route in ["/forget-password", "/request/login-code"]:
        assert client.post(route, json={"email": email}).status_code == 202
    mails.all_sent(client)
    client.register(other)
    client.wait_for_mail(other)
    assert len(client.mails(email)) == sent


def deactivated(server):
    browser, email = server.client(), fresh_email()
    browser.register(email)
    assert browser.prove(browser.link_token(email)).status_code == 200
    assert browser.log_in(email).status_code == 200
    assert browser.post("/deactivate", json={"password": PASSWORD}).status_code == 204
    problem(browser.log_in(email), 403, "account_inactive")
    return browser, email


@pytest.mark.parametrize("route", ["/request/reactivate", "/forget-password", "/request/login-code"])
def test_a_deactivated_account_comes_back_by_a_mail_and_its_page(server, route):
    browser, email = deactivated(server)
    assert browser.post(route, json={"email": email}).status_code == 202
    page = Page(browser.get(mails.link_of(mails.wait_for(browser, email, mails.REACTIVATE))))
    assert email in page.text
    done = page.submit(browser, "/reactivate")
    assert done.status_code == 200 and email in Page(done).text
    assert browser.log_in(email).status_code == 200


def test_a_deactivated_account_is_erased_by_its_owner(server):
    browser, email = deactivated(server)
    assert browser.post("/request/reactivate", json={"email": email}).status_code == 202
    token = mails.token(browser, email, mails.REACTIVATE)
    assert browser.post("/reactivate", json={"token": token, "erase": True}).status_code == 204
    problem(browser.post("/reactivate", json={"token": token}), 400, "invalid_token")
    problem(browser.log_in(email), 401, "invalid_credentials")
    assert browser.register(email).status_code == 201


def test_an_account_without_a_password_gets_one_by_a_code(server):
    browser, email = server.client(), fresh_email()
    browser.register(email)
    # The first proof by a code removes the password.
    assert browser.post("/request/login-code", json={"email": email}).status_code == 202
    code = mails.code_of(mails.wait_for(browser, email, mails.CODE))
    assert browser.post("/login/code", json={"email": email, "code": code}).status_code == 200
    problem(
        browser.post("/change-password", json={"current_password": PASSWORD, "new_password": OWNERS}), 403,
        "wrong_password",
    )
    problem(
        browser.post("/change-password", json={"code": code, "new_password": OWNERS}), 403, "wrong_password"
    )
    problem(browser.post("/change-password", json={"new_password": OWNERS}), 422, "validation_failed")
