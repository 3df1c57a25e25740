"""`kill -9` at any moment: what was acknowledged is there, every mail goes out, and none twice."""

import random
import re
import socket
import threading
import time
from collections import Counter

import pytest
import requests

from support.client import at_once, bearer, fresh_email, make_person, problem, sign_in, token_of
from support.database import moment
from support.server import PATIENCE, eventually
from support.smtp import to
from support.store import terms_end


def register_until_killed(server, acknowledged, unclear, enough):
    """Registers people one after the other; notes who was told that it is done, and who was told nothing."""
    client = server.client(patience=10)
    while not enough():
        email = fresh_email()
        try:
            answer = client.register(email)
        except requests.RequestException:
            unclear.append(email)
            return
        if answer.status_code == 201:
            acknowledged.append(email)
        else:
            unclear.append(email)


def mails_by_recipient(server, wanted):
    """When each of the wanted has one: how many mails everybody has."""

    def all_there():
        counts = Counter(to for (to,) in server.database.rows("SELECT recipient FROM captured_mails"))
        return counts if all(counts[email] for email in wanted) else None

    return eventually(all_there, "the mail of every acknowledged registration")


def test_every_acknowledged_registration_survives_with_one_mail(start, effort):
    server = start()
    acknowledged, unclear = [], []
    for _ in range(effort(3, 6)):
        moment = len(acknowledged) + random.randrange(20, 100)
        threads = [
            threading.Thread(
                target=register_until_killed, args=(server, acknowledged, unclear, lambda: not server.is_running)
            )
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        eventually(lambda: len(acknowledged) >= moment, "some registrations")
        server.kill()
        for thread in threads:
            thread.join()
        terms_end(server)
        server.start()
    assert len(acknowledged) >= 60
    counts = mails_by_recipient(server, acknowledged)
    # Who was told nothing may have been registered or not, but not twice, and nobody else has a mail.
    assert set(counts) <= set(acknowledged) | set(unclear)
    assert set(counts.values()) == {1}
    client = server.client()
    links = {mail["to"]: mail["links"][0] for mail in client.mails()}
    for email in acknowledged:
        assert client.prove(token_of(links[email])).json()["email"] == email
    for email in random.sample(acknowledged, 20):
        assert client.log_in(email).status_code == 200
    # It is used up, and whoever presses it again is told that it is done.
    proved = {"token": token_of(links[acknowledged[0]])}
    assert client.post("/verify", json=proved).status_code == 200
    assert client.post("/verify/decline", json=proved).status_code == 400
    for email in unclear:
        # Whole or not at all: with an account there is its mail, without one the address is free.
        status = client.register(email).status_code
        assert status == 409 if email in counts else status in (201, 409)
        assert mails_by_recipient(server, [email])[email] == 1
    assert server.database.is_sound()


def test_a_kill_at_each_moment_between_registration_and_mail_loses_and_doubles_none(start, effort):
    server = start()
    emails = []
    for step in range(0, 25, effort(4, 1)):
        several = [fresh_email() for _ in range(3)]
        answers = at_once(3, lambda number: server.client().register(several[number]))
        assert {answer.status_code for answer in answers} == {201}
        emails += several
        # Later by half a millisecond each time, so that every step on the way is hit by some.
        time.sleep(step * 0.000_5)
        server.kill()
        terms_end(server)
        server.start()
    counts = mails_by_recipient(server, emails)
    assert counts == Counter(emails)


@pytest.mark.parametrize("moment", ["greeting", "recipient"])
def test_a_kill_between_relay_and_sending_loses_and_doubles_no_mail(start, make_mail_server, moment):
    """The mail server holds the sending, so that the end comes when the mail is queued and on its way."""
    mail_server = make_mail_server()
    email = fresh_email()
    with socket.create_server(("127.0.0.1", mail_server.port)) as silent:
        silent.settimeout(PATIENCE)
        if moment == "recipient":
            silent.close()
            gate = mail_server.start().gate()
            mail_server.on_recipient[email].append(gate)
        server = start(**to(mail_server))
        assert server.client().register(email).status_code == 201
        if moment == "greeting":
            # Taken, and never greeted.
            held, _ = silent.accept()
        else:
            gate.wait()
        assert notification_states(server) == ["queued"]
        assert mail_server.came == []
        server.kill()
    if moment == "greeting":
        held.close()
        mail_server.start()
    else:
        gate.open()
    terms_end(server)
    server.start()
    mail = mail_server.wait_for(email)
    eventually(lambda: notification_states(server) == ["sent"], "the sending to be noted")
    assert [each.recipient for each in mail_server.came] == [email]
    [link] = re.findall(r"http://\S+token=\S+", mail.part("plain"))
    assert server.client().prove(token_of(link)).status_code == 200


def test_a_mail_that_is_sent_again_is_the_same_mail(start):
    server = start()
    client = server.client()
    email = fresh_email()
    client.register(email)
    mail = client.wait_for_mail(email)
    server.variables["APP_URL"] = server.url
    server.kill()
    # As if the end had come behind the sending and before it was noted.
    database = server.database
    database.execute("UPDATE notifications SET state = 'queued', sent_at = NULL, attempts = 0")
    database.execute("DELETE FROM captured_mails")
    server.start()
    again = server.client().wait_for_mail(email)
    assert again == mail
    server.kill()
    database.execute("UPDATE notifications SET state = 'queued', sent_at = NULL, attempts = 0")
    server.start()
    eventually(lambda: notification_states(server) == ["sent"], "the mail to be sent again")
    assert server.client().mails() == [mail]


def notification_states(server):
    return [state for (state,) in server.database.rows("SELECT state FROM notifications")]


def test_a_mail_whose_account_has_gone_meanwhile_is_not_sent(start, tmp_path):
    templates = tmp_path / "templates"
    (templates / "email" / "en").mkdir(parents=True)
    (templates / "email" / "en" / "verify_email.subject.mustache").write_text("{{unknown_value}}")
    server = start(TEMPLATES_DIR=str(templates))
    email = fresh_email()
    server.client().register(email)
    server.wait_for_log("a mail could not be sent")
    server.kill()
    server.database.execute("DELETE FROM users")
    server.database.execute("UPDATE notifications SET next_attempt_at = ?", moment(0))
    server.variables["TEMPLATES_DIR"] = None
    server.start()
    eventually(lambda: notification_states(server) == ["dropped"], "the mail to be given up")
    assert server.client().mails() == []


def test_a_failing_template_delays_its_mail_and_does_not_lose_it(start, tmp_path):
    templates = tmp_path / "templates"
    (templates / "email" / "en").mkdir(parents=True)
    (templates / "email" / "en" / "verify_email.subject.mustache").write_text("{{#broken}}")
    server = start(TEMPLATES_DIR=str(templates))
    email = fresh_email()
    assert server.client().register(email).status_code == 201
    server.wait_for_log("a mail could not be sent")
    assert server.client().mails() == []
    assert server.stop() == 0
    server.variables["TEMPLATES_DIR"] = None
    server.start()
    assert mails_by_recipient(server, [email]) == {email: 1}


@pytest.mark.parametrize("end", ["kill", "stop"])
def test_sessions_and_their_ends_survive(start, end):
    server = start()
    person = make_person(server)
    _, alive = sign_in(server, person)
    _, ended = sign_in(server, person)
    server.client().post("/logout", headers=bearer(ended["access_token"]))
    server.variables["APP_URL"] = server.url
    getattr(server, end)()
    server.start()
    assert server.client().me(alive["access_token"]).status_code == 200
    problem(server.client().me(ended["access_token"]), 401, "unauthenticated")


def test_nothing_secret_is_stored_in_clear(start):
    server = start()
    client = server.client()
    email = fresh_email()
    password = "a password to look for"
    client.register(email, password)
    [link] = client.wait_for_mail(email)["links"]
    client.prove(token_of(link))
    tokens = client.log_in(email, password, headers={"X-Token-Delivery": "body"}).json()
    server.stop()
    # The captured mailbox is what the person's own mailbox would be.
    server.database.execute("DROP TABLE captured_mails")
    server.database.compact()
    stored = server.database.at_rest()
    assert email.encode() in stored
    for secret in [
        password,
        token_of(link),
        token_of(link).split(".")[1],
        tokens["access_token"],
        tokens["refresh_token"],
        (server.data / "master.key").read_text().strip(),
    ]:
        assert secret.encode() not in stored
    for file in server.data.iterdir():
        assert file.stat().st_mode & 0o077 == 0, file
    assert server.data.stat().st_mode & 0o077 == 0
