"""`kill -9` during refreshes and changes of passwords: no honest session is lost, no spent token is alive."""

import random
import threading

import pytest
import requests

from support.client import PASSWORD, bearer, make_person, problem
from support.server import eventually
from support.store import SECOND, Store

WINDOW = 30 * SECOND


class Device:
    """An honest client: it goes on with the token of the last answer that arrived, however often it must ask."""

    def __init__(self, server, person):
        self.server = server
        self.person = person
        self.acknowledged = []
        self.wrong = []
        answer = server.client().log_in(person.email, person.password, headers={"X-Token-Delivery": "body"})
        assert answer.status_code == 200, answer.text
        self._take(answer)

    def _take(self, answer):
        self.token, self.access = answer.json()["refresh_token"], answer.json()["access_token"]
        self.acknowledged.append(self.token)

    def refresh(self):
        answer = self.server.client(patience=20).post("/refresh-token", json={"refresh_token": self.token})
        if answer.status_code == 200:
            self._take(answer)
        elif answer.status_code != 503:
            self.wrong.append((answer.status_code, answer.text))

    def refresh_until_killed(self):
        while not self.wrong:
            try:
                self.refresh()
            except requests.RequestException:
                return


@pytest.mark.parametrize("late", [False, True])
def test_no_honest_session_is_lost_and_no_spent_token_is_alive_after_kills_during_refreshes(start, effort, late):
    server = start()
    server.variables["APP_URL"] = server.url
    store = Store(server)
    devices = [Device(server, make_person(server)) for _ in range(8)]
    for _ in range(effort(2, 5)):
        moment = sum(len(device.acknowledged) for device in devices) + random.randrange(20, 120)
        threads = [threading.Thread(target=device.refresh_until_killed) for device in devices]
        for thread in threads:
            thread.start()
        eventually(lambda: sum(len(device.acknowledged) for device in devices) >= moment, "some refreshes")
        server.kill()
        for thread in threads:
            thread.join()
        if late:
            store.age("refresh_tokens", WINDOW, "revoked_at")
        server.start()
        assert [device.wrong for device in devices] == [[]] * 8
        for device in devices:
            count = len(device.acknowledged)
            device.refresh()
            assert device.wrong == [] and len(device.acknowledged) == count + 1
            assert server.client().me(device.access).status_code == 200

    # The tokens of older answers count for nothing; whoever brings one ends his session only.
    store.age("refresh_tokens", 2 * WINDOW, "revoked_at")
    for device in devices[:4]:
        device.refresh()
        assert device.wrong == []
    store.age("refresh_tokens", 2 * WINDOW, "revoked_at")
    client = server.client()
    for device in devices[:4]:
        spent = random.choice(device.acknowledged[:-2])
        problem(client.post("/refresh-token", json={"refresh_token": spent}), 401, "refresh_token_reused")
        problem(client.me(device.access), 401, "unauthenticated")
    for device in devices[4:]:
        device.refresh()
        assert device.wrong == [] and client.me(device.access).status_code == 200


def test_an_ended_session_stays_ended_after_a_kill(start):
    server = start()
    server.variables["APP_URL"] = server.url
    person = make_person(server)
    stolen, other = Device(server, person), Device(server, person)
    store = Store(server)
    first = stolen.token
    for _ in range(2):
        stolen.refresh()
    store.age("refresh_tokens", WINDOW, "revoked_at")
    problem(server.client().post("/refresh-token", json={"refresh_token": first}), 401, "refresh_token_reused")
    out = Device(server, person)
    assert server.client().post("/logout", headers=bearer(out.access)).status_code == 204
    server.kill()
    server.start()
    client = server.client()
    # The access tokens are young, and are refused all the same.
    for device in (stolen, out):
        problem(client.me(device.access), 401, "unauthenticated")
        problem(client.post("/refresh-token", json={"refresh_token": device.token}), 401, "session_revoked")
    other.refresh()
    assert other.wrong == [] and client.me(other.access).status_code == 200


def test_a_password_is_the_old_or_the_new_one_after_a_kill_and_the_sessions_agree(start):
    """Changed whole with its sessions, or not at all; what was acknowledged is so."""
    server = start()
    server.variables["APP_URL"] = server.url
    people = [make_person(server) for _ in range(6)]

    class Owner:
        def __init__(self, person):
            self.person = person
            self.password = PASSWORD
            self.tried = None
            self.wrong = []
            self.changes = 0

        def live(self):
            """Changes the password from one device, while another one is signed in."""
            while not self.wrong:
                try:
                    self.here = Device(server, self.signing(self.password))
                    self.there = Device(server, self.signing(self.password))
                    self.tried = f"password number {self.changes + 1} of {self.person.id}"
                    answer = server.client(patience=20).post(
                        "/change-password", headers=bearer(self.here.access),
                        json={"current_password": self.password, "new_password": self.tried},
                    )
                except (requests.RequestException, AssertionError):
                    return
                if answer.status_code == 200:
                    self.password, self.tried = self.tried, None
                    self.changes += 1
                elif answer.status_code != 503:
                    self.wrong.append((answer.status_code, answer.text))

        def signing(self, password):
            self.person.password = password
            return self.person

        def check(self):
            client = server.client()
            works = [
                password for password in (self.password, self.tried)
                if password and client.log_in(self.person.email, password).status_code == 200
            ]
            # Exactly one; the unacknowledged one may have been taken.
            assert len(works) == 1, (self.password, self.tried)
            changed = works[0] == self.tried
            # The next one must have another number.
            self.changes += changed
            self.password, self.tried = works[0], None
            return changed

    owners = [Owner(person) for person in people]
    for _ in range(5):
        moment = sum(owner.changes for owner in owners) + random.randrange(6, 30)
        threads = [threading.Thread(target=owner.live) for owner in owners]
        for thread in threads:
            thread.start()
        eventually(lambda: sum(owner.changes for owner in owners) >= moment, "some changes")
        server.kill()
        for thread in threads:
            thread.join()
        server.start()
        assert [owner.wrong for owner in owners] == [[]] * len(owners)
        for owner in owners:
            unclear = owner.tried is not None
            changed = owner.check()
            if not unclear:
                continue
            # Both devices are out if the change was taken, this one with new tokens that were lost; in if it was not.
            client = server.client()
            assert client.me(owner.here.access).status_code == (401 if changed else 200)
            answer = client.post("/refresh-token", json={"refresh_token": owner.there.token})
            if changed:
                problem(answer, 401, "session_revoked")
            else:
                assert answer.status_code == 200
    assert server.database.is_sound()
