"""Which mails are sent, to whom, how often, by which server, and how people and staff end them."""

import json
import uuid

import pytest
from support import mails
from support.client import PASSWORD, fresh_email, make_person, problem, sign_in
from support.database import moment, span
from support.server import eventually, run
from support.smtp import free_port, to
from support.store import SECOND
from test_administration import SERVICE, Caller, decide, give, key_of, make_admin, make_caller
from test_events import RECENTLY
from test_lifecycle import metrics, value

RULES = "/notifications/rules"
SUPPRESSIONS = "/notifications/suppressions"
PREFERENCES = "/me/notification-preferences"
HOUR = 3600 * SECOND


def log(admin, **query):
    return admin("GET", "/notifications?" + "&".join(f"{name}={text}" for name, text in query.items())).json()["data"]


def switch(*rules, enabled):
    return {"rules": [{"event_type": event, "template": name, "enabled": enabled} for event, name in rules]}


def prefer(**kinds):
    return {"preferences": [{"kind": kind, "enabled": enabled} for kind, enabled in kinds.items()]}


def deliver(server, admin, kind, user, event=None):
    """Brings an event to the group of mails, as an operator does with one that was given up."""
    server.database.execute(
        "INSERT INTO dead_letters (id, group_name, number, source, type, subject, time, data, reach, attempts, error,"
        " buried_at) VALUES (?, 'notifications', 1, '/gapura/accounts', ?, ?, ?, ?, 'public', 20, 'it failed', ?)",
        event or uuid.uuid4(), kind, uuid.UUID(user), moment(0), json.dumps({"user_id": user}), moment(RECENTLY))
    assert admin.ok("POST", "/events/dead-letters/replay", {"group": "notifications"})["count"] == 1
    for table in ("dead_letters", "parked_events"):
        eventually(lambda: server.database.rows(f"SELECT count(*) FROM {table}") == [(0,)], "the event to be delivered")


def command(server, *arguments):
    return run(*arguments, folder=server.folder, variables=server.variables)


# Several servers.


def second(mail_server, **variables):
    """The settings of the server that takes over."""
    return {"SMTP_2_HOST": "127.0.0.1", "SMTP_2_PORT": str(mail_server.port), "SMTP_2_TLS": "none"} | variables


def registered(server):
    email = fresh_email()
    assert server.client().register(email).status_code == 201
    return email


def providers(server):
    return [name for (name,) in server.database.rows("SELECT provider FROM notifications ORDER BY id")]


@pytest.mark.only_on("sqlite", "postgres")
def test_the_second_server_takes_over_while_the_first_is_away(start, make_mail_server):
    """Nothing listens where the first one should be; once it is there, mails go there again."""
    later = make_mail_server(port=free_port())
    other = make_mail_server().start()
    server = start(**to(later), **second(other))
    for _ in range(3):
        other.wait_for(registered(server))
    eventually(lambda: providers(server) == [f"127.0.0.1:{other.port}"] * 3, "the sendings to be noted")
    # Nobody waited for a second attempt, and the first server was asked once.
    assert server.database.rows("SELECT DISTINCT attempts FROM notifications") == [(1,)]
    lines = [entry for entry in server.log if entry.get("message") == "a mail server failed and is left alone for a while"]
    assert [(line["server"], line["cause"]) for line in lines] == [
        (f"127.0.0.1:{later.port}", "connection: Couldn't connect to server")]
    assert server.client().get("/health/ready").json()["dependencies"] == {"mail": "degraded"}
    figures = metrics(server.url + "/metrics")
    assert value(figures, "mail_server_working", server=f"127.0.0.1:{later.port}") == 0
    assert value(figures, "mail_server_working", server=f"127.0.0.1:{other.port}") == 1
    assert value(figures, "mail_server_mails_total", server=f"127.0.0.1:{other.port}", outcome="taken") == 3
    assert server.stop() == 0
    later.start()
    server.start()
    later.wait_for(registered(server))
    assert len(other.mails) == 3
    assert server.client().get("/health/ready").json()["dependencies"] == {"mail": "ok"}


