"""A limit under load: exactly it passes, whatever comes at once, and a kill gives back no more than was promised."""

import json
import random
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass

import pytest
from support import raw
from support.client import bearer, make_person, problem, sign_in
from support.database import span
from support.server import eventually
from support.store import HOUR
from test_administration import SERVICE, key_of, make_admin

CONNECTIONS = 100
REQUESTS_EACH = 10
LIMIT = 50

# What `fast` may give back after a crash, and what a busy machine may add to it: there, the write that was due is late.
# How late, nobody sees from outside; the tests of the meter show the rest with a journal that they hold themselves.
JOURNAL_WINDOW = 0.05
ALLOWANCE = 1


@dataclass
class Decision:
    is_allowed: bool
    reason: str | None
    used: int


class Shop:
    """A service of one server, with the key by which it asks."""

    def __init__(self, server):
        self.server = server
        self.admin = make_admin(server)
        self.admin.ok("POST", "/services", SERVICE | {"required_permission": None}, 201)
        self.key = key_of(self.admin("POST", "/api-keys", {"name": "shop", "scopes": ["access:check:shop"]}))

    def kill(self):
        # Tokens of before shall count afterwards, at another port.
        self.server.variables.setdefault("APP_URL", self.server.url)
        self.server.kill()

    def restart(self):
        self.server.start()
        self.admin.client.url = self.server.url

    def visitor(self, amount, durability):
        return Visitor(self, amount, durability)

    def post(self, path, body=None):
        return self.server.client().post(path, json=body, headers={"X-Api-Key": self.key})


class Visitor:
    """Somebody with a limit of his own for the day."""

    def __init__(self, shop, amount, durability):
        self.shop, self.amount = shop, amount
        self.id = (person := make_person(shop.server)).id
        self.token = sign_in(shop.server, person)[1]["access_token"]
        limit = {"amount": amount, "window": "day", "scope": "global", "durability": durability}
        answer = shop.admin.ok("PUT", f"/users/{self.id}/entitlement", {"plan": "enterprise", "limits": [limit]})
        assert answer["effective_limits"][0]["durability"] == durability

    def question(self, **fields):
        return {"service": "shop", "credential": self.token, "method": "GET", "path": "/x"} | fields

    def request(self, door):
        """The bytes of a question at this door."""
        if door == "check":
            return raw.post("/access/check", self.question(), f"X-Api-Key: {self.shop.key}\r\n")
        return raw.get(
            "/access/forward/shop?dialect=caddy",
            f"X-Forwarded-Uri: /x\r\nX-Forwarded-Method: GET\r\nAuthorization: Bearer {self.token}\r\n")

    def decision(self, answer):
        """What an answer of either door says."""
        if not answer.body or answer.status != 200:
            left = int(answer.headers["ratelimit"].split("r=")[1].split(";")[0])
            return Decision(answer.status == 200, answer.body and answer.code or None, self.amount - left)
        document = json.loads(answer.body)
        return Decision(document["allowed"], document.get("reason"), document["limit"]["used"])

    def ask(self, **fields):
        answer = self.shop.post("/access/check", self.question(**fields))
        assert answer.status_code == 200, answer.text
        return answer.json()

    @property
    def used(self):
        """Without what is set aside."""
        [window] = [use for use in self.own_usage()["windows"] if use["limit"] == self.amount]
        return window["used"]

    def own_usage(self):
        answer = self.shop.server.client().get("/usage/me", headers=bearer(self.token))
        assert answer.status_code == 200, answer.text
        return answer.json()

    def at_once(self, door, count=CONNECTIONS, each=REQUESTS_EACH):
        """The decisions on so many requests that are all sent before any answer is read."""
        with ExitStack() as stack:
            connections = [stack.enter_context(raw.Connection(self.shop.server)) for _ in range(count)]
            for connection in connections:
                connection.send(self.request(door) * each)
            return [self.decision(connection.read()) for connection in connections for _ in range(each)]


def assert_exact(decisions, limit, used_before=0):
    """As many passed as there was room for, each counted by itself; the others were told why not."""
    passed = sorted(decision.used for decision in decisions if decision.is_allowed)
    assert passed == list(range(used_before + 1, limit + 1))
    refused = [decision for decision in decisions if not decision.is_allowed]
    assert {(decision.reason, decision.used) for decision in refused} == {("quota_exhausted", limit)}


