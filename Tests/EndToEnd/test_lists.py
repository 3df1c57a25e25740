"""Every list of the API, by one suite: parts lead on whatever happens to the entries, and cursors are the list's own."""

import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Callable

import pytest
from support.client import bearer, fresh_email, make_person, problem, sign_in
from support.database import moment, span
from support.store import DAY, key
from test_administration import SERVICE, key_of, make_admin

PLAIN_CURSORS = ["01a1fe61-f452-7000-bb7f-ab8f35d7ad7e", "editor", "1795000000.01a1fe61-f452-7000-bb7f-ab8f35d7ad7e", "x"]


@dataclass
class Listing:
    """A list with entries of the test's own."""

    path: str
    # Reads a path with a query.
    get: Callable
    # Of an entry: how it is known.
    name: Callable
    remove: Callable
    # Changes an entry so that it would stand elsewhere, if anything can; returns how it is known then.
    move: Callable | None = None
    filters: dict = field(default_factory=dict)
    # Which of the entries are the test's; others stay as they are.
    owns: Callable = lambda entry: True

    def part(self, cursor=None, limit=2):
        answer = self.get(self.path, self.filters | {"limit": limit} | ({"cursor": cursor} if cursor else {}))
        assert answer.status_code == 200, answer.text
        return entries_of(answer)

    def walk(self, limit=2, cursor=None):
        """The names of all entries, part by part."""
        names = []
        while True:
            entries, cursor = self.part(cursor, limit)
            assert len(entries) <= limit
            names += [self.name(entry) for entry in entries]
            if cursor is None:
                return names


def entries_of(answer):
    """The entries of a part, and the cursor of the next."""
    if answer.headers["Content-Type"].startswith("text/html"):
        cursor = answer.text.partition("?cursor=")[2].partition('"')[0]
        ids = [part.partition('"')[0] for part in answer.text.split('"/dev/mailbox/')[1:]]
        return [{"id": identifier} for identifier in ids], cursor or None
    document = answer.json()
    if isinstance(document, list):
        link = answer.links.get("next", {}).get("url", "")
        return document, link.partition("cursor=")[2] or None
    return document["data"], document["next_cursor"]


def by_id(entry):
    return entry["id"]


def of_administration(admin, path, **options):
    return Listing(path, get=lambda path, query: admin.client.get(path, params=query, headers=admin.headers), **options)


def deleting(server, table, column="id"):
    def remove(name):
        value = key(name) if column == "id" else name
        assert server.database.execute(f"DELETE FROM {table} WHERE {column} = ?", value) > 0

    return remove


def sessions_of(server, admin):
    """A person with seven sessions, of whom the last asks; how to use one; how to end one."""
    person = make_person(server)
    tokens = [sign_in(server, person, headers={"X-Token-Delivery": "body"})[1] for _ in range(7)]
    entries = admin.ok("GET", f"/users/{person.id}/sessions")["data"]
    refresh = dict(zip([entry["id"] for entry in entries], [each["refresh_token"] for each in reversed(tokens)]))

    def use(name):
        server.database.execute("UPDATE sessions SET last_used = last_used - ?", span(1_000))
        answer = server.client().post(
            "/refresh-token", json={"refresh_token": refresh[name]}, headers={"X-Token-Delivery": "body"})
        assert answer.status_code == 200, answer.text
        refresh[name] = answer.json()["refresh_token"]
        return name

    return person, tokens[-1]["access_token"], use


def own_sessions(server, admin):
    _, token, use = sessions_of(server, admin)
    client = server.client()

    def remove(name):
        assert client.delete(f"/me/sessions/{name}", headers=bearer(token)).status_code == 204

    return Listing(
        "/me/sessions", get=lambda path, query: client.get(path, params=query, headers=bearer(token)), name=by_id,
        remove=remove, move=use, owns=lambda entry: not entry["is_current"])