@pytest.mark.database_plays_no_part
def test_wrong_credentials_and_a_busy_server_hand_over(start, make_mail_server):
    locked = make_mail_server(users={"gapura": "right"}).start()
    other = make_mail_server().start()
    server = start(**to(locked, SMTP_USER="gapura", SMTP_PASSWORD="wrong"), **second(other))
    other.wait_for(registered(server))
    assert locked.mails == []
    third = make_mail_server().start()
    busy = make_mail_server().start()
    server = start(**to(busy), **second(third))
    email = fresh_email()
    busy.on_recipient[email].append("421 4.3.2 closing")
    assert server.client().register(email).status_code == 201
    third.wait_for(email)


@pytest.mark.database_plays_no_part
def test_a_refused_address_is_not_tried_at_the_second_server(start, make_mail_server):
    first, other = make_mail_server().start(), make_mail_server().start()
    server = start(**to(first), **second(other))
    email, greylisted = fresh_email(), fresh_email()
    first.on_recipient[email].append("550 5.1.1 no such user")
    first.on_recipient[greylisted].append("451 4.2.0 later")
    for address in (email, greylisted):
        assert server.client().register(address).status_code == 201
    first.wait_for(greylisted)
    states = "SELECT state, reason FROM notifications ORDER BY state"
    eventually(
        lambda: server.database.rows(states) == [("failed", "address_refused"), ("sent", None)], "both to be noted")
    assert other.recipients == []


@pytest.mark.database_plays_no_part
@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"SMTP_2_HOST": "mail.example.com"}, "SMTP_2_HOST must come after SMTP_HOST"),
        ({"SMTP_HOST": "a.example.com", "SMTP_3_HOST": "b.example.com"}, "SMTP_3_HOST must come after SMTP_2_HOST"),
        ({"SMTP_HOST": "a.example.com", "SMTP_2_HOST": "b/c"}, "SMTP_2_HOST must be a host name"),
        ({"SMTP_2_USER": "gapura"}, "SMTP_2_PASSWORD is missing"),
        ({"MAIL_PER_ADDRESS": "0"}, "MAIL_PER_ADDRESS must be a whole number"),
        ({"MAIL_SECURITY_PER_TEMPLATE": "4"}, "MAIL_SECURITY_PER_TEMPLATE must be a whole number"),
    ],
)
def test_wrong_settings_of_further_servers_are_named(tmp_path, variables, message):
    base = {"APP_ENV": "development", "MAIL_FROM": "a@example.com"}
    result = run("serve", folder=tmp_path, variables=base | variables)
    assert result.returncode == 78
    assert message in result.stderr


# What is sent.


@pytest.mark.only_on("sqlite", "postgres")
def test_an_event_that_is_delivered_three_times_sends_one_mail(start, mail_server):
    server = start(**to(mail_server))
    admin = make_admin(server)
    email = fresh_email()
    user = server.client().register(email).json()["id"]
    mail_server.wait_for(email)
    event = uuid.uuid4()
    for _ in range(3):
        # Of an event whose every occurrence is told: only the event's id says that it is the same one.
        deliver(server, admin, "password.changed", user, event)
    marker = registered(server)
    mail_server.wait_for(marker)
    subjects = [mail.message["Subject"] for mail in mail_server.mails if mail.recipient == email]
    assert len(subjects) == 2 and sum(mails.CHANGED in subject for subject in subjects) == 1


def test_whoever_proves_an_address_is_welcomed_once(server):
    client = server.client()
    person = make_person(server)
    mail = mails.wait_for(client, person.email, mails.WELCOME)
    assert person.email in mail["text"]
    [link] = mail["links"]
    assert link.startswith(f"{server.url}/unsubscribe?token=")
    mails.all_sent(client)
    assert len(mails.mails(client, person.email, mails.WELCOME)) == 1


