"""Three processes over one PostgreSQL behave as one."""

import concurrent.futures
import json
import subprocess
import time

import pytest
from support.client import at_once, bearer, fresh_email, make_person, problem, sign_in
from support.database import SCRIPT, PostgresServer
from support.server import eventually, run
from support.smtp import to
from test_administration import SERVICE, decide, key_of, make_admin

pytestmark = pytest.mark.only_on("postgres")

KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
ADDRESS = "http://gate.example"


@pytest.fixture
def cluster(start, tmp_path):
    folder = tmp_path / "shared"
    (folder / "data").mkdir(parents=True)
    return [start(folder=folder, MASTER_KEY=KEY, APP_URL=ADDRESS) for _ in range(3)]


def until_all(servers, condition, what, record_property):
    """Waits until it holds on each process, and notes after how long: within a second on a machine that is not busy."""
    begun = time.monotonic()
    for server in servers:
        eventually(lambda server=server: condition(server), what)
    record_property(what, round(time.monotonic() - begun, 3))


def test_an_ended_session_is_refused_by_every_process(cluster, record_property):
    person = make_person(cluster[0])
    browser, tokens = sign_in(cluster[0], person)
    token = tokens["access_token"]
    assert [server.client().me(token).status_code for server in cluster] == [200] * 3
    assert browser.post("/logout").status_code == 204
    until_all(cluster, lambda server: server.client().me(token).status_code == 401, "revocation", record_property)


def test_a_new_signing_key_is_published_and_an_ended_one_refused_by_every_process(cluster, record_property):
    _, tokens = sign_in(cluster[0], make_person(cluster[0]))

    def published(server):
        return {key["kid"] for key in server.client().get("/.well-known/jwks.json").json()["keys"]}

    [old] = published(cluster[0])
    rotated = run("keys", "rotate", "--json", folder=cluster[0].folder, variables=cluster[0].variables)
    new = json.loads(rotated.stdout)["kid"]
    until_all(cluster, lambda server: new in published(server), "rotation", record_property)
    assert run("keys", "rotate", "--revoke", old, folder=cluster[0].folder, variables=cluster[0].variables).returncode == 0

    def refuses(server):
        return server.client().me(tokens["access_token"]).status_code == 401 and old not in published(server)

    until_all(cluster, refuses, "revocation of a key", record_property)


def test_a_blocked_person_is_refused_by_every_process(cluster, record_property):
    admin = make_admin(cluster[0])
    person = make_person(cluster[1])
    browser, tokens = sign_in(cluster[2], person)
    admin.ok("POST", f"/users/{person.id}/block", {"reason": "spam"})
    until_all(
        cluster, lambda server: server.client().me(tokens["access_token"]).status_code == 401, "block", record_property)
    problem(browser.post("/refresh-token"), 401, "session_revoked")
    for server in cluster:
        problem(server.client().log_in(person.email), 403, "account_blocked")


def test_two_hundred_refreshes_of_one_token_over_all_processes_give_one_successor(cluster):
    person = make_person(cluster[0])
    signed_in = cluster[0].client().log_in(person.email, headers={"X-Token-Delivery": "body"}).json()

    def refresh(number):
        return cluster[number % 3].client().post(
            "/refresh-token", json={"refresh_token": signed_in["refresh_token"]}, headers={"X-Token-Delivery": "body"})

    answers = at_once(200, refresh)
    assert {answer.status_code for answer in answers} == {200}
    successors = {answer.json()["refresh_token"] for answer in answers}
    assert len(successors) == 1 and successors != {signed_in["refresh_token"]}


def test_a_process_that_is_killed_takes_nothing_along_and_every_mail_goes_out_once(start, tmp_path, mail_server):
    folder = tmp_path / "shared"
    (folder / "data").mkdir(parents=True)
    variables = to(mail_server, SMTP_TIMEOUT="5s")
    cluster = [start(folder=folder, MASTER_KEY=KEY, APP_URL=ADDRESS, **variables) for _ in range(3)]
    emails = [fresh_email() for _ in range(30)]
    for number, email in enumerate(emails):
        assert cluster[number % 3].client().register(email).status_code == 201
        if number == 20:
            eventually(lambda: len(mail_server.mails) >= 5, "some mails to be sent")
    eventually(lambda: {mail.recipient for mail in mail_server.mails} >= set(emails), "every mail")
    assert len(mail_server.mails) == len(emails)
    cluster[0].kill()
    late = [fresh_email() for _ in range(6)]
    for number, email in enumerate(late):
        assert cluster[1 + number % 2].client().register(email).status_code == 201
    eventually(lambda: {mail.recipient for mail in mail_server.mails} >= set(late), "the mails of the others")