def sessions_of_a_user(server, admin):
    person, _, use = sessions_of(server, admin)
    path = f"/users/{person.id}/sessions"
    return of_administration(
        admin, path, name=by_id, remove=lambda name: admin.ok("DELETE", f"{path}/{name}", status=204), move=use)


def users(server, admin):
    tag = uuid.uuid4().hex
    for number in range(7):
        admin.ok("POST", "/users", {"email": f"{number}.{tag}@example.com", "is_verified": True}, 201)
    return of_administration(
        admin, "/users", name=by_id, filters={"search": tag},
        remove=lambda name: admin.ok("DELETE", f"/users/{name}", status=204))


def make_roles(admin):
    """Of names in the middle of the alphabet."""
    tag = uuid.uuid4().hex
    names = [f"m{number}-{tag}" for number in range(7)]
    return {name: admin.ok("POST", "/roles", {"name": name, "permissions": []}, 201)["id"] for name in names}


def renaming(admin, roles):
    def rename(name):
        other = "z" + name
        admin.ok("PATCH", f"/roles/{roles[name]}", {"name": other})
        roles[other] = roles.pop(name)
        return other

    return rename


def roles(server, admin):
    roles = make_roles(admin)
    return of_administration(
        admin, "/roles", name=lambda entry: entry["name"], move=renaming(admin, roles),
        remove=lambda name: admin.ok("DELETE", f"/roles/{roles[name]}", status=204),
        owns=lambda entry: entry["name"] in roles)


def roles_of_a_user(server, admin):
    roles = make_roles(admin)
    person = make_person(server)
    path = f"/users/{person.id}/roles"
    admin.ok("PUT", path, {"roles": list(roles)})

    def remove(name):
        del roles[name]
        admin.ok("PUT", path, {"roles": list(roles)})

    return of_administration(
        admin, path, name=lambda entry: entry["name"], remove=remove, move=renaming(admin, roles))


def services(server, admin):
    tag = uuid.uuid4().hex[:8]
    slugs = [f"shop-{number}-{tag}" for number in range(7)]
    for slug in slugs:
        admin.ok("POST", "/services", SERVICE | {"slug": slug, "audience": slug}, 201)
    return of_administration(
        admin, "/services", name=lambda entry: entry["slug"], owns=lambda entry: entry["slug"] in slugs,
        remove=lambda name: admin.ok("DELETE", f"/services/{name}", status=204))


def service_accounts(server, admin):
    for number in range(7):
        admin.ok("POST", "/service-accounts", {"name": f"robot {number}"}, 201)
    return of_administration(
        admin, "/service-accounts", name=by_id,
        remove=lambda name: admin.ok("DELETE", f"/service-accounts/{name}", status=204))


def api_keys(server, admin):
    for number in range(7):
        key_of(admin("POST", "/api-keys", {"name": f"key {number}", "services": ["cvmaker"]}))
    return of_administration(admin, "/api-keys", name=by_id, remove=deleting(server, "api_keys"))


def usage(server, admin):
    person = make_person(server)
    _, tokens = sign_in(server, person)
    gate = key_of(admin("POST", "/api-keys", {"name": "gate", "scopes": ["access:check"]}))
    for service in ["cvmaker", "jobportal"]:
        body = {"service": service, "credential": tokens["access_token"]}
        assert server.client().post("/access/check", json=body, headers=bearer(gate)).json()["allowed"]
    today = admin.ok("GET", f"/usage?subject=user:{person.id}")["data"]
    assert len(today) == 2
    # The days before: what is in memory is of today.
    for days in range(1, 5):
        server.database.execute(
            "INSERT INTO usage_counters (subject, window_end, service_id, unit, window_start, used, reserved,"
            " threshold_told_for, exhaustion_told_for) SELECT subject, window_end - ?, service_id, unit,"
            " window_start - ?, used, 0, 0, 0 FROM usage_counters WHERE window_start = ?",
            span(days * DAY), span(days * DAY), time_of(today[0]["day"]))
    return of_administration(
        admin, "/usage", filters={"subject": f"user:{person.id}"},
        name=lambda entry: (entry["day"], entry["service_id"]),
        remove=lambda name: server.database.execute(
            "DELETE FROM usage_counters WHERE window_start = ? AND service_id = ?", time_of(name[0]), key(name[1])),
        owns=lambda entry: entry["day"] != today[0]["day"])


