"""Guessing: slowed down, stopped, told once; and never a way to lock the owner out."""

import random
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from support import mails, raw
from support.client import PASSWORD, Person, at_once, bearer, fresh_email, make_person, problem
from support.server import run
from support.store import DAY, HOUR, MINUTE, SECOND, Store, key

# What is counted and locked is tested on both, the rules that follow from it on one.
pytestmark = pytest.mark.database_plays_no_part
on_both = pytest.mark.only_on("sqlite", "postgres")

PROXY = {"TRUSTED_PROXIES": "127.0.0.1"}
WRONG = "not the password"


class Guesser:
    """Somebody behind our proxy, at an address of his own."""

    def __init__(self, server, address="198.51.100.7", device=None):
        self.client = server.client()
        self.client.headers["X-Forwarded-For"] = address
        self.device = device
        if device:
            self.client.headers["Cookie"] = f"gapura_device={device}"

    def guess(self, email, password=WRONG):
        return self.client.log_in(email, password)


def known_device(server, person, address="203.0.113.9"):
    """The owner's browser, signed in once: the device cookie is all that stays."""
    owner = Guesser(server, address)
    assert owner.guess(person.email, person.password).status_code == 200
    return Guesser(server, address, device=owner.client.cookies["gapura_device"])


def wait_of(answer):
    problem(answer, 429, "too_many_attempts")
    assert "Set-Cookie" not in answer.headers
    return int(answer.headers["Retry-After"])


@pytest.fixture
def site(start):
    """A server behind a proxy without the limits of routes, so that failures alone count; with its store."""
    server = start(**PROXY)
    return server, Store(server)


# Delays and locks


@on_both
@pytest.mark.parametrize("account", ["known", "unknown"])
def test_from_the_fifth_failure_on_each_attempt_waits_twice_as_long_and_the_tenth_locks(site, account):
    server, store = site
    person = make_person(server)
    email = person.email if account == "known" else fresh_email()
    guesser = Guesser(server)
    for _ in range(5):
        problem(guesser.guess(email), 401, "invalid_credentials")
    for seconds in (1, 2, 4, 8, 16):
        assert wait_of(guesser.guess(email)) == seconds
        # The right password is not looked at either, and what is refused does not count.
        assert wait_of(guesser.guess(email, PASSWORD)) == seconds
        store.age_failures(seconds * SECOND, f"account:{email}")
        problem(guesser.guess(email), 401, "invalid_credentials")
    assert store.failures("account:%") == {f"account:{email}": 10}
    assert 14 * 60 < wait_of(guesser.guess(email, PASSWORD)) <= 15 * 60
    # From anywhere.
    assert wait_of(Guesser(server, "192.0.2.1").guess(email, PASSWORD)) > 14 * 60
    store.age_failures(15 * MINUTE, f"account:{email}")
    expected = 200 if account == "known" else 401
    assert guesser.guess(email, PASSWORD).status_code == expected


def test_a_success_forgives_the_failures_before_it(site):
    server, store = site
    person = make_person(server)
    guesser = Guesser(server)
    for _ in range(3):
        for _ in range(4):
            problem(guesser.guess(person.email), 401, "invalid_credentials")
        assert guesser.guess(person.email, PASSWORD).status_code == 200
    assert store.failures("account:%") == {}


def test_failures_of_another_quarter_of_an_hour_do_not_count(site):
    server, store = site
    person = make_person(server)
    guesser = Guesser(server)
    for _ in range(3):
        for _ in range(4):
            problem(guesser.guess(person.email), 401, "invalid_credentials")
        store.age_failures(15 * MINUTE)
    assert guesser.guess(person.email, PASSWORD).status_code == 200


def lock(server, store, person):
    guesser = Guesser(server, f"198.51.100.{random.randrange(1, 255)}")
    for _ in range(10):
        problem(guesser.guess(person.email), 401, "invalid_credentials")
        store.age_failures(30 * SECOND, f"account:{person.email}")
    assert wait_of(guesser.guess(person.email, PASSWORD)) > 14 * 60