def test_a_quota_that_comes_to_its_end_is_told_twice_a_day_at_most(start):
    server = start()
    admin = make_admin(server)
    admin.ok("POST", "/services", SERVICE | {"required_permission": None}, 201)
    key = key_of(admin("POST", "/api-keys", {"name": "shop", "scopes": ["access:check:shop"]}))
    person, caller = make_caller(server)
    token = caller.headers["Authorization"].removeprefix("Bearer ")
    client = server.client()
    for count in range(50):
        assert decide(server, key, token, service="shop").json()["allowed"] is True
        if count == 40:
            warning = mails.wait_for(client, person.email, mails.QUOTA_THRESHOLD)
    assert "of 50 units" in " ".join(warning["text"].split()) and "free" in warning["text"]
    mail = mails.wait_for(client, person.email, mails.QUOTA_EXHAUSTED)
    assert "50 of 50 units" in " ".join(mail["text"].split())
    run("quota", "reset", person.email, folder=server.folder, variables=server.variables)
    eventually(lambda: decide(server, key, token, service="shop").json()["allowed"], "the quota to be reset")
    for _ in range(60):
        decide(server, key, token, service="shop")
    mails.all_sent(client)
    assert len(mails.mails(client, person.email, mails.QUOTA_EXHAUSTED)) == 1


@pytest.mark.only_on("sqlite", "postgres")
def test_the_owner_hears_of_a_sign_in_on_a_new_device(start):
    server = start()
    client = server.client()
    person = make_person(server)
    known = server.client()
    assert known.log_in(person.email).status_code == 200
    mails.all_sent(client)
    assert mails.mails(client, person.email, mails.NEW_DEVICE) == []
    # Once the account is no longer new: its owner's browser is known, another one is not.
    server.database.execute("UPDATE users SET created_at = created_at - ?", span(2 * HOUR))
    assert known.log_in(person.email).status_code == 200
    mails.all_sent(client)
    assert mails.mails(client, person.email, mails.NEW_DEVICE) == []
    for _ in range(2):
        assert server.client().log_in(person.email).status_code == 200
    mail = mails.wait_for(client, person.email, mails.NEW_DEVICE)
    assert person.email in mail["text"] and " UTC" in mail["text"] and mail["links"] == []
    mails.all_sent(client)
    # Within an hour there is one such mail, unless the hour has just changed.
    assert len(mails.mails(client, person.email, mails.NEW_DEVICE)) in (1, 2)


# Rules.


def test_a_rule_that_is_off_sends_nothing_and_security_mails_have_none_that_can_be(start):
    server = start()
    admin = make_admin(server)
    client = server.client()
    rules = {(rule["event_type"], rule["template"]): rule for rule in admin.ok("GET", RULES)["rules"]}
    assert rules["user.created", "verify_email"] == {
        "event_type": "user.created", "template": "verify_email", "recipient": "account", "kind": "security",
        "enabled": True, "required": True}
    assert rules["user.email_change_requested", "email_change"]["recipient"] == "new_address"
    welcome = ("user.verified", "welcome")
    changed = admin.ok("PUT", RULES, switch(welcome, enabled=False))
    assert [rule for rule in changed["rules"] if not rule["enabled"]] == [rules[welcome] | {"enabled": False}]
    assert admin.ok("GET", RULES) == changed
    person = make_person(server)
    mails.all_sent(client)
    assert mails.mails(client, person.email, mails.WELCOME) == []

    required = switch(welcome, ("user.created", "verify_email"), enabled=False)
    problem(admin("PUT", RULES, required), 409, "security_mail")
    unknown = switch(("user.created", "welcome"), enabled=False)
    assert set(problem(admin("PUT", RULES, unknown), 422, "validation_failed")["errors"]) == {"rules[0]"}
    admin.ok("PUT", RULES, switch(welcome, enabled=True))
    mails.wait_for(client, make_person(server).email, mails.WELCOME)
    lines = admin.ok("GET", "/audit?subject=notification_rule:user.verified:welcome")["data"]
    assert [line["action"] for line in lines] == ["notification_rule.enabled", "notification_rule.disabled"]