def time_of(text):
    return moment(int(datetime.fromisoformat(text).timestamp() * 1_000))


def audit(server, admin):
    person = make_person(server)
    for _ in range(7):
        admin.ok("POST", f"/users/{person.id}/block", {"reason": "spam"})
        admin.ok("POST", f"/users/{person.id}/unblock")
    return of_administration(
        admin, "/audit", filters={"subject": f"user:{person.id}", "action": "user.blocked"}, name=by_id,
        remove=deleting(server, "audit_entries"))


def insert_job(server, queue):
    server.database.execute(
        "INSERT INTO jobs (id, kind, queue, version, arguments, state, priority, due_at, attempts, attempts_max, fence,"
        " created_at) VALUES (?, 'test.unknown', ?, 1, '{}', 'available', 5, ?, 0, 20, 0, ?)",
        uuid.uuid4(), queue, moment(0), moment(0))


def jobs(server, admin):
    for _ in range(7):
        insert_job(server, "lists")
    return of_administration(
        admin, "/jobs", filters={"queue": "lists"}, name=by_id, remove=deleting(server, "jobs"))


def queues(server, admin):
    names = [f"lists-{number}" for number in range(7)]
    for name in names:
        insert_job(server, name)
    return of_administration(
        admin, "/jobs/queues", name=lambda entry: entry["name"], remove=deleting(server, "jobs", "queue"),
        owns=lambda entry: entry["name"] in names)


def dead_letters(server, admin):
    """Of two groups each, so that the group decides between equals."""
    for number in range(8):
        if number % 2 == 0:
            event = uuid.uuid4()
        server.database.execute(
            "INSERT INTO dead_letters (id, group_name, number, source, type, subject, time, data, reach, attempts, error,"
            " buried_at) VALUES (?, ?, 1, '/gapura/accounts', 'test.listed', ?, ?, '{}', 'public', 20, 'no', ?)",
            event, ["access", "notifications"][number % 2], uuid.uuid4(), moment(0), datetime.now(timezone.utc))
    return of_administration(
        admin, "/events/dead-letters", filters={"type": "test.listed"},
        name=lambda entry: (entry["event"]["id"], entry["group"]),
        remove=lambda name: server.database.execute(
            "DELETE FROM dead_letters WHERE id = ? AND group_name = ?", key(name[0]), name[1]))


def make_webhook(admin, number=0):
    body = {"url": f"https://hooks.example.com/{number}", "event_types": ["user.deleted"]}
    return admin.ok("POST", "/webhooks", body, 201)["id"]


def webhooks(server, admin):
    made = [make_webhook(admin, number) for number in range(7)]
    return of_administration(
        admin, "/webhooks", name=by_id, owns=lambda entry: entry["id"] in made,
        remove=lambda name: admin.ok("DELETE", f"/webhooks/{name}", status=204))


def deliveries(server, admin):
    webhook = make_webhook(admin)
    for _ in range(7):
        server.database.execute(
            "INSERT INTO webhook_deliveries (id, endpoint_id, event_id, event_type, subject, body, round, state, attempts,"
            " next_attempt_at, created_at, ended_at) VALUES (?, ?, ?, 'user.deleted', ?, '{}', 0, 'failed', 11, ?, ?, ?)",
            uuid.uuid4(), key(webhook), uuid.uuid4(), uuid.uuid4(), *[moment(int(time.time() * 1_000))] * 3)
    return of_administration(
        admin, f"/webhooks/{webhook}/deliveries", filters={"state": "failed"}, name=by_id,
        remove=deleting(server, "webhook_deliveries"))


