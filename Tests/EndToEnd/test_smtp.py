"""Mail over a real SMTP server, which refuses, delays, drops and restarts."""

from email.utils import parsedate_to_datetime

import pytest

from support.client import fresh_email, problem, token_of
from support.database import span
from support.server import PRODUCTION, eventually, run
from support.smtp import Certificate, SENDER, drop, free_port, to
from support.store import DAY, SECOND, terms_end

# The queue is tested on both, what is said to the mail server on one.
pytestmark = pytest.mark.database_plays_no_part
on_both = pytest.mark.only_on("sqlite", "postgres")

PASSWORD = "Geheim-\u043f\u0430\u0440\u043e\u043b\u044c-9"


@pytest.fixture
def certificate(tmp_path):
    return Certificate(tmp_path)


def rows(server, query):
    return server.database.rows(query)


def change(server, statement, *values):
    assert server.database.execute(statement, *values) == 1


def states(server):
    return rows(server, "SELECT state, attempts FROM notifications ORDER BY id")


def wait_for_states(server, *wanted):
    eventually(lambda: states(server) == list(wanted), f"messages {wanted}, not {states(server)}")


def register(server, email=None):
    email = email or fresh_email()
    assert server.client().register(email).status_code == 201
    return email


def ask_again(server, email):
    """For the mail anew, a minute after the last."""
    server.database.execute("UPDATE validation_tokens SET created_at = created_at - ?", span(61 * SECOND))
    assert server.client().post("/request/verify", json={"email": email}).status_code == 202


def forget_links(server):
    """An address that nobody has proved gets three mails in all."""
    server.database.execute("DELETE FROM validation_tokens")


def register_with_locale(server, mail_server, locale):
    """There is no way yet to register with one, so it changes before a second attempt."""
    email = fresh_email()
    gate = mail_server.gate("451 4.2.0 later")
    mail_server.on_recipient[email].append(gate)
    register(server, email)
    gate.wait()
    change(server, "UPDATE users SET locale = ? WHERE email = ?", locale, email)
    gate.open()
    return email


def warnings(server, message):
    return [entry for entry in server.log if isinstance(entry, dict) and entry["message"] == message]


def wait_for_warning(server, message, cause):
    """A line of the log whose cause begins so."""
    return server.wait_for(
        lambda: next((entry for entry in warnings(server, message) if entry["cause"].startswith(cause)), None),
        f"{message}: {cause}")


def written_form(message):
    return (message["From"], message["To"], message["Subject"], message["Auto-Submitted"])


# The mail itself.


@on_both
def test_a_mail_arrives_whole_and_its_link_verifies_the_address(start, mail_server):
    server = start(**to(mail_server))
    email = register(server)
    mail = mail_server.wait_for(email)
    assert (mail.sender, mail.greeting) == ("no-reply@mail.example.com", "mail.example.com")
    message = mail.message
    assert written_form(message) == (SENDER, email, "Verify your address for Gapura", "auto-generated")
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert not message.defects
    assert max(map(len, mail.content.splitlines())) <= 998
    [(id, created_at)] = rows(server, "SELECT id, created_at FROM notifications")
    assert message["Message-ID"].replace("-", "") == f"<{id.hex()}@mail.example.com>"
    assert int(parsedate_to_datetime(message["Date"]).timestamp()) == created_at // 1000
    text, html = mail.part("plain"), mail.part("html")
    assert email in text and "24 hours" in text and "24 hours" in html
    [link] = [line for line in text.splitlines() if line.startswith("http")]
    assert f'href="{link.replace("&", "&amp;")}"' in html
    client = server.client()
    assert client.prove(token_of(link)).json()["email"] == email
    assert client.log_in(email).status_code == 200
    # The proof is welcomed.
    wait_for_states(server, ("sent", 1), ("sent", 1))
    [(provider,)] = rows(server, "SELECT DISTINCT provider FROM notifications")
    assert provider == f"127.0.0.1:{mail_server.port}"
    assert client.get("/dev/mailbox.json").status_code == 404


