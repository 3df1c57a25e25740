"""How an installation gets its administrator: by a link that is printed, never by a password."""

import json
import re

from support.client import PASSWORD, Page, bearer, fresh_email, make_person, problem, sign_in, token_of
from support.server import run


def printed_link(server):
    def find():
        return next((line.split()[-1] for line in server.output if line.startswith("Become the administrator")), None)

    return server.wait_for(find, "the printed link")


def accept(client, link, password=PASSWORD, **fields):
    return client.post("/administrator/accept", json={"token": token_of(link), "password": password, **fields})


def test_the_first_start_prints_a_link_that_makes_the_administrator_once(start):
    server = start()
    link = printed_link(server)
    assert link.startswith(server.url + "/administrator/accept?token=")
    assert any(server.url in line for line in server.output)
    assert any(f"{server.url}/dev/mailbox" in line for line in server.output)
    browser = server.client()
    email = fresh_email("root")

    page = Page(browser.get(link))
    assert page.form("/administrator/accept")["fields"]["email"] == ""
    done = page.submit(browser, "/administrator/accept", email=email, password=PASSWORD)
    assert done.status_code == 200
    assert email in Page(done).text

    tokens = browser.log_in(email).json()
    me = browser.me(tokens["access_token"]).json()
    assert (me["is_admin"], me["is_verified"], me["email"]) == (True, True, email)

    again = page.submit(browser, "/administrator/accept", email=fresh_email(), password=PASSWORD)
    assert again.status_code == 400
    problem(accept(browser, link, email=fresh_email()), 400, "invalid_token")
    assert browser.get(link).status_code == 400


def test_opening_the_link_uses_nothing_up(start):
    server = start()
    client, link = server.client(), printed_link(server)
    for method in ("GET", "HEAD", "OPTIONS", "GET"):
        assert client.request(method, link).status_code in (200, 204)
    assert accept(client, link, email=fresh_email()).status_code == 200


def test_what_is_filled_in_badly_leaves_the_link_open(start):
    server = start()
    client, link = server.client(), printed_link(server)
    assert set(problem(accept(client, link), 422, "validation_failed")["errors"]) == {"email"}
    assert set(problem(accept(client, link, "short", email="x"), 422, "validation_failed")["errors"]) == {
        "email",
        "password",
    }
    assert accept(client, link, email=fresh_email()).status_code == 200


def test_there_is_no_link_where_there_is_an_administrator(start):
    server = start()
    accept(server.client(), printed_link(server), email=fresh_email())
    assert server.stop() == 0
    server.output.clear()
    server.start()
    server.wait_for(lambda: any("Captured mails" in line for line in server.output), "the welcome")
    assert server.stop() == 0
    assert not any("administrator" in line for line in server.output)


def test_the_command_makes_a_link_beside_a_running_server(start):
    server = start()
    email = fresh_email("root")
    command = run("admin", "create", email, folder=server.folder, variables=server.variables | {"APP_URL": server.url})
    assert (command.returncode, command.stderr) == (0, "")
    link = command.stdout.strip()
    assert re.fullmatch(re.escape(server.url) + r"/administrator/accept\?token=[A-Za-z0-9_.-]+", link)

    client = server.client()
    page = Page(client.get(link))
    assert page.form("/administrator/accept")["fields"]["email"] == email
    assert page.submit(client, "/administrator/accept", password=PASSWORD).status_code == 200
    problem(accept(client, link), 400, "invalid_token")
    assert client.log_in(email).json()["user"]["is_admin"] is True
    assert server.client().get("/health/ready").status_code == 200


def test_the_command_speaks_json(start):
    server = start()
    email = fresh_email("root")
    command = run("admin", "create", email, "--json", folder=server.folder, variables=server.variables)
    data = json.loads(command.stdout)
    assert set(data) == {"email", "link"} and data["email"] == email


def test_the_command_refuses_what_is_no_address(tmp_path):
    command = run("admin", "create", "nobody", folder=tmp_path)
    assert command.returncode == 64
    assert "EMAIL" in command.stderr and command.stdout == ""


def test_a_named_link_is_for_that_address_only(start):
    server = start()
    email, other = fresh_email("root"), fresh_email("thief")
    link = run("admin", "create", email, folder=server.folder, variables=server.variables).stdout.strip()
    answer = accept(server.client(), link, email=other)
    assert answer.json()["email"] == email
    problem(server.client().log_in(other), 401, "invalid_credentials")


def test_links_live_one_hour(start):
    server = start()
    run("admin", "create", fresh_email(), folder=server.folder, variables=server.variables)
    # The clock of the executable cannot be moved, so its word is taken: what it stored.
    times = server.database.rows("SELECT created_at, expires_at FROM validation_tokens WHERE purpose = 'administrator'")
    assert [expiry - created for created, expiry in times] == [3_600_000] * 2


def test_a_known_account_keeps_its_name_and_loses_its_sessions_and_old_password(start):
    server = start()
    person = make_person(server, first_name="Ana")
    browser, tokens = sign_in(server, person)
    link = run("admin", "create", person.email, folder=server.folder, variables=server.variables).stdout.strip()
    answer = accept(browser, link, "another good password")
    assert answer.json()["id"] == person.id
    assert answer.json()["profile"]["first_name"] == "Ana"
    problem(server.client().get("/me", headers=bearer(tokens["access_token"])), 401, "unauthenticated")
    problem(browser.log_in(person.email), 401, "invalid_credentials")
    assert browser.log_in(person.email, "another good password").json()["user"]["is_admin"] is True