def mails(path):
    def make(server, admin):
        recipient = fresh_email("reader")
        for number in range(7):
            server.database.execute(
                "INSERT INTO captured_mails (id, recipient, subject, text, html, created_at) VALUES (?, ?, ?, 't', 'h', ?)",
                uuid.uuid4(), recipient, f"Mail {number}", moment(0))
        client = server.client()
        return Listing(
            path, get=lambda path, query: client.get(path, params=query), name=by_id,
            remove=deleting(server, "captured_mails"), filters={"to": recipient} if path.endswith("json") else {})

    return make


def notifications(server, admin):
    person = uuid.uuid4()
    for number in range(7):
        server.database.execute(
            "INSERT INTO notifications (id, dedupe_key, template, reference, user_id, state, attempts, next_attempt_at,"
            " created_at) VALUES (?, ?, 'welcome', ?, ?, 'sent', 1, ?, ?)",
            uuid.uuid4(), str(uuid.uuid4()), uuid.uuid4(), person, moment(0), moment(0))
    return of_administration(
        admin, "/notifications", filters={"user_id": str(person), "state": "sent"}, name=by_id,
        remove=deleting(server, "notifications"))


def suppressions(server, admin):
    addresses = [fresh_email(f"s{number}").lower() for number in range(7)]
    for address in addresses:
        admin.ok("POST", "/notifications/suppressions", {"address": address}, 201)
    return of_administration(
        admin, "/notifications/suppressions", name=lambda entry: entry["address"],
        remove=lambda name: admin.ok("DELETE", f"/notifications/suppressions/{name}", status=204),
        owns=lambda entry: entry["address"] in addresses)


def passkeys(server, admin):
    person = make_person(server)
    _, tokens = sign_in(server, person)
    for number in range(7):
        identifier = admin.ok("POST", "/roles", {"name": f"p{uuid.uuid4().hex}", "permissions": []}, 201)["id"]
        server.database.execute(
            "INSERT INTO passkeys (id, user_id, credential_id, public_key, algorithm, rp_id, sign_count,"
            " backup_eligible, backed_up, transports, aaguid, name, created_at) VALUES (?, ?, ?, ?, -7, 'localhost', 0,"
            " ?, ?, '', ?, ?, ?)",
            key(identifier), key(person.id), uuid.uuid4().bytes, b"key", False, False, bytes(16), f"key {number}",
            moment(number))
    headers = bearer(tokens["access_token"])
    client = server.client()

    def remove(name):
        assert client.delete(f"/me/passkeys/{name}", headers=headers).status_code == 204

    def rename(name):
        answer = client.patch(f"/me/passkeys/{name}", json={"name": "zzz"}, headers=headers)
        assert answer.status_code == 200, answer.text
        return name

    return Listing(
        "/me/passkeys", get=lambda path, query: client.get(path, params=query, headers=headers), name=by_id,
        remove=remove, move=rename)


LISTS = {
    "/me/sessions": own_sessions,
    "/me/passkeys": passkeys,
    "/users": users,
    "/users/{id}/sessions": sessions_of_a_user,
    "/users/{id}/roles": roles_of_a_user,
    "/roles": roles,
    "/services": services,
    "/service-accounts": service_accounts,
    "/api-keys": api_keys,
    "/usage": usage,
    "/audit": audit,
    "/jobs": jobs,
    "/jobs/queues": queues,
    "/events/dead-letters": dead_letters,
    "/notifications": notifications,
    "/notifications/suppressions": suppressions,
    "/webhooks": webhooks,
    "/webhooks/{id}/deliveries": deliveries,
    "/dev/mailbox": mails("/dev/mailbox"),
    "/dev/mailbox.json": mails("/dev/mailbox.json"),
}


@pytest.fixture(params=LISTS)
def listing(request, start):
    server = start()
    return LISTS[request.param](server, make_admin(server))