@pytest.mark.parametrize(
    ("locale", "language", "subject", "words", "validity"),
    [
        ("ru", "ru", "Подтвердите ваш адрес для Ворота", "Ссылка действует 24 часа.", "24h"),
        ("ru-RU", "ru", "Подтвердите ваш адрес для Ворота", "Ссылка действует 21 час.", "21h"),
        ("ru", "ru", "Подтвердите ваш адрес для Ворота", "Ссылка действует 5 дней.", "5d"),
        ("id", "id", "Verifikasi alamat Anda untuk Ворота", "selama 45 menit.", "45m"),
        ("fr", "en", "Verify your address for Ворота", "for 1 hour:", "1h"),
        ("../../etc", "en", "Verify your address for Ворота", "for 3 days:", "3d"),
    ],
    ids=["ru", "ru-RU", "ru-days", "id", "unknown", "no-tag"],
)
def test_a_mail_is_in_its_readers_language(
    start, mail_server, locale, language, subject, words, validity
):
    server = start(
        **to(mail_server, MAIL_FROM="Ворота <no-reply@mail.example.com>", APP_NAME="Ворота"),
        VALIDATION_TOKEN_EXPIRE=validity)
    email = register_with_locale(server, mail_server, locale)
    mail = mail_server.wait_for(email)
    assert mail.content.isascii()
    assert mail.message["From"].addresses[0].display_name == "Ворота"
    assert mail.message["Subject"] == subject
    text = " ".join(mail.part("plain").split())
    assert words in text
    assert email in text
    assert words.rstrip(":.") in mail.part("html")
    assert f'<html lang="{language}">' in mail.part("html")


def test_an_operators_template_replaces_one_part_and_leaves_the_rest(start, mail_server, tmp_path):
    folder = tmp_path / "templates" / "email" / "en"
    folder.mkdir(parents=True)
    (folder / "verify_email.subject.mustache").write_text("Welcome to {{app_name}}, \U0001f44b\n")
    server = start(**to(mail_server), TEMPLATES_DIR=str(tmp_path / "templates"))
    mail = mail_server.wait_for(register(server))
    assert mail.message["Subject"] == "Welcome to Gapura, \U0001f44b"
    assert "The link works" in mail.part("plain")
    assert "Go to verification" in mail.part("html")


def test_an_operators_template_brings_a_language_of_its_own(start, mail_server, tmp_path):
    folder = tmp_path / "templates" / "email" / "nl"
    folder.mkdir(parents=True)
    (folder / "verify_email.txt.mustache").write_text("Nog {{expires_in}}: {{link}}\n")
    spans = tmp_path / "templates" / "span"
    spans.mkdir()
    (spans / "nl.txt.mustache").write_text(
        "{{count}} {{#hours}}uur{{/hours}}{{#days}}{{#one}}dag{{/one}}{{#other}}dagen{{/other}}{{/days}}\n")
    server = start(
        **to(mail_server), TEMPLATES_DIR=str(tmp_path / "templates"), VALIDATION_TOKEN_EXPIRE="4d")
    mail = mail_server.wait_for(register_with_locale(server, mail_server, "nl"))
    assert mail.part("plain").startswith("Nog 4 dagen: http://")
    assert mail.message["Subject"] == "Verify your address for Gapura"


# TLS and credentials.


def test_a_server_that_requires_starttls_gets_it_and_nothing_without(start, make_mail_server, certificate):
    mail_server = make_mail_server(certificate=certificate, require_starttls=True).start()
    server = start(**to(mail_server))
    email = register(server)
    wait_for_warning(server, "a mail could not be sent", "sender: 530")
    assert server.stop() == 0
    assert mail_server.mails == []
    # Mended, the same queue goes out.
    second = start(server.folder, **to(mail_server, "starttls", SMTP_CA_FILE=str(certificate.authority_file)))
    assert mail_server.wait_for(email).is_encrypted
    eventually(lambda: [state for state, _ in states(second)] == ["sent"], "the sending to be noted")


def test_implicit_tls(start, make_mail_server, certificate):
    mail_server = make_mail_server(certificate=certificate, implicit_tls=True).start()
    server = start(**to(mail_server, "tls", SMTP_CA_FILE=str(certificate.authority_file)))
    assert mail_server.wait_for(register(server)).is_encrypted


def test_without_the_offer_of_starttls_nothing_is_sent(start, mail_server):
    server = start(**to(mail_server, "starttls"))
    register(server)
    wait_for_warning(server, "a mail could not be sent", "connection: ")
    assert (mail_server.mails, mail_server.recipients) == ([], [])


@pytest.mark.parametrize("host", ["127.0.0.1", "mail.example.com"])
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_must_be_trusted_and_for_the_host(start, make_mail_server, tmp_path, security, host):
    certificate = Certificate(tmp_path, host)
    mail_server = make_mail_server(certificate=certificate, implicit_tls=security == "tls").start()
    authority = {} if host == "127.0.0.1" else {"SMTP_CA_FILE": str(certificate.authority_file)}
    server = start(**to(mail_server, security, **authority))
    register(server)
    stage = "security" if security == "starttls" else "connection"
    wait_for_warning(server, "a mail could not be sent", f"{stage}: SSL peer certificate")
    assert mail_server.recipients == []