def test_rules_and_the_log_are_for_staff(server):
    browser, tokens = sign_in(server, make_person(server))
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    for method, path in [("GET", RULES), ("PUT", RULES), ("GET", "/notifications"), ("GET", SUPPRESSIONS)]:
        answer = server.client().request(method, path, headers=headers, json=switch(enabled=True) if method == "PUT" else None)
        problem(answer, 403, "permission_denied")
        problem(server.client().request(method, path), 401, "unauthenticated")


# Suppressions.


def test_staff_with_less_and_keys_keep_no_mails_from_an_administrator(start):
    server = start()
    admin = make_admin(server)
    boss = admin.ok("GET", "/me")["email"]
    clerk, _ = make_caller(server)
    give(admin, clerk, "mails", ["notifications:write", "notifications:read", "users:read"])
    _, tokens = sign_in(server, clerk)
    staff = Caller(server, tokens["access_token"])
    eventually(lambda: staff("GET", SUPPRESSIONS).status_code == 200, "the role to count")
    problem(staff("POST", SUPPRESSIONS, {"address": boss}), 403, "permission_denied")
    admin.ok("POST", SUPPRESSIONS, {"address": boss}, 201)
    problem(staff("DELETE", f"{SUPPRESSIONS}/{boss}"), 403, "permission_denied")
    lines = admin.ok("GET", f"/audit?actor=user:{clerk.id}")["data"]
    refused = [line["action"] for line in lines if line["outcome"] == "refused"]
    assert sorted(refused) == ["mail_suppression.added", "mail_suppression.removed"]
    assert staff.ok("POST", SUPPRESSIONS, {"address": fresh_email()}, 201)["by_staff"]
    # The clerk's key has the scope, and no key may.
    body = {"name": "k", "services": ["gapura"], "scopes": ["notifications:write"]}
    robot = Caller(server, staff.ok("POST", "/api-keys", body, 201)["key"])
    problem(robot("POST", SUPPRESSIONS, {"address": fresh_email()}), 403, "permission_denied")


@pytest.mark.only_on("sqlite", "postgres")
def test_staff_suppress_an_address_by_the_api_and_by_the_command(start):
    server = start()
    admin = make_admin(server)
    client = server.client()
    email, marker = fresh_email("Stop"), fresh_email()
    body = {"address": email, "reason": "asked us to stop"}
    answer = admin("POST", SUPPRESSIONS, body)
    assert answer.status_code == 201
    assert answer.json() | {"created_at": ""} == {
        "address": email, "reason": "asked us to stop", "by_staff": True, "created_at": ""}
    path = answer.headers["Location"]
    client.register(email)
    client.register(marker)
    client.wait_for_mail(marker)
    eventually(lambda: [entry["reason"] for entry in log(admin, state="failed")] == ["suppressed"], "the log")
    assert client.mails(email) == []
    figures = metrics(server.url + "/metrics")
    assert value(figures, "mails_withheld_total", reason="suppressed") == 1

    listed = command(server, "notifications", "suppressions", "list", "--json")
    assert [(entry["address"], entry["by_staff"]) for entry in json.loads(listed.stdout)] == [(email.lower(), True)]
    admin.ok("DELETE", path, status=204)
    problem(admin("DELETE", path), 404, "not_found")
    assert admin.ok("GET", SUPPRESSIONS)["data"] == []
    server.database.execute("UPDATE validation_tokens SET created_at = created_at - ?", span(61 * SECOND))
    client.post("/request/verify", json={"email": email})
    client.wait_for_mail(email)

    added = command(server, "notifications", "suppressions", "add", email, "--reason", "by hand")
    assert (added.returncode, added.stdout) == (0, f"added {email}\n")
    [entry] = admin.ok("GET", SUPPRESSIONS)["data"]
    assert (entry["address"], entry["reason"]) == (email.lower(), "by hand")
    plain = command(server, "notifications", "suppressions", "list").stdout
    assert email.lower() in plain and "staff: by hand" in plain
    for code in (0, 1):
        assert command(server, "notifications", "suppressions", "remove", email).returncode == code
    assert command(server, "notifications", "suppressions", "add", "nobody").returncode == 64
    actions = [line["action"] for line in admin.ok("GET", "/audit?limit=100")["data"]]
    assert actions.count("mail_suppression.added") == actions.count("mail_suppression.removed") == 2
    assert email.lower() not in json.dumps(admin.ok("GET", "/audit?action=mail_suppression.added"))