@on_both
def test_a_locked_account_opens_on_a_device_that_its_owner_has_used(site):
    server, store = site
    person, stranger = make_person(server), make_person(server)
    owner, other = known_device(server, person), known_device(server, stranger)
    lock(server, store, person)
    assert owner.guess(person.email, PASSWORD).status_code == 200
    # A device of somebody else, or a cookie that nobody signed, opens nothing.
    own, tag = owner.device.split(".")
    others, _ = other.device.split(".")
    for cookie in [other.device, own, f"{own}.{'A' * 22}", f"{others}.{tag}", "x.y"]:
        assert wait_of(Guesser(server, device=cookie).guess(person.email, PASSWORD)) > 14 * 60
    # The lock is still there for the others, and ends.
    assert wait_of(Guesser(server).guess(person.email, PASSWORD)) > 14 * 60


def test_a_known_device_is_slowed_down_but_never_locked(site):
    server, store = site
    person = make_person(server)
    owner = known_device(server, person)
    waits = []
    for failure in range(14):
        problem(owner.guess(person.email), 401, "invalid_credentials")
        if failure >= 4:
            waits.append(wait_of(owner.guess(person.email, PASSWORD)))
        store.age_failures(30 * SECOND, "device:%")
    assert waits == [1, 2, 4, 8, 16, 30, 30, 30, 30, 30]
    assert store.failures("account:%") == {}
    # Others are not slowed down by it.
    assert Guesser(server).guess(person.email, PASSWORD).status_code == 200
    assert owner.guess(person.email, PASSWORD).status_code == 200


def test_a_device_is_remembered_for_five_accounts(site):
    server, store = site
    people = [make_person(server) for _ in range(6)]
    browser = Guesser(server)
    for person in people:
        answer = browser.guess(person.email, PASSWORD)
        [cookie] = [text for text in answer.raw.headers.getlist("Set-Cookie") if text.startswith("gapura_device=")]
        assert cookie.endswith("; Path=/; Max-Age=34560000; HttpOnly; SameSite=Lax")
    assert len(browser.client.cookies["gapura_device"].split(".")) == 6
    for person in (people[0], people[1]):
        lock(server, store, person)
    assert browser.guess(people[1].email, PASSWORD).status_code == 200
    device = browser.client.cookies["gapura_device"]
    assert wait_of(Guesser(server, device=device).guess(people[0].email, PASSWORD)) > 14 * 60


def test_only_a_success_makes_a_device_known(site):
    server, _ = site
    person = make_person(server)
    guesser = Guesser(server)
    guesser.guess(person.email)
    assert "gapura_device" not in guesser.client.cookies


def test_a_hundred_failures_an_hour_lock_a_network(site):
    server, store = site
    person = make_person(server)
    owner = known_device(server, person, "198.51.100.7")
    guesser = Guesser(server)
    for _ in range(100):
        problem(guesser.guess(fresh_email()), 401, "invalid_credentials")
    assert 59 * 60 < wait_of(guesser.guess(person.email, PASSWORD)) <= 3_600
    assert wait_of(guesser.guess(fresh_email())) > 59 * 60
    # The next address is another network, and whoever shares this one with the guesser is known by his device.
    assert Guesser(server, "198.51.100.8").guess(person.email, PASSWORD).status_code == 200
    assert owner.guess(person.email, PASSWORD).status_code == 200
    store.age_failures(HOUR, "network:%")
    assert guesser.guess(person.email, PASSWORD).status_code == 200


def test_of_ipv6_the_first_64_bits_are_a_network(site):
    server, _ = site
    person = make_person(server)
    for number in range(100):
        problem(Guesser(server, f"2001:db8:0:1::{number:x}").guess(fresh_email()), 401, "invalid_credentials")
    assert wait_of(Guesser(server, "2001:db8:0:1:ffff::1").guess(person.email, PASSWORD)) > 59 * 60
    assert Guesser(server, "2001:db8:0:2::1").guess(person.email, PASSWORD).status_code == 200


@on_both
def test_a_lock_holds_after_a_restart(site):
    server, store = site
    person = make_person(server)
    lock(server, store, person)
    server.kill()
    server.start()
    assert wait_of(Guesser(server).guess(person.email, PASSWORD)) > 14 * 60


def test_an_address_that_the_client_makes_up_counts_for_nothing(start):
    server = start()
    person = make_person(server)
    for number in range(100):
        problem(Guesser(server, f"198.51.100.{number}").guess(fresh_email()), 401, "invalid_credentials")
    assert wait_of(Guesser(server, "192.0.2.77").guess(person.email, PASSWORD)) > 59 * 60


# What is told