def test_credentials_are_given_and_wrong_ones_are_told_without_them(start, make_mail_server, certificate, tmp_path):
    mail_server = make_mail_server(
        certificate=certificate, require_starttls=True, users={"gapura": PASSWORD}).start()
    file = tmp_path / "password"
    file.write_text(PASSWORD + "\n")
    settings = to(mail_server, "starttls", SMTP_CA_FILE=str(certificate.authority_file), SMTP_USER="gapura")
    wrong = start(**settings, SMTP_PASSWORD="Falsch-Geheim")
    email = register(wrong)
    wait_for_warning(wrong, "a mail could not be sent", "authentication: 535 5.7.8")
    assert wrong.stop() == 0
    assert not any("Falsch" in str(line) for line in wrong.log)
    assert rows(wrong, "SELECT count(*) FROM mail_suppressions") == [(0,)]
    start(wrong.folder, **settings, SMTP_PASSWORD_FILE=str(file))
    assert mail_server.wait_for(email).user == "gapura"


def test_a_server_that_wants_credentials_and_gets_none_is_tried_again(start, make_mail_server, certificate):
    mail_server = make_mail_server(certificate=certificate, users={"gapura": PASSWORD}).start()
    server = start(**to(mail_server, "starttls", SMTP_CA_FILE=str(certificate.authority_file)))
    register(server)
    wait_for_warning(server, "a mail could not be sent", "sender: 530 5.7.0")
    assert states(server)[0][0] == "queued"


# Refusals.


@on_both
def test_a_refused_address_is_suppressed_for_a_day(start, mail_server):
    server = start(**to(mail_server))
    email = fresh_email("Nobody")
    mail_server.on_recipient[email].append(f"550 5.1.1 <{email}>: there is no such user")
    register(server, email)
    wait_for_states(server, ("failed", 1))
    assert rows(server, "SELECT address_key, reason FROM mail_suppressions") == [
        (email.lower(), "recipient: 550 5.1.1")]
    [warning] = warnings(server, "a mail's address was refused: it is suppressed from now on")
    assert email not in str(warning)

    ask_again(server, email)
    wait_for_states(server, ("failed", 1), ("failed", 0))
    assert mail_server.recipients == [email]

    # A day later it is tried; refused again, the day begins anew.
    day_earlier = "UPDATE mail_suppressions SET created_at = created_at - ?", span(DAY)
    mail_server.on_recipient[email].append("550 5.1.1 still none")
    change(server, *day_earlier)
    ask_again(server, email)
    wait_for_states(server, ("failed", 1), ("failed", 0), ("failed", 1))
    forget_links(server)
    ask_again(server, email)
    wait_for_states(server, ("failed", 1), ("failed", 0), ("failed", 1), ("failed", 0))
    assert len(mail_server.recipients) == 2

    # Taken, the suppression ends.
    change(server, *day_earlier)
    forget_links(server)
    ask_again(server, email)
    mail_server.wait_for(email)
    eventually(lambda: rows(server, "SELECT * FROM mail_suppressions") == [], "the end of the suppression")


def test_a_refusal_that_is_not_about_the_address_suppresses_nothing(start, mail_server):
    server = start(**to(mail_server))
    relay, spam = fresh_email("relay"), fresh_email("spam")
    mail_server.on_recipient[relay].append("550 5.7.1 relaying denied")
    mail_server.on_data[spam].append("554 5.6.0 I do not like it")
    register(server, relay)
    wait_for_warning(server, "a mail could not be sent", "recipient: 550 5.7.1")
    mail_server.wait_for(relay)
    wait_for_states(server, ("sent", 2))
    register(server, spam)
    wait_for_states(server, ("sent", 2), ("failed", 1))
    assert warnings(server, "a mail was refused")[0]["cause"] == "data: 554 5.6.0"
    assert rows(server, "SELECT * FROM mail_suppressions") == []


@on_both
@pytest.mark.parametrize("step", ["on_recipient", "on_data"])
def test_a_mail_refused_for_now_is_taken_later(start, mail_server, step):
    server = start(**to(mail_server))
    email = fresh_email()
    getattr(mail_server, step)[email] += ["451 4.2.0 greylisted", "421 4.3.0 busy"]
    register(server, email)
    mail_server.wait_for(email)
    wait_for_states(server, ("sent", 3))
    assert len(mail_server.mails) == 1
    stage = "recipient" if step == "on_recipient" else "data"
    assert [entry["cause"] for entry in warnings(server, "a mail could not be sent")] == [
        f"{stage}: 451 4.2.0", f"{stage}: 421 4.3.0"]