def test_a_quota_is_exact_over_all_processes(cluster):
    admin = make_admin(cluster[0])
    admin.ok("POST", "/services", SERVICE | {"required_permission": None}, 201)
    key = key_of(admin("POST", "/api-keys", {"name": "shop", "scopes": ["access:check:shop"]}))
    person = make_person(cluster[0])
    _, tokens = sign_in(cluster[0], person)
    token = tokens["access_token"]
    limits = [{"amount": 50, "window": "day", "scope": "global"}]
    admin.ok("PUT", f"/users/{person.id}/entitlement", {"plan": "enterprise", "limits": limits})

    def is_known(server):
        answer = decide(server, key, token, service="shop", dry_run=True).json()
        return answer.get("allowed") and answer["caller"]["plan"] == "enterprise"

    for server in cluster:
        eventually(lambda server=server: is_known(server), "the plan to count")
    answers = at_once(200, lambda number: decide(cluster[number % 3], key, token, service="shop"))
    decisions = [answer.json() for answer in answers]
    assert sum(decision["allowed"] for decision in decisions) == 50
    assert {decision["reason"] for decision in decisions if not decision["allowed"]} == {"quota_exhausted"}


def test_every_change_counts_at_the_gate_of_every_process(cluster, record_property):
    """Made at the first one; how long after it the others know is noted: within a second on a machine that is not
    busy."""
    admin = make_admin(cluster[0])
    admin.ok("POST", "/services", SERVICE | {"required_permission": None}, 201)
    asking = admin("POST", "/api-keys", {"name": "shop", "scopes": ["access:check:shop"]})
    person = make_person(cluster[0])
    browser, tokens = sign_in(cluster[0], person)
    token = tokens["access_token"]

    def reason_at(server, credential=None):
        answer = decide(server, key_of(asking), credential or token, service="shop", dry_run=True)
        return answer.json().get("reason") if answer.status_code == 200 else answer.status_code

    def counts(what, change, expected, credential=None):
        """Changes something, and waits until each of the others answers so."""
        def wait(server):
            eventually(lambda: reason_at(server, credential) == expected, f"{what} to count", interval=0.005)
            return round(time.monotonic() - begun, 3)

        for server in cluster:
            assert reason_at(server, credential) != expected, what
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            begun = time.monotonic()
            change()
            record_property(what, list(pool.map(wait, cluster[1:])))
        assert reason_at(cluster[0], credential) == expected

    def change_service(**fields):
        return lambda: admin.ok("PATCH", "/services/shop", fields)

    def give_roles(*names):
        return lambda: admin.ok("PUT", f"/users/{person.id}/roles", {"roles": list(names)})

    def give_plan(**fields):
        return lambda: admin.ok("PUT", f"/users/{person.id}/entitlement", fields)

    for server in cluster:
        eventually(lambda server=server: reason_at(server) is None, "the service to be there")
    counts("a service that needs a permission", change_service(required_permission="shop:use"), "permission_denied")
    admin.ok("POST", "/roles", {"name": "buyer", "permissions": ["shop:use"]}, 201)
    counts("a role that is given", give_roles("buyer"), None)
    counts("a role that is taken away", give_roles(), "permission_denied")
    counts("a role that is given again", give_roles("buyer"), None)
    wanted = {"name": "own", "services": ["shop"], "scopes": ["shop:use"]}
    own = browser.post("/api-keys", json=wanted, headers=bearer(token))
    for server in cluster:
        eventually(lambda server=server: reason_at(server, key_of(own)) is None, "the key to be there")
    counts("a service for a plan", change_service(plans=["pro"]), "not_in_plan")
    counts("a plan that is given", give_plan(plan="pro"), None)
    counts("a plan without room", give_plan(plan="pro", limits=[{"amount": 0, "window": "day", "scope": "global"}]),
           "quota_exhausted")
    counts("a plan that is taken away",
           lambda: admin.ok("DELETE", f"/users/{person.id}/entitlement", status=204), "not_in_plan")
    counts("a service for everybody", change_service(plans=[]), None)
    counts("a service that is closed", lambda: admin.ok("POST", "/services/shop/deactivate"), "service_unknown")
    counts("a service that is opened", lambda: admin.ok("POST", "/services/shop/activate"), None)
    counts("a caller's key that is revoked",
           lambda: admin.ok("DELETE", own.headers["Location"], status=204), "invalid_credential", key_of(own))
    account = admin.ok("POST", "/service-accounts", {"name": "robot", "roles": []}, 201)
    path = f"/service-accounts/{account['id']}"
    robot = key_of(admin("POST", "/api-keys", wanted | {"service_account_id": account["id"]}))
    for server in cluster:
        eventually(
            lambda server=server: reason_at(server, robot) == "permission_denied", "the service account to be there")
    counts("a role of a service account", lambda: admin.ok("PATCH", path, {"roles": ["buyer"]}), None, robot)
    counts("a service account that is switched off",
           lambda: admin.ok("PATCH", path, {"is_active": False}), "account_blocked", robot)
    counts("a service account that is switched on", lambda: admin.ok("PATCH", path, {"is_active": True}), None, robot)
    counts("a service account's plan", lambda: admin.ok("PUT", f"{path}/entitlement", {
        "plan": "robots", "limits": [{"amount": 0, "window": "day", "scope": "global"}]}), "quota_exhausted", robot)
    counts("a service account that is deleted",
           lambda: admin.ok("DELETE", path, status=204), "invalid_credential", robot)
    counts("a session that is ended", lambda: browser.post("/logout").raise_for_status(), "invalid_credential")
    # A block ends the sessions too, and their tokens hear of it as long as it lasts; a key of somebody who is blocked comes back with him.
    token = sign_in(cluster[0], person)[1]["access_token"]
    other = key_of(cluster[0].client().post(
        "/api-keys", json=wanted, headers=bearer(token)))
    block = {"reason": "spam"}
    counts("a block", lambda: admin.ok("POST", f"/users/{person.id}/block", block), "account_blocked", other)
    for server in cluster:
        eventually(lambda server=server: reason_at(server) == "account_blocked", "the block to count for the session")
    counts("the end of a block", lambda: admin.ok("POST", f"/users/{person.id}/unblock"), None, other)
    for server in cluster:
        eventually(lambda server=server: reason_at(server) == "invalid_credential", "the session to be ended")
    token = sign_in(cluster[0], person)[1]["access_token"]
    counts("an asking service's key that is revoked",
           lambda: admin.ok("DELETE", asking.headers["Location"], status=204), 401)