# Preferences, and the link that ends mails.


def test_people_choose_which_mails_they_get(server):
    browser, _ = sign_in(server, make_person(server))
    kinds = {entry["kind"]: entry for entry in browser.get(PREFERENCES).json()["preferences"]}
    assert set(kinds) == {"security", "usage", "webhooks", "getting_started"}
    assert kinds["security"] == {"kind": "security", "enabled": True, "required": True}
    assert kinds["usage"] == {"kind": "usage", "enabled": True, "required": False}
    changed = browser.put(PREFERENCES, json=prefer(usage=False, security=True))
    assert changed.status_code == 200
    assert [entry["kind"] for entry in changed.json()["preferences"] if not entry["enabled"]] == ["usage"]
    assert browser.get(PREFERENCES).json() == changed.json()
    problem(browser.put(PREFERENCES, json=prefer(security=False)), 409, "security_mail")
    assert set(
        problem(browser.put(PREFERENCES, json=prefer(nonsense=False)), 422, "validation_failed")["errors"]
    ) == {"preferences[0].kind"}
    problem(server.client().get(PREFERENCES), 401, "unauthenticated")
    [kept] = browser.get("/me/export").json()["modules"]["notifications"]["preferences"]
    assert (kept["kind"], kept["enabled"]) == ("usage", False)


@pytest.mark.only_on("sqlite", "postgres")
def test_one_click_in_a_mail_ends_such_mails_without_signing_in(start, mail_server):
    """As a reader's program does it: RFC 8058."""
    server = start(**to(mail_server))
    client = server.client()
    email = registered(server)
    verification = mail_server.wait_for(email)
    assert verification.message["List-Unsubscribe"] is None
    token = [line for line in verification.part("plain").splitlines() if line.startswith("http")][0].split("token=")[1]
    user = client.prove(token).json()
    welcome = mail_server.wait_for(email, 2)
    assert welcome.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    url = welcome.message["List-Unsubscribe"].strip("<>")
    assert url in welcome.part("plain") and url.startswith(server.url)
    path = url.removeprefix(server.url)

    # Opening it changes nothing: scanners open links.
    for language, words in [("en", "Stop these mails"), ("id", "Berhenti menerima"), ("ru", "Отказаться")]:
        page = client.get(path, headers={"Accept": "text/html", "Accept-Language": language})
        assert page.status_code == 200 and words in page.text and f'<html lang="{language}">' in page.text
    assert server.database.rows("SELECT count(*) FROM notification_preferences") == [(0,)]

    for _ in range(2):
        answer = server.client().post(path, data={"List-Unsubscribe": "One-Click"}, headers={"Accept": "*/*"})
        assert answer.status_code == 200
    assert "These mails have stopped" in answer.text
    as_json = server.client().post(path, headers={"Accept": "application/json"})
    assert as_json.status_code == 204
    multipart = server.client().post(path, files={"List-Unsubscribe": (None, "One-Click")})
    assert multipart.status_code == 200
    assert server.database.rows("SELECT kind FROM notification_preferences") == [("getting_started",)]
    browser = server.client()
    assert browser.log_in(email).status_code == 200
    chosen = {entry["kind"]: entry["enabled"] for entry in browser.get(PREFERENCES).json()["preferences"]}
    assert chosen == {"security": True, "usage": True, "webhooks": True, "getting_started": False}

    # The next such mail is not sent; a security mail is.
    server.database.execute("DELETE FROM notifications WHERE template = 'welcome'")
    admin = make_admin(server)
    deliver(server, admin, "user.verified", user["id"])
    eventually(
        lambda: [entry["reason"] for entry in log(admin, user_id=user["id"], state="dropped")] == ["unsubscribed"],
        "the mail to be withheld")
    assert client.post("/forget-password", json={"email": email}).status_code == 202
    mail_server.wait_for(email, 3)

    wrong = path[:-2] + ("AA" if path[-2:] != "AA" else "BB")
    for method in ("GET", "POST"):
        problem(server.client().request(method, wrong, headers={"Accept": "application/json"}), 400, "invalid_unsubscribe_link")
    page = client.get(wrong, headers={"Accept": "text/html", "Accept-Language": "ru"})
    assert page.status_code == 400 and "Откройте её из письма" in page.text
    problem(server.client().post("/unsubscribe", headers={"Accept": "application/json"}), 422, "validation_failed")

    # With the account goes what it chose.
    assert browser.request("DELETE", "/me", json={"password": PASSWORD}).status_code == 204
    eventually(
        lambda: server.database.rows("SELECT count(*) FROM notification_preferences") == [(0,)], "the choice to be gone")
    assert server.client().post(path, headers={"Accept": "application/json"}).status_code == 204
    assert server.database.rows("SELECT count(*) FROM notification_preferences") == [(0,)]