@pytest.mark.parametrize("durability", ["fast", "strict"])
def test_of_a_thousand_requests_at_once_exactly_the_limit_passes_and_the_refused_are_not_counted(start, durability):
    shop = Shop(start())
    for door in ("check", "forward"):
        visitor = shop.visitor(LIMIT, durability)
        decisions = visitor.at_once(door)
        assert len(decisions) == 1_000
        assert_exact(decisions, LIMIT)
        assert visitor.used == LIMIT
        days = shop.admin.ok("GET", f"/usage?subject=user:{visitor.id}&service=shop")["data"]
        assert sum(day["used"] for day in days) == LIMIT


class Load:
    """Asks on several connections, one after the other on each, until the server is gone."""

    def __init__(self, visitor, connections=16):
        self.visitor = visitor
        self.sent = 0
        # When each answer that let pass was there.
        self.passed = []
        # What should not have come before the end.
        self.failures = []
        self.is_ending = False
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._run, args=(number,)) for number in range(connections)]
        for thread in self._threads:
            thread.start()

    def _run(self, number):
        request = self.visitor.request("forward" if number % 2 else "check")
        with raw.Connection(self.visitor.shop.server) as connection:
            while True:
                with self._lock:
                    self.sent += 1
                try:
                    decision = self.visitor.decision(connection.send(request).read())
                except (OSError, raw.Closed, ValueError, KeyError) as error:
                    # At the end an answer may be cut anywhere.
                    if not self.is_ending:
                        self.failures.append(error)
                    return
                if not decision.is_allowed:
                    self.failures.append(decision)
                self.passed.append(time.monotonic())

    def join(self):
        for thread in self._threads:
            thread.join()


@pytest.mark.parametrize("durability", ["fast", "strict"])
def test_a_kill_gives_back_what_was_promised_and_no_more(start, durability, record_property):
    shop = Shop(server := start())
    # In PostgreSQL both are counted in the database, before the answer.
    is_durable = durability == "strict" or server.database.kind == "postgres"
    for turn in range(2):
        visitor = shop.visitor(1_000_000, durability)
        load = Load(visitor)
        eventually(lambda: len(load.passed) >= 100, "some answers")
        # Long enough that most of it is older than what may be lost.
        time.sleep(random.uniform(0, 0.2) if is_durable else JOURNAL_WINDOW + ALLOWANCE + random.uniform(0.3, 0.5))
        load.is_ending = True
        killed = time.monotonic()
        shop.kill()
        load.join()
        assert load.failures == []
        shop.restart()
        used = visitor.used
        record_property(f"{turn}: passed, used after the kill", (len(load.passed), used))
        # Requests that were counted, and whose answer was under way, are counted.
        assert used <= load.sent
        if is_durable:
            assert used >= len(load.passed)
        else:
            passed = sorted(load.passed)
            old = [moment for moment in passed if moment <= killed - JOURNAL_WINDOW - ALLOWANCE]
            assert len(old) >= 100
            assert used >= len(old)
            lost = passed[used:]
            record_property(f"{turn}: given back, ms", round(1_000 * (killed - lost[0])) if lost else 0)
        # What is left is counted as before.
        assert visitor.ask(cost=visitor.amount - used - LIMIT)["allowed"]
        assert_exact(visitor.at_once("check", 40, 5), visitor.amount, visitor.amount - LIMIT)
        assert visitor.used == visitor.amount
    assert server.database.is_sound()


def test_an_amount_whose_owner_dies_is_given_back_also_after_a_kill(start):
    shop = Shop(server := start())
    visitor = shop.visitor(LIMIT, "fast")

    def reserve(key, amount):
        answer = shop.post("/access/reserve", visitor.question(amount=amount, key=key, expires_in=3_600))
        assert answer.status_code == 200, answer.text
        return answer.json()["reservation"]["id"]

    dead, alive = reserve("dead", 30), reserve("alive", 15)

    def has_room(amount):
        return visitor.ask(cost=amount, dry_run=True)["allowed"]

    assert has_room(5) and not has_room(6)
    shop.kill()
    shop.restart()
    assert has_room(5) and not has_room(6)
    # As if the hour were over, for one of the two.
    changed = server.database.execute(
        "UPDATE reservations SET reserved_at = reserved_at - ?, expires_at = expires_at - ? WHERE key = 'dead'",
        span(HOUR), span(HOUR))
    assert changed == 1
    eventually(lambda: has_room(35), "the amount to be given back")
    assert not has_room(36)
    problem(shop.post(f"/access/reservations/{dead}/commit", {"used": 1}), 409, "reservation_expired")
    assert shop.post(f"/access/reservations/{alive}/commit", {"used": 7}).json()["state"] == "committed"
    assert has_room(LIMIT - 7) and not has_room(LIMIT - 6)
    assert visitor.used == 7