@pytest.mark.parametrize("way", ["direct", "pooler"])
def test_the_database_stopped_and_started_under_load_loses_no_session(start, tmp_path, way, record_property):
    database = PostgresServer("fsync=on")
    pooler = None
    try:
        url = database.url
        if way == "pooler":
            pooler = subprocess.Popen(
                [SCRIPT, "pooler", url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            url = pooler.stdout.readline().strip()
        folder = tmp_path / "shared"
        (folder / "data").mkdir(parents=True)
        cluster = [
            start(folder=folder, MASTER_KEY=KEY, APP_URL=ADDRESS, DATABASE_URL=url) for _ in range(3)
        ]
        for server in cluster:
            server.expected_errors.add("the database cannot be reached")
        people = [sign_in(cluster[0], make_person(cluster[0]))[0] for _ in range(6)]
        statuses = []
        is_over = False

        def go_on(number):
            browser = people[number]
            turn = number
            while not is_over:
                turn += 1
                browser.url = cluster[turn % 3].url
                answer = browser.post("/refresh-token")
                statuses.append(answer.status_code)
                if answer.status_code != 200:
                    problem(answer, 503, "unavailable")
                    assert int(answer.headers["Retry-After"]) >= 1
                    time.sleep(0.1)

        with concurrent.futures.ThreadPoolExecutor(len(people)) as pool:
            runs = [pool.submit(go_on, number) for number in range(len(people))]
            eventually(lambda: statuses.count(200) > 30, "some refreshes")
            database.halt()
            eventually(lambda: statuses.count(503) > 10, "refusals while it is down")
            assert cluster[1].client().get("/health/ready").status_code == 503
            back = time.monotonic()
            database.go_on()
            done = statuses.count(200)
            eventually(lambda: statuses.count(200) > done + 30, "refreshes again")
            record_property("recovery", round(time.monotonic() - back, 3))
            is_over = True
            for run_of_one in runs:
                run_of_one.result()
        for server in cluster:
            eventually(lambda server=server: server.client().get("/health/ready").status_code == 200, "readiness")
        for browser in people:
            assert browser.post("/refresh-token").status_code == 200
    finally:
        if pooler:
            pooler.stdin.close()
            pooler.wait()
        database.stop()