@on_both
def test_failures_and_locks_are_told_once_and_logged(site):
    server, store = site
    person = make_person(server)
    lock(server, store, person)
    # A flood in the lock changes nothing.
    for _ in range(20):
        wait_of(Guesser(server).guess(person.email))
    user = {"user_id": person.id}
    assert store.events(person.id, "user.login_failed") == [("user.login_failed", user)]
    assert store.events(person.id, "account.locked") == [("account.locked", user)]
    assert store.audit(f"user:{person.id}", "account.locked") == [("account.locked", "done", None, "system", 1)]
    refusals = store.audit(f"user:{person.id}", "session.open")
    # One row a minute; a minute may end meanwhile.
    assert sum(count for *_, count in refusals) == 10 and len(refusals) <= 2
    assert {row[:4] for row in refusals} == {("session.open", "refused", "invalid_credentials", "anonymous")}
    mail = mails.wait_for(server.client(), person.email, mails.LOCKED)
    assert mail["links"] == []


def test_one_mail_a_day_tells_of_locks(site):
    server, store = site
    person = make_person(server)
    for _ in range(3):
        lock(server, store, person)
        store.age_failures(15 * MINUTE)
    client = server.client()
    mails.all_sent(client)
    assert len(store.events(person.id, "account.locked")) == 3
    # Midnight may come meanwhile.
    assert len(mails.mails(client, person.email, mails.LOCKED)) in (1, 2)


def test_nobody_is_told_of_guesses_at_an_address_without_an_account(site):
    server, store = site
    email = fresh_email()
    guesser = Guesser(server)
    for _ in range(10):
        problem(guesser.guess(email), 401, "invalid_credentials")
        store.age_failures(30 * SECOND)
    client = server.client()
    mails.all_sent(client)
    assert client.mails(email) == []
    assert store.rows("SELECT * FROM test_events WHERE type IN ('user.login_failed', 'account.locked')") == []


# Attacks


def flood(server, guesses):
    """Sends (address, email, password) as fast as a few kept connections can; returns the statuses in order."""
    guesses = list(guesses)

    def send(part):
        statuses = []
        with raw.Connection(server) as connection:
            for address, email, password in part:
                header = f"X-Forwarded-For: {address}\r\n"
                connection.send(raw.post("/login", {"email": email, "password": password}, header))
                statuses.append(connection.read().status)
        return statuses

    count = 6
    with ThreadPoolExecutor(count) as pool:
        parts = list(pool.map(send, [guesses[number::count] for number in range(count)]))
    statuses = [None] * len(guesses)
    for number, part in enumerate(parts):
        statuses[number::count] = part
    return statuses


ADDRESSES = [f"10.{number // 250}.{number % 250}.1" for number in range(1_000)]


@on_both
def test_guesses_from_everywhere_at_one_account_are_5_hashes_a_minute(start, effort, record_property):
    server = start(RATE_LIMIT="5/1m", **PROXY)
    store = Store(server)
    person = make_person_at(server, "203.0.113.2")
    owner = known_device(server, person, "203.0.113.9")
    with ThreadPoolExecutor(1) as pool:
        count = effort(2_000, 10_000)
        attack = pool.submit(
            flood, server, [(ADDRESSES[number % 1_000], person.email, f"guess {number}") for number in range(count)]
        )
        # The owner, in the midst of it.
        served = 0
        while not attack.done() and served < 3:
            assert owner.guess(person.email, PASSWORD).status_code == 200
            served += 1
        statuses = Counter(attack.result())
    reached = statuses[401]
    record_property("guesses_that_reached_the_hash", reached)
    assert set(statuses) == {401, 429}
    # The run may begin in one window of a minute and end in another.
    assert reached <= 5 * 2 and served >= 1
    assert sum(store.failures("account:%").values()) == reached
    assert owner.guess(person.email, PASSWORD).status_code == 200


@on_both
def test_60_guesses_at_once_are_looked_at_as_60_in_turn_would_be(site):
    server, store = site
    person = make_person(server)
    owner = known_device(server, person)
    guess_at_once([server], store, person, owner)


@pytest.mark.only_on("postgres")
def test_60_guesses_at_once_on_three_processes_are_looked_at_as_60_in_turn_would_be(start, tmp_path):
    folder = tmp_path / "shared"
    (folder / "data").mkdir(parents=True)
    master_key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    servers = [
        start(folder=folder, MASTER_KEY=master_key, APP_URL="http://gate.example", **PROXY) for _ in range(3)
    ]
    store = Store(servers[0])
    person = make_person(servers[0])
    owner = known_device(servers[0], person)
    guess_at_once(servers, store, person, owner)