# Slow and broken servers.


def test_slow_readers_hold_nobody_else_up(start, mail_server):
    server = start(**to(mail_server))
    slow = [fresh_email("slow") for _ in range(3)]
    for email in slow:
        mail_server.on_recipient[email].append(mail_server.gate())
        register(server, email)
    for gate in mail_server.gates:
        gate.wait()
    for _ in range(5):
        mail_server.wait_for(register(server))
    assert len(mail_server.mails) == 5
    for gate in mail_server.gates:
        gate.open()
    for email in slow:
        mail_server.wait_for(email)
    wait_for_states(server, *[("sent", 1)] * 8)
    assert mail_server.open_connections_max == 4


@on_both
def test_readers_that_were_slow_before_hold_no_new_ones_up(start, mail_server):
    server = start(**to(mail_server))
    slow = [fresh_email("slow") for _ in range(4)]
    for email in slow:
        mail_server.on_recipient[email] += ["451 4.2.0 later", mail_server.gate()]
        register(server, email)
    for gate in mail_server.gates[:2]:
        eventually(lambda: sum(gate.reached.is_set() for gate in mail_server.gates) == 2, "two retries")
    for _ in range(3):
        mail_server.wait_for(register(server))
    assert sum(gate.reached.is_set() for gate in mail_server.gates) == 2
    for gate in mail_server.gates:
        gate.open()
    for email in slow:
        mail_server.wait_for(email)


def test_a_server_that_never_answers_is_given_up_and_tried_again(start, mail_server):
    server = start(**to(mail_server, SMTP_TIMEOUT="1s"))
    email = fresh_email()
    mail_server.on_data[email].append(mail_server.gate("451 too late"))
    register(server, email)
    mail_server.wait_for(email)
    wait_for_states(server, ("sent", 2))
    [warning] = warnings(server, "a mail could not be sent")
    assert warning["cause"] == "data: Timeout was reached"


@pytest.mark.parametrize("step", ["on_recipient", "on_data"])
def test_a_mail_is_sent_again_when_the_connection_breaks(start, mail_server, step):
    server = start(**to(mail_server))
    email = fresh_email()
    getattr(mail_server, step)[email].append(drop)
    register(server, email)
    eventually(lambda: states(server) == [("sent", 2)], "the second attempt")
    assert len(mail_server.came) == (1 if step == "on_recipient" else 2)
    identities = {mail.message["Message-ID"] for mail in mail_server.came}
    contents = {mail.content for mail in mail_server.came}
    # The one that broke after the last byte may have been taken: it is the same mail, to the byte.
    assert (len(identities), len(contents)) == (1, 1)


@on_both
def test_a_server_that_is_away_gets_its_mail_when_it_is_back(start, make_mail_server):
    mail_server = make_mail_server()
    server = start(**to(mail_server))
    emails = [register(server) for _ in range(6)]
    wait_for_warning(server, "a mail could not be sent", "connection: Couldn't connect")
    mail_server.start()
    for email in emails:
        mail_server.wait_for(email)
    mail_server.stop()
    late = register(server)
    eventually(lambda: states(server)[-1][1] > 0, "an attempt")
    mail_server.start()
    mail_server.wait_for(late)
    eventually(lambda: {state for state, _ in states(server)} == {"sent"}, "everything to be sent")
    assert len(mail_server.mails) == 7


# Connections.


def test_a_connection_carries_many_mails(start, mail_server):
    server = start(**to(mail_server))
    for _ in range(10):
        mail_server.wait_for(register(server))
    wait_for_states(server, *[("sent", 1)] * 10)
    # One after the other they mostly find the first free; never more than there may be.
    assert mail_server.connections <= 4
    assert len(mail_server.mails) == 10


@on_both
def test_many_mails_at_once_go_over_four_connections_once_each(start, mail_server):
    server = start(**to(mail_server))
    emails = [register(server) for _ in range(100)]
    for email in emails:
        mail_server.wait_for(email)
    wait_for_states(server, *[("sent", 1)] * 100)
    assert sorted(mail.recipient for mail in mail_server.mails) == sorted(emails)
    assert mail_server.connections <= 4


@pytest.mark.parametrize("security", ["none", "starttls", "tls"])
def test_a_connection_that_the_server_closed_while_idle_costs_no_attempt(
    start, make_mail_server, certificate, security
):
    mail_server = make_mail_server(
        certificate=None if security == "none" else certificate, implicit_tls=security == "tls").start()
    server = start(**to(mail_server, security, SMTP_CA_FILE=str(certificate.authority_file)))
    for number in range(1, 4):
        mail_server.wait_for(register(server))
        wait_for_states(server, *[("sent", 1)] * number)
        mail_server.close_connections()
    assert mail_server.connections == 3
    assert warnings(server, "a mail could not be sent") == []


