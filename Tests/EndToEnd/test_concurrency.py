"""Each use case at the same time as itself: one wins, the others are told so."""

from collections import Counter

from conftest import forget_failed_sign_ins
from support.client import PASSWORD, at_once, bearer, fresh_email, make_person, sign_in, token_of
from support.server import run


def statuses(answers):
    return Counter(answer.status_code for answer in answers)


def test_of_registrations_of_one_address_at_once_one_wins_and_one_mail_goes_out(server):
    email = fresh_email()
    spellings = [email, email.upper(), email.title(), email]
    answers = at_once(4, lambda number: server.client().register(spellings[number]))
    assert statuses(answers) == {201: 1, 409: 3}
    client = server.client()
    [winner] = [answer.json()["email"] for answer in answers if answer.status_code == 201]
    token = client.link_token(winner)
    for marker in (fresh_email("marker"), fresh_email("marker")):
        client.register(marker)
        client.wait_for_mail(marker)
    assert len([mail for mail in client.mails() if mail["to"].lower() == email]) == 1
    assert client.prove(token).status_code == 200


def test_registrations_of_different_addresses_at_once_all_win(server):
    emails = [fresh_email() for _ in range(32)]
    assert statuses(at_once(32, lambda number: server.client().register(emails[number]))) == {201: 32}
    client = server.client()
    assert all(client.wait_for_mail(email) for email in emails)


def test_whoever_presses_a_verification_link_at_once_with_others_hears_that_it_is_done(server):
    client = server.client()
    email = fresh_email()
    client.register(email)
    token = client.link_token(email)
    answers = at_once(8, lambda _: server.client().prove(token))
    assert statuses(answers) == {200: 8}
    assert client.log_in(email).status_code == 200


def test_of_proving_and_declining_at_once_one_wins_and_it_holds(server):
    client = server.client()
    for _ in range(10):
        email = fresh_email()
        client.register(email)
        token = client.link_token(email)
        proved, declined = at_once(
            2, lambda number: server.client().post("/verify/decline" if number else "/verify", json={"token": token})
        )
        assert (proved.status_code, declined.status_code) in [(200, 400), (400, 204)]
        assert client.log_in(email).status_code == (200 if proved.status_code == 200 else 401)


def test_of_uses_of_one_administrator_link_at_once_one_wins(start):
    server = start()
    link = run("admin", "create", fresh_email(), folder=server.folder, variables=server.variables).stdout.strip()
    passwords = [f"the password of number {number}" for number in range(6)]
    answers = at_once(
        6,
        lambda number: server.client().post(
            "/administrator/accept", json={"token": token_of(link), "password": passwords[number]}
        ),
    )
    assert statuses(answers) == {200: 1, 400: 5}
    [winner] = [number for number, answer in enumerate(answers) if answer.status_code == 200]
    email = answers[winner].json()["email"]
    assert server.client().log_in(email, passwords[winner]).status_code == 200
    losers = [password for number, password in enumerate(passwords) if number != winner]
    assert [server.client().log_in(email, password).status_code for password in losers[:4]] == [401] * 4
    # The fifth wrong one would have to wait.
    forget_failed_sign_ins(server)
    assert server.client().log_in(email, losers[4]).status_code == 401


def test_of_open_administrator_links_for_a_new_address_each_works(start):
    server = start()
    links = [
        run("admin", "create", "root@example.com", folder=server.folder, variables=server.variables).stdout.strip()
        for _ in range(4)
    ]
    answers = at_once(
        4,
        lambda number: server.client().post(
            "/administrator/accept", json={"token": token_of(links[number]), "password": PASSWORD}
        ),
    )
    # Whoever finds the account made at the same moment may be asked to try again, and then succeeds.
    assert statuses(answers).keys() <= {200, 503}
    again = [
        server.client().post("/administrator/accept", json={"token": token_of(link), "password": PASSWORD})
        for link, answer in zip(links, answers)
        if answer.status_code == 503
    ]
    assert all(answer.status_code == 200 for answer in again)
    assert len({answer.json()["id"] for answer in [*answers, *again] if answer.status_code == 200}) == 1


def test_signing_out_twice_at_once_ends_the_session_once(server, person):
    for _ in range(5):
        _, tokens = sign_in(server, person)
        answers = at_once(4, lambda _: server.client().post("/logout", headers=bearer(tokens["access_token"])))
        # Both may have been let in before the first was done; the outcome is the same.
        assert statuses(answers).keys() <= {204, 401} and statuses(answers)[204] >= 1
        assert server.client().me(tokens["access_token"]).status_code == 401


def test_50_sign_ins_at_once_on_devices_of_the_owner_are_50_sessions(server, person):
    # Each browser has signed in before: strangers at once would have to wait for each other.
    browsers = [sign_in(server, person)[0] for _ in range(50)]
    answers = at_once(50, lambda number: browsers[number].log_in(person.email))
    assert statuses(answers) == {200: 50}
    tokens = [answer.json()["access_token"] for answer in answers]
    assert len(set(tokens)) == 50
    assert {server.client().me(token).status_code for token in tokens} == {200}
    assert server.client().post("/logout", headers=bearer(tokens[0])).status_code == 204
    assert [server.client().me(token).status_code for token in tokens] == [401] + [200] * 49


def test_right_and_wrong_passwords_at_once_get_each_their_own_answer(server):
    cases = []
    # Four attempts at each account: a fifth one at the same time would have to wait.
    for _ in range(4):
        person, other = make_person(server), make_person(server, password="another good password")
        cases += [
            (person.email, PASSWORD, 200),
            (person.email, "wrong", 401),
            (other.email, "another good password", 200),
            (other.email, PASSWORD, 401),
            (fresh_email(), PASSWORD, 401),
        ] * 2
    answers = at_once(len(cases), lambda number: server.client().log_in(*cases[number][:2]))
    assert [answer.status_code for answer in answers] == [status for _, _, status in cases]
    for (email, _, status), answer in zip(cases, answers):
        assert status != 200 or answer.json()["user"]["email"] == email


def test_asking_for_the_mail_at_once_sends_one(start):
    server = start()
    client = server.client()
    email = fresh_email()
    client.register(email)
    client.wait_for_mail(email)
    answers = at_once(16, lambda _: server.client().post("/request/verify", json={"email": email}))
    assert statuses(answers) == {202: 16}
    for marker in (fresh_email("marker"), fresh_email("marker")):
        client.register(marker)
        client.wait_for_mail(marker)
    assert len(client.mails(email)) == 1


def test_a_limit_counts_attempts_that_come_at_once(start):
    server = start(RATE_LIMIT="5/1m")
    email = fresh_email()
    assert statuses(at_once(20, lambda _: server.client().log_in(email))) == {401: 5, 429: 15}


def test_commands_beside_a_busy_server_wait_their_turn(start):
    server = start()

    def act(number):
        if number < 4:
            return run("admin", "create", fresh_email(), folder=server.folder, variables=server.variables).returncode
        return {server.client().register(fresh_email()).status_code for _ in range(25)}

    results = at_once(8, act)
    assert results == [0] * 4 + [{201}] * 4