def guess_at_once(servers, store, person, owner):
    """The right password is among the guesses; whoever makes it may get in only if it is one of the first."""

    def guess(number):
        if number == 30:
            browser = Guesser(servers[number % len(servers)], "203.0.113.9", device=owner.device)
            return browser.guess(person.email, PASSWORD)
        return Guesser(servers[number % len(servers)], ADDRESSES[number]).guess(person.email, f"guess {number}")

    statuses = [answer.status_code for answer in at_once(60, guess)]
    assert statuses.pop(30) == 200
    # Slow starters may come after the first delay of a second, and then wait for two.
    assert 5 <= statuses.count(401) <= 10 and set(statuses) == {401, 429}
    assert store.failures("account:%") == {f"account:{person.email}": statuses.count(401)}
    assert store.value("SELECT sum(pending) FROM login_attempts") == 0


@on_both
def test_60_confirmations_at_once_are_compared_as_60_in_turn_would_be(site):
    server, store = site
    person = make_person(server)
    mine = bearer(server.client().log_in(person.email).json()["access_token"])
    asks = [
        ("POST", "/change-password", {"current_password": WRONG, "new_password": "a good new password"}),
        ("POST", "/change-email", {"email": "new@example.com", "password": WRONG}),
        ("DELETE", "/me", {"password": WRONG}),
    ]

    def confirm(number):
        method, path, body = asks[number % 3]
        return server.client().request(method, path, json=body, headers=mine)

    statuses = Counter(answer.status_code for answer in at_once(60, confirm))
    assert set(statuses) == {403, 429} and 5 <= statuses[403] <= 10
    assert list(store.failures("session:%").values()) == [statuses[403]]


def test_ten_wrong_confirmations_end_the_session_and_are_told(site):
    server, store = site
    person = make_person(server)
    client, other = server.client(), server.client()
    mine = bearer(client.log_in(person.email).json()["access_token"])
    body = {"current_password": WRONG, "new_password": "a good new password"}
    other.log_in(person.email)
    for number in range(10):
        assert server.client().get("/me", headers=mine).status_code == 200
        problem(server.client().post("/change-password", json=body, headers=mine), 403, "wrong_password")
        if number == 4:
            assert wait_of(server.client().post("/change-password", json=body, headers=mine)) == 1
        store.age_failures(30 * SECOND, "session:%")
    problem(server.client().get("/me", headers=mine), 401, "unauthenticated")
    assert other.get("/me").status_code == 200
    [(_, data)] = store.events(person.id, "session.ended_by_guessing")
    assert data["user_id"] == person.id
    mail = mails.wait_for(server.client(), person.email, mails.SESSION_ENDED)
    assert mail["links"] == []


def make_person_at(server, address):
    """Somebody who registered from there. The captured mails are shown only to our own machine."""
    email = fresh_email()
    answer = Guesser(server, address).client.register(email)
    assert answer.status_code == 201, answer.text
    client = server.client()
    assert client.prove(client.link_token(email)).status_code == 200
    return Person(email, answer.json()["id"])