# The end of the process.


@on_both
def test_a_mail_sent_but_not_noted_is_sent_again_as_the_same_mail(start, mail_server):
    # The link in the mail is the same as long as the program's address is.
    server = start(**to(mail_server), APP_URL="http://localhost:8080")
    email = fresh_email()
    gate = mail_server.gate()
    mail_server.on_data[email].append(gate)
    register(server, email)
    gate.wait()
    server.kill()
    # Whether the server took the first is its own affair: it had all of it.
    gate.open()
    terms_end(server)
    server.start()
    mail_server.wait_for(email)
    wait_for_states(server, ("sent", 1))
    [first, second] = mail_server.came
    assert first.message["Message-ID"] == second.message["Message-ID"]
    assert first.content == second.content


def test_a_mail_under_way_is_finished_before_the_end(start, mail_server):
    server = start(**to(mail_server))
    email = fresh_email()
    gate = mail_server.gate()
    mail_server.on_data[email].append(gate)
    register(server, email)
    gate.wait()
    server.process.terminate()
    server.wait_for_log("stopping")
    gate.open()
    assert server.wait() == 0
    assert len(mail_server.mails) == 1
    assert states(server) == [("sent", 1)]


@on_both
def test_a_server_that_never_answers_does_not_hold_the_end_up(start, mail_server):
    server = start(**to(mail_server, SHUTDOWN_GRACE="4s"))
    email = fresh_email()
    gate = mail_server.gate("451 too late")
    mail_server.on_data[email].append(gate)
    register(server, email)
    gate.wait()
    assert server.stop() == 0
    assert warnings(server, "service did not end in time") == []
    assert states(server) == [("queued", 0)]
    gate.open()
    terms_end(server)
    server.start()
    mail_server.wait_for(email)


# Settings.


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"MAIL_FROM": None}, "MAIL_FROM is missing"),
        ({"MAIL_FROM": "Gapura"}, "MAIL_FROM must be an address"),
        ({"MAIL_FROM": "a@example.com\nBcc: b@example.com"}, "MAIL_FROM must be an address"),
        ({"SMTP_HOST": "mail.example.com/x"}, "SMTP_HOST must be a host name"),
        ({"SMTP_HOST": "user:x@mail.example.com"}, "SMTP_HOST must be a host name"),
        ({"SMTP_PORT": "0"}, "SMTP_PORT must be a whole number"),
        ({"SMTP_TLS": "yes"}, "SMTP_TLS must be one of: none, starttls, tls"),
        ({"SMTP_USER": "gapura"}, "SMTP_PASSWORD is missing"),
        ({"SMTP_PASSWORD": PASSWORD}, "SMTP_USER is missing"),
        ({"SMTP_CA_FILE": "nowhere.pem"}, "SMTP_CA_FILE names a file that cannot be read"),
        (
            {"SMTP_HOST": "mail.example.com", "SMTP_TLS": "none", "SMTP_USER": "gapura", "SMTP_PASSWORD": PASSWORD},
            "SMTP_TLS must be starttls or tls",
        ),
    ],
)
def test_wrong_settings_are_named(tmp_path, variables, message):
    base = {"APP_ENV": "development", "SMTP_HOST": "127.0.0.1", "MAIL_FROM": SENDER}
    result = run("serve", folder=tmp_path, variables=base | variables)
    assert result.returncode == 78
    assert message in result.stderr
    assert PASSWORD not in result.stderr


def test_production_without_a_mail_server_warns_and_keeps_mails_queued(start):
    server = start(base=PRODUCTION)
    server.wait_for_log("mails stay queued: SMTP_HOST is not set, and production captures none")


def test_production_sends_too(start, mail_server):
    server = start(base=PRODUCTION, **to(mail_server))
    mail = mail_server.wait_for(register(server))
    assert "https://id.example.com/verify?token=" in mail.part("plain")
    problem(server.client().get("/dev/mailbox"), 404, "not_found")


def test_a_host_that_does_not_resolve_is_tried_again(start):
    server = start(
        SMTP_HOST="mail.invalid", SMTP_PORT=str(free_port()), SMTP_TLS="none", MAIL_FROM=SENDER)
    register(server)
    wait_for_warning(server, "a mail could not be sent", "connection: Couldn't resolve host name")
    assert server.stop() == 0