def test_parts_lead_through_the_list_and_cursors_are_its_own(listing):
    """Reads only; each step of the suite leaves the entries as they were."""
    everything = listing.walk(limit=100)
    assert len(everything) == len(set(everything)) >= 6
    for limit in [1, 2, len(everything)]:
        assert listing.walk(limit) == everything

    _, cursor = listing.part()
    for mangled in mangled_ones(cursor):
        refused(listing, mangled)
    _, other = listing.part(limit=3)
    assert other != cursor
    assert listing.walk(3, cursor) == everything[2:]


def mangled_ones(cursor):
    middle = len(cursor) // 2
    changed = "A" if cursor[middle] != "A" else "B"
    return [
        cursor[:-1], cursor[1:], cursor + "A", cursor + "=", "A" + cursor, cursor[:middle] + changed + cursor[middle + 1:],
        cursor[:4], cursor + cursor, *PLAIN_CURSORS,
    ]


def refused(listing, cursor, **filters):
    answer = listing.get(listing.path, listing.filters | filters | {"cursor": cursor, "limit": 2})
    if answer.headers["Content-Type"].startswith("text/html"):
        assert answer.status_code == 422
    else:
        assert set(problem(answer, 422, "validation_failed")["errors"]) == {"cursor"}


def test_an_entry_that_goes_or_moves_takes_no_other_along(listing):
    everything = listing.walk(limit=100)
    entries, cursor = listing.part(limit=3)
    last = next((listing.name(entry) for entry in reversed(entries) if listing.owns(entry)), None)
    if listing.move and last:
        moved = listing.move(last)
        rest = [name for name in listing.walk(2, cursor) if name != moved]
        assert rest == everything[3:]
        listing.remove(moved)
    elif last:
        listing.remove(last)
    assert [name for name in listing.walk(2, cursor)] == everything[3:]

    # A11: everything is ended part by part, and nothing is left.
    cursor = None
    while True:
        entries, cursor = listing.part(cursor, limit=2)
        for entry in entries:
            if listing.owns(entry):
                listing.remove(listing.name(entry))
        if cursor is None:
            break
    assert [entry for entry in listing.part(limit=100)[0] if listing.owns(entry)] == []


def test_a_session_that_is_used_meanwhile_is_not_missed(start):
    server = start()
    listing = own_sessions(server, make_admin(server))
    everything = listing.walk(limit=100)
    _, cursor = listing.part(limit=2)
    listing.move(everything[5])
    assert listing.walk(2, cursor) == everything[2:]


def test_a_cursor_of_another_list_another_owner_or_other_filters_is_refused(start):
    server = start()
    admin = make_admin(server)
    lists = [make(server, admin) for make in (users, jobs, audit, sessions_of_a_user, sessions_of_a_user, own_sessions,
                                              own_sessions)]
    cursors = [listing.part()[1] for listing in lists]
    for number, listing in enumerate(lists):
        assert listing.part(cursors[number])[0]
        for other, cursor in enumerate(cursors):
            if other != number:
                refused(listing, cursor)
    refused(lists[0], cursors[0], is_active="true")
    refused(lists[0], cursors[0], search="other")
    refused(lists[1], cursors[1], state="available")


@pytest.mark.database_plays_no_part
def test_no_list_of_the_document_is_missing_here(client):
    document = client.get("/openapi.json").json()
    schemas = document["components"]["schemas"]
    found = set()
    for path, item in document["paths"].items():
        # Pages show a list of the API.
        if path.startswith("/account/"):
            continue
        for method, operation in item.items():
            parameters = {parameter["name"] for parameter in operation.get("parameters", [])}
            schema = operation["responses"].get("200", {}).get("content", {}).get("application/json", {}).get("schema", {})
            schema = schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
            is_list = "next_cursor" in schema.get("properties", {}) and method == "get"
            if is_list or "cursor" in parameters:
                assert {"limit", "cursor"} <= parameters, path
                found.add(path)
    assert found == set(LISTS)