# Limits.


@pytest.mark.only_on("sqlite", "postgres")
def test_an_address_gets_so_many_mails_of_a_template_within_an_hour(start):
    server = start(MAIL_SECURITY_PER_TEMPLATE="5", MAIL_SECURITY_PER_ADDRESS="10", RATE_LIMIT="off")
    admin = make_admin(server)
    client = server.client()
    person = make_person(server)
    mails.wait_for(client, person.email, mails.WELCOME)

    def ask():
        """For a code, as if the last one had been long ago."""
        for table in ("validation_tokens", "login_codes"):
            server.database.execute(f"UPDATE {table} SET created_at = created_at - ?", span(900 * SECOND))
        assert client.post("/request/login-code", json={"email": person.email}).status_code == 202

    for count in range(1, 6):
        ask()
        eventually(lambda: len(mails.mails(client, person.email, mails.CODE)) == count, f"code {count}")
    ask()
    limited = eventually(lambda: log(admin, state="dropped", user_id=person.id), "the mail that is over")
    assert [(entry["template"], entry["reason"]) for entry in limited] == [("login_code", "limited")]
    assert len(mails.mails(client, person.email, mails.CODE)) == 5
    assert value(metrics(server.url + "/metrics"), "mails_withheld_total", reason="limited") == 1
    # Other templates go, and an hour later this one does.
    assert client.post("/forget-password", json={"email": person.email}).status_code == 202
    mails.wait_for(client, person.email, mails.RESET)
    server.database.execute("UPDATE notifications SET sent_at = sent_at - ? WHERE sent_at IS NOT NULL", span(HOUR))
    ask()
    eventually(lambda: len(mails.mails(client, person.email, mails.CODE)) == 6, "the sixth code")


# Templates.


@pytest.mark.database_plays_no_part
def test_a_template_is_shown_with_made_up_values(tmp_path):
    variables = {"APP_ENV": "development", "APP_NAME": "Pintu"}

    def preview(*arguments):
        return run("templates", "preview", *arguments, folder=tmp_path, variables=variables)

    shown = preview("welcome")
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.startswith("Subject: Welcome to Pintu\n\nHello,\n")
    assert preview("welcome", "--text").stdout == shown.stdout
    russian = preview("quota_threshold", "--locale", "ru", "--html").stdout
    assert '<html lang="ru">' in russian and "{{" not in russian
    data = json.loads(preview("login_code", "--locale", "id", "--json").stdout)
    assert set(data) == {"template", "subject", "text", "html"} and "012345" in data["text"]
    (tmp_path / "own" / "email" / "en").mkdir(parents=True)
    (tmp_path / "own" / "email" / "en" / "welcome.subject.mustache").write_text("Ours: {{email}}\n")
    variables["TEMPLATES_DIR"] = str(tmp_path / "own")
    assert preview("welcome").stdout.startswith("Subject: Ours: ana@example.com\n")
    unknown = preview("nonsense")
    assert unknown.returncode == 1 and "there are: account_locked" in unknown.stderr
    assert preview("welcome", "--text", "--html").returncode == 64
