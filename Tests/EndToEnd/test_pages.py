"""Pages behind mailed links: in the reader's language, and with the form again where something was wrong."""

import pytest

from support import mails
from support.account import NEW_PASSWORD, ask
from support.client import Page, problem

WORDS = {
    None: ("Choose a new password", "too short", "one of the first that attackers try", "The link is not valid"),
    "id-ID,id;q=0.9,en;q=0.8": ("Pilih kata sandi baru", "terlalu pendek", "pertama dicoba penyerang", "Tautan tidak valid"),
    "ru": ("Выберите новый пароль", "слишком короткий", "которые пробуют злоумышленники", "Ссылка недействительна"),
    "de": ("Choose a new password", "too short", "one of the first that attackers try", "The link is not valid"),
}


@pytest.mark.parametrize("language", WORDS)
def test_a_refused_form_comes_back_with_the_reason_at_the_field_in_the_readers_language(server, person, language):
    title, short, common, invalid = WORDS[language]
    browser = server.client()
    if language:
        browser.headers["Accept-Language"] = language
    ask(browser, "/forget-password", person.email)
    link = mails.link_of(mails.wait_for(browser, person.email, mails.RESET))
    page = Page(browser.get(link))
    assert title in page.text
    for password, reason in [("short", short), ("password1", common)]:
        answer = page.submit(browser, "/new-password", password=password)
        assert answer.status_code == 422
        page = Page(answer)
        assert reason in page.text
        assert page.form("/new-password")["fields"]["password"] == ""
    # The form that came back still works.
    assert page.submit(browser, "/new-password", password=NEW_PASSWORD).status_code == 200
    assert browser.log_in(person.email, NEW_PASSWORD).status_code == 200
    assert invalid in Page(browser.get("/new-password", params={"token": "x"})).text


def test_a_button_that_is_pressed_twice_says_that_it_is_done(server, person):
    browser = server.client()
    ask(browser, "/request/login-code", person.email)
    page = Page(browser.get(mails.link_of(mails.wait_for(browser, person.email, mails.CODE))))
    first, second = page.submit(browser, "/login/link"), page.submit(browser, "/login/link")
    assert (first.status_code, second.status_code) == (200, 200)
    assert "everything is done" in Page(second).text and "Set-Cookie" not in second.headers
    assert browser.get("/me").json()["email"] == person.email

    ask(browser, "/forget-password", person.email)
    page = Page(browser.get(mails.link_of(mails.wait_for(browser, person.email, mails.RESET))))
    first = page.submit(browser, "/new-password", password=NEW_PASSWORD)
    second = page.submit(browser, "/new-password", password="quite another one")
    assert (first.status_code, second.status_code) == (200, 200)
    assert "everything is done" in Page(second).text
    assert server.client().log_in(person.email, NEW_PASSWORD).status_code == 200
    # A program is told that the token is used up.
    token = page.form("/new-password")["fields"]["token"]
    problem(browser.post("/new-password", json={"token": token, "password": NEW_PASSWORD}), 400, "invalid_token")


def test_a_program_gets_the_same_refusal_as_a_document(server, person):
    client = server.client()
    ask(client, "/forget-password", person.email)
    token = mails.token(client, person.email, mails.RESET)
    form = {"token": token, "password": "password1"}
    refused = client.post("/new-password", data=form, headers={"Accept": "application/json"})
    assert problem(refused, 422, "validation_failed")["errors"] == {"password": "must not be a common password"}