def test_guesses_from_everywhere_at_many_accounts_are_5_an_account_and_minute(start, effort, record_property):
    server = start(RATE_LIMIT="5/1m", **PROXY)
    store = Store(server)
    account_count = effort(100, 1_000)
    people = [make_person_at(server, f"203.0.113.{number}") for number in range(1, 4)]
    owners = [known_device(server, person, f"203.0.113.{number + 100}") for number, person in enumerate(people)]
    # The others are copies of the first, with addresses of their own.
    copies = [(uuid.uuid4(), f"copy{number}@example.com") for number in range(account_count - len(people))]
    store.change_all(
        "INSERT INTO users (id, email, email_key, password_hash, is_active, is_verified, locale, provider,"
        " created_at, updated_at) SELECT ?, ?, ?, password_hash, is_active, is_verified, locale, provider, created_at,"
        " updated_at FROM users WHERE id = ?",
        [(id, email, email, key(people[0].id)) for id, email in copies],
    )
    emails = [person.email for person in people] + [email for _, email in copies]
    random.Random(3).shuffle(emails)
    # Ten of each account, from addresses that try it once, as a botnet would.
    guesses = [
        (ADDRESSES[number % 1_000], emails[(number + number // 1_000 * 37) % account_count], "password1")
        for number in range(10 * account_count)
    ]
    with ThreadPoolExecutor(1) as pool:
        attack = pool.submit(flood, server, guesses)
        rounds = 0
        while not attack.done() and rounds < 3:
            for owner, person in zip(owners, people):
                assert owner.guess(person.email, PASSWORD).status_code == 200
            rounds += 1
        statuses = attack.result()
    counts = Counter(statuses)
    reached = Counter(email for (_, email, _), status in zip(guesses, statuses) if status == 401)
    record_property("guesses_that_reached_the_hash", counts[401])
    assert set(counts) == {401, 429} and rounds >= 1
    assert max(reached.values()) <= 10 and counts[401] <= 5 * account_count * 2
    assert sum(store.failures("account:%").values()) == counts[401]


# Codes


def request_code(server, store, person, count):
    if count > 1:
        store.age_links(person.id, MINUTE)
        store.age_codes(person.id, MINUTE)
    client = server.client()
    assert client.post("/request/login-code", json={"email": person.email}).status_code == 202
    return mails.code_of(mails.wait_for(client, person.email, mails.CODE, count))


def guess_code(server, person, code):
    return Guesser(server).client.post("/login/code", json={"email": person.email, "code": code})


def wrong_code(code, number=1):
    return f"{(int(code) + number) % 1_000_000:06}"


@on_both
def test_a_code_has_five_tries(site):
    server, store = site
    person = make_person(server)
    code = request_code(server, store, person, 1)
    for number in range(4):
        problem(guess_code(server, person, wrong_code(code, number + 1)), 401, "invalid_code")
    assert guess_code(server, person, code).status_code == 200

    code = request_code(server, store, person, 2)
    for number in range(5):
        problem(guess_code(server, person, wrong_code(code, number + 1)), 401, "invalid_code")
    assert wait_of(guess_code(server, person, code)) == 1
    store.age_failures(30 * SECOND, "account:%")
    problem(guess_code(server, person, code), 401, "invalid_code")
    store.age_failures(30 * SECOND, "account:%")
    assert guess_code(server, person, request_code(server, store, person, 3)).status_code == 200


@pytest.mark.parametrize("code", ["", "1", "12345", "1234567", "abcdef", "１２３４５６", " 123456"])
def test_what_is_no_code_is_refused(site, code):
    server, _ = site
    answer = guess_code(server, make_person(server), code)
    assert answer.status_code in (401, 422)


def test_twenty_guesses_at_codes_a_day_are_all(site):
    server, store = site
    person = make_person(server)
    for round in range(4):
        code = request_code(server, store, person, round + 1)
        for number in range(5):
            problem(guess_code(server, person, wrong_code(code, number + 1)), 401, "invalid_code")
        store.age_failures(15 * MINUTE)
    code = request_code(server, store, person, 5)
    problem(guess_code(server, person, code), 401, "invalid_code")
    # Another day: the guesses of the first one are forgotten, this code is still good.
    spent = "WHERE user_id = ? AND attempts = 5"
    store.age("login_codes", DAY, "created_at", where=spent, values=(key(person.id),))
    assert guess_code(server, person, code).status_code == 200


@on_both
def test_failures_by_code_and_by_password_count_together(site):
    server, store = site
    person = make_person(server)
    guesser = Guesser(server)
    code = request_code(server, store, person, 1)
    for _ in range(3):
        problem(guesser.guess(person.email), 401, "invalid_credentials")
    for number in range(2):
        problem(guess_code(server, person, wrong_code(code, number + 1)), 401, "invalid_code")
    assert wait_of(guesser.guess(person.email, PASSWORD)) == 1
    assert wait_of(guess_code(server, person, code)) == 1


# Mails


@pytest.mark.parametrize("kind, path", [
    (mails.CODE, "/request/login-code"), (mails.RESET, "/forget-password"), (mails.VERIFY, "/request/verify"),
    (mails.NEW_ADDRESS, "/change-email"),
])
def test_one_mail_a_minute_and_five_an_hour_or_three_in_all_to_an_address_that_nobody_has_proved(site, kind, path):
    server, store = site
    most = 3 if kind == mails.VERIFY else 5
    client = server.client()
    to = email = fresh_email()
    user_id = client.register(email).json()["id"]
    sent = 0
    if kind == mails.VERIFY:
        sent = 1
        store.age_links(user_id, MINUTE)
    else:
        client.prove(mails.token(client, email, mails.VERIFY))
    body, headers = {"email": email}, {}
    if kind == mails.NEW_ADDRESS:
        to = fresh_email("new")
        body = {"email": to, "password": PASSWORD}
        headers = bearer(client.log_in(email).json()["access_token"])

    def ask():
        assert client.post(path, json=body, headers=headers).status_code == 202

    for _ in range(most - sent):
        sent += 1
        ask()
        ask()
        mails.wait_for(client, to, kind, sent)
        store.age_links(user_id, MINUTE)
        if kind == mails.CODE:
            store.age_codes(user_id, MINUTE)
    # Only somebody who is signed in is told: others would learn that the account is there.
    over = client.post(path, json=body, headers=headers)
    assert over.status_code == (429 if kind == mails.NEW_ADDRESS else 202)
    mails.all_sent(client)
    assert len(mails.mails(client, to, kind)) == most
    store.age_links(user_id, 56 * MINUTE)
    if kind == mails.CODE:
        store.age_codes(user_id, 56 * MINUTE)
    ask()
    if kind == mails.VERIFY:
        mails.all_sent(client)
        assert len(mails.mails(client, to, kind)) == most
    else:
        mails.wait_for(client, to, kind, most + 1)


# Limits of routes


def limited_routes(person):
    email = {"email": person.email}
    return [
        ("/login", email | {"password": WRONG}, 401), ("/login/code", email | {"code": "000000"}, 401),
        ("/request/login-code", email, 202), ("/request/verify", email, 202), ("/forget-password", email, 202),
        ("/register", email | {"password": PASSWORD}, 409),
    ]


@pytest.mark.parametrize("number", range(6))
def test_each_route_takes_five_attempts_a_minute_at_an_account_from_wherever(start, number):
    server = start(RATE_LIMIT="5/1m", **PROXY)
    person = make_person_at(server, "203.0.113.2")
    path, body, status = limited_routes(person)[number]
    made = path == "/register"
    spellings = [person.email, person.email.upper()]
    # The registration itself was the first.
    for attempt in range(5 - made):
        client = Guesser(server, ADDRESSES[attempt]).client
        spelled = body | {"email": spellings[attempt % 2]}
        assert client.post(path, json=spelled).status_code == status
    assert wait_of(Guesser(server, "192.0.2.200").client.post(path, json=body)) <= 60


@pytest.mark.parametrize("path", ["/login/link", "/new-password", "/login", "/login/code", "/forget-password"])
def test_each_route_takes_five_attempts_a_minute_from_a_network(start, path):
    server = start(RATE_LIMIT="5/1m", **PROXY)
    person = make_person_at(server, "203.0.113.2")

    def attempt(address="198.51.100.7"):
        body = {"email": fresh_email(), "password": PASSWORD, "code": "000000", "token": "x"}
        return Guesser(server, address).client.post(path, json=body)

    for _ in range(5):
        assert attempt().status_code in (202, 400, 401)
    assert wait_of(attempt()) <= 60
    assert attempt("198.51.100.8").status_code in (202, 400, 401)
    assert person.id


@pytest.mark.parametrize("method, path, body", [
    ("POST", "/change-password", {"current_password": WRONG, "new_password": "a good new password"}),
    ("POST", "/change-email", {"email": "new@example.com", "password": WRONG}),
    ("DELETE", "/me", {"password": WRONG}),
])
def test_whoever_is_signed_in_has_five_guesses_at_the_password_too(start, method, path, body):
    server = start(RATE_LIMIT="5/1m", RATE_LIMIT_ADDRESS="1000/1m")
    store = Store(server)
    person = make_person(server)
    client = server.client()
    mine = bearer(client.log_in(person.email).json()["access_token"])
    for _ in range(5):
        problem(server.client().request(method, path, json=body, headers=mine), 403, "wrong_password")
    assert wait_of(server.client().request(method, path, json=body, headers=mine)) <= 60
    refusals = [row for row in store.audit(f"user:{person.id}") if row[1] == "refused"]
    assert sum(row[4] for row in refusals) == 5 and {row[3] for row in refusals} == {f"user:{person.id}"}


def test_limits_may_be_off_only_outside_production(tmp_path):
    variables = {"APP_ENV": "production", "RATE_LIMIT": "off", "APP_URL": "https://id.example.com"}
    done = run("serve", folder=tmp_path, variables=variables)
    assert done.returncode != 0 and "RATE_LIMIT" in done.stderr
