"""Another address for the account: proved first, told to the old one, and whose it is if two want it."""

import pytest

from support import mails
from support.account import ask, new_password, refresh, token_login
from support.client import PASSWORD, at_once, bearer, fresh_email, make_person, problem
from support.store import Store


@pytest.fixture
def store(server):
    return Store(server)


def test_the_address_changes_when_the_new_one_is_proved_and_not_before(server, store, person):
    client = server.client()
    access, refresh_token = token_login(server, person.email)
    mine = bearer(access)
    later = fresh_email("New.Address")
    unproved = {"email": later, "password": "wrong"}
    problem(client.post("/change-email", json=unproved, headers=mine), 403, "wrong_password")
    same = {"email": person.email.upper(), "password": PASSWORD}
    problem(client.post("/change-email", json=same, headers=mine), 409, "email_unchanged")
    assert client.post("/change-email", json={"email": later, "password": PASSWORD}, headers=mine).status_code == 202

    notice = mails.wait_for(client, person.email, mails.NOTICE)
    assert notice["links"] == [] and later not in notice["text"]
    assert client.me(access).json()["email"] == person.email
    assert client.log_in(person.email).status_code == 200
    problem(client.log_in(later), 401, "invalid_credentials")

    # What was mailed to the old address opens the account no more afterwards.
    ask(client, "/forget-password", person.email)
    reset = mails.token(client, person.email, mails.RESET)
    token = mails.token(client, later, mails.NEW_ADDRESS)
    assert client.post("/change-email/confirm", json={"token": token}).json()["email"] == later
    problem(client.post("/change-email/confirm", json={"token": token}), 400, "invalid_token")
    problem(new_password(client, reset), 400, "invalid_token")
    problem(client.log_in(person.email), 401, "invalid_credentials")
    assert client.log_in(later.lower()).status_code == 200
    # The old one is free again.
    assert client.register(person.email).status_code == 201
    assert refresh(server, refresh_token).json()["user"]["email"] == later
    # And its owner undoes the change by the link in the old mailbox; a claim on the address does not stop that.
    undo = {"token": mails.token(client, person.email, mails.UNDO)}
    assert client.post("/change-email/undo", json=undo).json()["email"] == person.email
    problem(refresh(server, refresh_token), 401, "session_revoked")
    problem(client.post("/change-email/undo", json=undo), 400, "invalid_token")
    reset = mails.wait_for(client, person.email, mails.RESET, 2)["links"][0].split("token=")[1]
    assert new_password(client, reset).status_code == 200
    assert "email.changed" in [line[0] for line in store.audit(f"user:{person.id}")]


def test_an_address_that_was_proved_meanwhile_stays_with_who_proved_it(server, person):
    client = server.client()
    access, _ = token_login(server, person.email)
    later = fresh_email("wanted")
    body = {"email": later, "password": PASSWORD}
    assert client.post("/change-email", json=body, headers=bearer(access)).status_code == 202
    token = mails.token(client, later, mails.NEW_ADDRESS)
    assert client.register(later).status_code == 201
    client.prove(mails.token(client, later, mails.VERIFY)).raise_for_status()
    problem(client.post("/change-email/confirm", json={"token": token}), 409, "email_taken")
    assert client.me(access).json()["email"] == person.email


def test_of_two_who_want_an_address_at_once_one_gets_it(server):
    client = server.client()
    later = fresh_email("wanted")
    people = [make_person(server) for _ in range(3)]
    for number, person in enumerate(people):
        access, _ = token_login(server, person.email)
        body = {"email": later, "password": PASSWORD}
        assert client.post("/change-email", json=body, headers=bearer(access)).status_code == 202
        mails.wait_for(client, later, mails.NEW_ADDRESS, number + 1)
    links = [mail["links"][0].split("token=")[1] for mail in mails.mails(client, later, mails.NEW_ADDRESS)]
    answers = at_once(3, lambda number: server.client().post("/change-email/confirm", json={"token": links[number]}))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
