"""Webhooks: events reach other systems over HTTP, signed so that the public library verifies them."""

import json
import re
import uuid

import pytest
from standardwebhooks import Webhook, WebhookVerificationError
from support.client import PASSWORD, bearer, fresh_email, make_person, problem, token_of
from support.receiver import Receiver
from support.server import eventually, run

ALLOWED = {"EGRESS_ALLOW": "127.0.0.1"}


@pytest.fixture
def receiver():
    receiver = Receiver()
    yield receiver
    receiver.close()


class Staff:
    """An administrator, who keeps the webhooks."""

    def __init__(self, server):
        self.email = fresh_email("boss")
        link = run("admin", "create", self.email, folder=server.folder, variables=server.variables).stdout.strip()
        self.client = server.client()
        accepted = self.client.post("/administrator/accept", json={"token": token_of(link), "password": PASSWORD})
        assert accepted.status_code == 200
        self.sign_in(server)

    def sign_in(self, server):
        self.client = server.client()
        self.headers = bearer(self.client.log_in(self.email).json()["access_token"])

    def call(self, method, path, **options):
        headers = self.headers | options.pop("headers", {})
        return self.client.request(method, path, headers=headers, **options)

    def add(self, url, event_types=("user.created",), **fields):
        answer = self.call("POST", "/webhooks", json={"url": url, "event_types": list(event_types)} | fields)
        assert answer.status_code == 201, answer.text
        assert answer.headers["Location"] == f"/webhooks/{answer.json()['id']}"
        return answer.json()

    def deliveries(self, webhook, **query):
        answer = self.call("GET", f"/webhooks/{webhook['id']}/deliveries", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    def wait_for_attempt(self, webhook):
        def attempted():
            deliveries = self.deliveries(webhook)
            return deliveries and deliveries[-1]["last_attempt"] and deliveries[-1]

        return eventually(attempted, "an attempt")


def test_an_event_arrives_signed_and_only_what_is_public_leaves(start, receiver):
    server = start(**ALLOWED)
    staff = Staff(server)
    webhook = staff.add(receiver.url + "/all", ["*"], description="Billing")
    person = make_person(server)
    events = eventually(
        lambda: {"user.created", "user.verified"} <= {json.loads(r.body)["type"] for r in receiver.at("/all")}
        and receiver.at("/all"),
        "both events",
    )
    for received in events:
        event = Webhook(webhook["secret"]).verify(received.body, received.headers)
        assert received.headers["webhook-id"] == event["id"]
        assert received.headers["Content-Type"] == "application/cloudevents+json"
        assert event["specversion"] == "1.0"
        with pytest.raises(WebhookVerificationError):
            Webhook(webhook["secret"]).verify(received.body + b" ", received.headers)
        # Ids, no addresses or names.
        assert person.email.encode() not in received.body
    created = next(event for event in map(lambda r: json.loads(r.body), events) if event["type"] == "user.created")
    assert created["source"] == "/gapura/accounts"
    types = {json.loads(received.body)["type"] for received in receiver.at("/all")}
    assert not types & {"user.verification_requested", "user.password_reset_requested", "user.login_code_requested"}
    delivered = eventually(lambda: staff.deliveries(webhook, state="delivered"), "a delivery")
    assert delivered[-1]["attempts"] == 1
    assert delivered[-1]["last_attempt"]["status"] == 204


def test_a_secret_is_shown_once_and_sealed_and_both_sign_after_a_rotation(start, receiver):
    server = start(**ALLOWED)
    staff = Staff(server)
    key = {"Idempotency-Key": str(uuid.uuid4())}
    body = {"url": receiver.url + "/x", "event_types": ["user.created"]}
    first = staff.call("POST", "/webhooks", json=body, headers=key).json()
    again = staff.call("POST", "/webhooks", json=body, headers=key).json()
    assert first["id"] == again["id"] and "secret" not in again
    assert "secret" not in staff.call("GET", f"/webhooks/{first['id']}").json()
    [(stored,)] = server.database.rows("SELECT secret FROM webhook_endpoints")
    assert first["secret"].encode() not in bytes(stored)
    rotated = staff.call("POST", f"/webhooks/{first['id']}/rotate-secret").json()
    assert rotated["secret"] != first["secret"] and rotated["older_secret_until"]
    make_person(server)
    [received] = receiver.wait_for("/x")
    for secret in (first["secret"], rotated["secret"]):
        Webhook(secret).verify(received.body, received.headers)
    assert not any(secret in str(server.log) for secret in (first["secret"], rotated["secret"]))
    lines = staff.call("GET", "/audit", params={"subject": f"webhook:{first['id']}"}).json()["data"]
    assert sorted(line["action"] for line in lines) == ["webhook.created", "webhook.secret_rotated"]


@pytest.mark.parametrize(
    "behaviour, status, error",
    [
        (500, 500, None), (404, 404, None), ("redirect", 302, None), ("close early", None, "broken"),
        ("close at once", None, "broken"),
    ],
)
@pytest.mark.database_plays_no_part
def test_a_receiver_that_fails_is_tried_again_until_it_takes_the_event(start, receiver, behaviour, status, error):
    server = start(**ALLOWED)
    staff = Staff(server)
    webhook = staff.add(receiver.does("/x", behaviour, 200))
    make_person(server)
    attempt = staff.wait_for_attempt(webhook)["last_attempt"]
    assert attempt["status"] == status
    assert (attempt["error"] or "").split(":")[0] == (error or "")
    first, second = receiver.wait_for("/x", 2)[:2]
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    Webhook(webhook["secret"]).verify(second.body, second.headers)
    delivery = eventually(lambda: staff.deliveries(webhook, state="delivered"), "the delivery")[0]
    assert (delivery["attempts"], delivery["last_attempt"]["answer"]) == (2, "status 200")
    assert receiver.at("/elsewhere") == []


@pytest.mark.database_plays_no_part
def test_megabytes_are_cut_and_a_receiver_that_hangs_holds_no_other_up(start, receiver):
    server = start(**ALLOWED)
    staff = Staff(server)
    hanging = staff.add(receiver.does("/hang", "hang"))
    endless = staff.add(receiver.does("/much", "megabytes"))
    make_person(server)
    receiver.wait_for("/hang")
    delivery = eventually(lambda: staff.deliveries(endless, state="delivered"), "the delivery")[0]
    assert delivery["last_attempt"]["answer"] == "m" * 1024
    # The other one has still no answer, or was given up after ten seconds.
    assert staff.deliveries(hanging)[0]["state"] == "pending"
    attempt = staff.wait_for_attempt(hanging)["last_attempt"]
    assert attempt["error"].startswith("timedOut")


def test_what_leads_into_the_own_network_is_refused(start, receiver):
    # Nothing is allowed here.
    server = start()
    staff = Staff(server)
    for url in ["http://127.0.0.1/", "http://[::1]/", "http://169.254.169.254/latest/", "http://10.1.2.3/",
                "http://[::ffff:127.0.0.1]/", "http://2130706433/", "https://user:pw@example.com/", "ftp://a.example/"]:
        answer = staff.call("POST", "/webhooks", json={"url": url, "event_types": ["*"]})
        errors = problem(answer, 422, "validation_failed")["errors"]
        assert errors.keys() == {"url"}, url
        # Private ones name what would let them pass.
        if re.match(r"http://([0-9]+\.|\[::1\])", url):
            assert "EGRESS_ALLOW" in str(errors), (url, errors)
    # A name shows only later where it leads.
    webhook = staff.add(f"http://localhost:{receiver.port}/x")
    make_person(server)
    attempt = staff.wait_for_attempt(webhook)["last_attempt"]
    refusal = "refused: the address is private or reserved, and EGRESS_ALLOW does not list it"
    assert (attempt["status"], attempt["error"]) == (None, refusal)
    tested = staff.call("POST", f"/webhooks/{webhook['id']}/test").json()
    assert tested["error"] == refusal
    assert receiver.received == []


def test_an_address_of_ip_version_6_is_called_as_it_stands(start):
    server = start(EGRESS_ALLOW="::1")
    staff = Staff(server)
    webhook = staff.add("http://[::1]:9/x")
    answer = staff.call("POST", f"/webhooks/{webhook['id']}/test").json()
    # Nobody listens there, which is no fault of the request.
    assert answer["status"] is None and not answer["error"].startswith("broken"), answer


def test_a_description_turns_nothing_beside_it(start):
    staff = Staff(start())
    body = {"url": "https://hooks.example.com/x", "event_types": ["*"], "description": "\u202egnp.exe"}
    assert set(problem(staff.call("POST", "/webhooks", json=body), 422, "validation_failed")["errors"]) == {"description"}


def test_a_test_says_how_the_receiver_answers(start, receiver):
    server = start(**ALLOWED)
    staff = Staff(server)
    webhook = staff.add(receiver.does("/x", 200))
    answer = staff.call("POST", f"/webhooks/{webhook['id']}/test")
    assert answer.status_code == 200, answer.text
    assert (answer.json()["status"], answer.json()["answer"]) == (200, "status 200")
    event = Webhook(webhook["secret"]).verify(receiver.at("/x")[0].body, receiver.at("/x")[0].headers)
    assert event["type"] == "webhook.test"
    assert staff.deliveries(webhook) == []


def test_a_receiver_that_is_gone_is_switched_off_with_a_mail_and_comes_back(start, receiver):
    server = start(**ALLOWED)
    staff = Staff(server)
    webhook = staff.add(receiver.does("/x", 410, 200), description="Billing")
    make_person(server)
    state = eventually(
        lambda: (w := staff.call("GET", f"/webhooks/{webhook['id']}").json()) and not w["enabled"] and w, "the end")
    assert state["disabled_because"] == "gone"
    eventually(
        lambda: any("Billing" in mail["subject"] for mail in staff.client.mails(staff.email)), "the mail to the owner")
    make_person(server)
    failed = staff.deliveries(webhook)
    assert [delivery["state"] for delivery in failed] == ["failed"]
    again = f"/webhooks/{webhook['id']}/deliveries/{failed[0]['id']}/redeliver"
    problem(staff.call("POST", again), 409, "webhook_disabled")
    assert staff.call("POST", f"/webhooks/{webhook['id']}/enable").json()["enabled"]
    assert staff.call("POST", again).json()["state"] == "pending"
    eventually(lambda: staff.deliveries(webhook, state="delivered"), "the delivery")
    answer = staff.call(
        "POST", f"/webhooks/{webhook['id']}/redeliver", json={"since": webhook["created_at"], "state": "all"})
    assert answer.json() == {"count": 1}
    receiver.wait_for("/x", 3)
    assert len({received.headers["webhook-id"] for received in receiver.at("/x")}) == 1


def test_with_an_order_an_event_waits_for_the_one_before(start, receiver):
    server = start(**ALLOWED)
    staff = Staff(server)
    webhook = staff.add(receiver.does("/x", 500, 200), ordered=True)
    for _ in range(3):
        make_person(server)
    eventually(lambda: len(staff.deliveries(webhook, state="delivered")) == 3, "all three")
    ids = [received.headers["webhook-id"] for received in receiver.at("/x")]
    assert ids[0] == ids[1] and len(ids) == 4 and len(set(ids)) == 3
    made = [delivery["event_id"] for delivery in reversed(staff.deliveries(webhook))]
    assert ids[1:] == made


def test_what_is_on_its_way_survives_a_crash(start, receiver):
    server = start(**ALLOWED)
    staff = Staff(server)
    webhook = staff.add(receiver.does("/x", "hang", 200))
    make_person(server)
    receiver.wait_for("/x")
    server.kill()
    server.start()
    staff.sign_in(server)
    eventually(lambda: staff.deliveries(webhook, state="delivered"), "the delivery")


def test_only_those_who_may_keep_webhooks(start, receiver):
    server = start(**ALLOWED)
    staff = Staff(server)
    webhook = staff.add(receiver.url + "/x")
    person = make_person(server)
    client = server.client()
    token = bearer(client.log_in(person.email).json()["access_token"])
    problem(client.get("/webhooks", headers=token), 403, "permission_denied")
    problem(client.post(f"/webhooks/{webhook['id']}/test", headers=token), 403, "permission_denied")
    problem(server.client().get("/webhooks"), 401, "unauthenticated")
    problem(staff.call("GET", f"/webhooks/{uuid.uuid4()}"), 404, "not_found")
    changed = staff.call("PATCH", f"/webhooks/{webhook['id']}", json={"event_types": ["role.changed"], "ordered": True})
    assert (changed.json()["event_types"], changed.json()["ordered"]) == (["role.changed"], True)
    assert staff.call("DELETE", f"/webhooks/{webhook['id']}").status_code == 204
    problem(staff.call("GET", f"/webhooks/{webhook['id']}/deliveries"), 404, "not_found")
    answer = staff.call("POST", "/webhooks", json={"url": receiver.url, "event_types": ["No Type"]})
    assert problem(answer, 422, "validation_failed")["errors"].keys() == {"event_types[0]"}


def test_a_type_of_which_no_event_leaves_is_refused(start, receiver):
    staff = Staff(start(**ALLOWED))
    webhook = staff.add(receiver.url + "/x", ["*", "user.created"])
    # Misspelled, and one that stays inside.
    for wrong in ["user.creatd", "user.password_reset_requested"]:
        body = {"url": receiver.url + "/y", "event_types": ["user.created", wrong]}
        for answer in [staff.call("POST", "/webhooks", json=body),
                       staff.call("PATCH", f"/webhooks/{webhook['id']}", json=body)]:
            errors = problem(answer, 422, "validation_failed")["errors"]
            assert list(errors) == ["event_types[1]"] and wrong in str(errors) and "catalogue" in str(errors)
    assert staff.call("GET", f"/webhooks/{webhook['id']}").json()["url"] == receiver.url + "/x"


def test_an_account_that_is_erased_leaves_no_name_at_a_webhook(start, receiver):
    server = start(**ALLOWED)
    staff = Staff(server)
    webhook = staff.add(receiver.url + "/x", ["user.created", "user.deleted"])
    person = make_person(server)
    eventually(lambda: staff.deliveries(webhook, state="delivered"), "the delivery")
    client = server.client()
    token = bearer(client.log_in(person.email).json()["access_token"])
    assert client.delete("/me", json={"password": PASSWORD}, headers=token).status_code == 204
    receiver.wait_for("/x", 2)
    eventually(
        lambda: "user.created" not in [delivery["event_type"] for delivery in staff.deliveries(webhook)],
        "the end of what was about the account")
