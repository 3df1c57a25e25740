"""What goes wrong with a PostgreSQL server, told at the start; and several processes on one database."""

import re

import psycopg
import pytest

from support.client import at_once, fresh_email, make_person, problem, sign_in
from support.database import PostgresServer, moment, with_name
from support.server import DEVELOPMENT, eventually, run

pytestmark = pytest.mark.only_on("postgres")

COMMANDS = [["serve"], ["migrate", "up"], ["migrate", "status"], ["admin", "create", "ana@example.com"],
            ["keys", "rotate"], ["users", "import", "-"]]
SECRET = "geheim-9"


def attempt(folder, url, *command):
    variables = DEVELOPMENT | {"DATABASE_URL": url, "HTTP_PORT": "0", "APP_URL": "http://localhost:8080"}
    return run(*command or ["serve"], folder=folder, variables=variables)


def last_line(ended):
    assert SECRET not in ended.stderr + ended.stdout and "Fatal error" not in ended.stderr
    return ended.stderr.splitlines()[-1]


def as_guest(url, password=SECRET):
    """Another user, who has no rights in the database."""
    return url.replace("app@", f"guest:{password}@")


@pytest.fixture(scope="module")
def strict_server():
    """A server that asks the user `guest` for a password."""
    server = PostgresServer()
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE guest LOGIN PASSWORD '{SECRET}'")
        [path] = connection.execute("SHOW hba_file").fetchone()
        with open(path, "w") as file:
            file.write("host all app all trust\nhost all all all scram-sha-256\n")
        connection.execute("SELECT pg_reload_conf()")
    yield server
    server.stop()


# The start


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("place", ["127.0.0.1:1", "nothing.invalid"])
def test_a_server_that_is_not_there_is_69_and_names_the_variable_without_the_password(
    tmp_path, databases, place, command
):
    ended = attempt(tmp_path, f"postgres://app:{SECRET}@{place}/gapura", *command)
    assert ended.returncode == 69
    assert last_line(ended).startswith("gapura: DATABASE_URL: database unavailable: ")
    assert place.partition(":")[0] in last_line(ended) and ended.stdout == ""


def test_a_wrong_password_is_69_and_not_repeated(tmp_path, databases, strict_server):
    # As it is, to see that the server takes the right one; the rest of the start fails for want of rights.
    ended = attempt(tmp_path, as_guest(strict_server.url))
    assert ended.returncode == 69 and "permission denied" in last_line(ended)
    for url in (as_guest(strict_server.url, "wrong-" + SECRET), strict_server.url.replace("app@", "guest@")):
        ended = attempt(tmp_path, url)
        assert ended.returncode == 69
        assert last_line(ended).startswith("gapura: DATABASE_URL: database unavailable: ")
        assert "password" in last_line(ended)


@pytest.mark.parametrize("password", [f"1@{SECRET}", f"1/{SECRET}", f"1/{SECRET}@2", f"{SECRET}%zz"])
def test_a_password_with_characters_that_mean_something_is_78_and_not_repeated(tmp_path, databases, password):
    ended = attempt(tmp_path, f"postgres://app:{password}@127.0.0.1:1/gapura")
    assert ended.returncode == 78
    assert last_line(ended).startswith("  DATABASE_URL is not a URL of a PostgreSQL database: ")


def test_a_password_may_come_from_a_file(tmp_path, databases, strict_server):
    with psycopg.connect(strict_server.url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE guests OWNER guest TEMPLATE template0")
    (tmp_path / "url").write_text(as_guest(with_name(strict_server.url, "guests")) + "\n")
    variables = {"APP_ENV": "development", "DATABASE_URL_FILE": str(tmp_path / "url")}
    assert run("migrate", "up", folder=tmp_path, variables=variables).returncode == 0
    status = run("migrate", "status", folder=tmp_path, variables=variables)
    assert status.returncode == 0 and SECRET not in status.stdout


def test_a_user_without_rights_is_told_which(tmp_path, databases, strict_server):
    for command in (["serve"], ["migrate", "up"]):
        ended = attempt(tmp_path, as_guest(strict_server.url), *command)
        assert ended.returncode == 69
        assert "DATABASE_URL" in last_line(ended) and "permission denied for schema public" in last_line(ended)


def test_a_database_that_is_not_there_is_69(tmp_path, databases):
    ended = attempt(tmp_path, with_name(databases.server_url, "nothing"))
    assert ended.returncode == 69 and '"nothing" does not exist' in last_line(ended)


def test_a_server_without_tls_is_refused_where_it_is_required(tmp_path, databases):
    ended = attempt(tmp_path, databases.server_url.replace("sslmode=disable", "sslmode=require"))
    assert ended.returncode == 69
    assert "SSL was required" in last_line(ended) and "sslmode=disable" in last_line(ended)


def test_a_database_that_cannot_hold_every_character_is_refused(tmp_path, databases):
    database = databases.new("ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'")
    ended = attempt(tmp_path, database.url)
    assert ended.returncode == 69 and "LATIN1" in last_line(ended) and "UTF8" in last_line(ended)
    assert database.tables() == set()


def test_a_stand_by_is_refused(tmp_path, databases):
    database = databases.new()
    database.execute("ALTER ROLE app IN DATABASE " + database.name + " SET default_transaction_read_only = on")
    ended = attempt(tmp_path, database.url)
    assert ended.returncode == 69 and "read-only" in last_line(ended)


# Several processes


def test_servers_that_start_at_once_on_an_empty_database_all_come_up(start, databases, tmp_path):
    folder = tmp_path / "shared"
    (folder / "data").mkdir(parents=True)
    # Made once: several that make their own would not know each other's tokens.
    key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    address = "http://gate.example"
    empty = databases.new()
    servers = at_once(3, lambda _: start(folder=folder, database=empty, MASTER_KEY=key, APP_URL=address))
    migrated = [line for server in servers for line in server.log if line["message"] == "migrated"]
    names = [(line["module"], line["version"]) for line in migrated]
    assert len(names) == len(set(names)) > 5
    person = make_person(servers[0])
    for server in servers:
        _, tokens = sign_in(server, person)
        assert [other.client().me(tokens["access_token"]).status_code for other in servers] == [200] * 3
    assert len({str(server.client().get("/.well-known/jwks.json").json()) for server in servers}) == 1


def test_what_one_process_did_is_there_for_another_when_it_was_killed(start, tmp_path):
    first = start()
    database = first.database
    second = start(folder=first.folder, APP_URL=first.url)
    emails = [fresh_email() for _ in range(5)]
    for email in emails:
        assert first.client().register(email).status_code == 201
    first.kill()
    # The time of what it held is over.
    database.execute("UPDATE event_leases SET lease_until = ?", moment(0))
    database.execute("UPDATE notifications SET claimed_until = ?", moment(0))
    for email in emails:
        assert second.client().wait_for_mail(email)["to"] == email
        problem(second.client().log_in(email), 403, "email_not_verified")
    assert len(second.client().mails()) == len(emails)
    assert second.stop() == 0


def test_cut_connections_are_opened_again_and_no_request_is_lost(start):
    server = start()
    person = make_person(server)
    browser, tokens = sign_in(server, person)
    cut = """
        SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'gapura'
    """
    for _ in range(5):
        [(count,)] = server.database.rows(cut)
        assert count > 0
        answer = browser.post("/refresh-token")
        # Lost between request and commit it is told so, and the client comes again.
        if answer.status_code != 200:
            problem(answer, 503, "unavailable")
            answer = eventually(lambda: (again := browser.post("/refresh-token")).status_code == 200 and again, "200")
        assert server.client().me(answer.json()["access_token"]).status_code == 200
    email = fresh_email()
    assert server.client().register(email).status_code == 201
    assert server.client().wait_for_mail(email)


def test_the_log_names_the_database_and_never_its_password(start, tmp_path, strict_server):
    with psycopg.connect(strict_server.url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE logged OWNER guest TEMPLATE template0")
    server = start(DATABASE_URL=as_guest(with_name(strict_server.url, "logged")), LOG_LEVEL="debug")
    server.expected_errors.add("the database cannot be reached")
    make_person(server)
    with psycopg.connect(strict_server.url, autocommit=True) as connection:
        # Nobody gets in any more, and who is in is sent away.
        connection.execute("ALTER DATABASE logged ALLOW_CONNECTIONS false")
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'logged'")
        answer = server.client().log_in("ana@example.com")
        problem(answer, 503, "unavailable")
        assert int(answer.headers["Retry-After"]) >= 1 and "logged" not in answer.text
        assert server.client().get("/health/ready").status_code == 503
        lost = server.wait_for_log("the database cannot be reached")
        connection.execute("ALTER DATABASE logged ALLOW_CONNECTIONS true")
    server.wait_for_log("the database can be reached again")
    problem(server.client().log_in("ana@example.com"), 401, "invalid_credentials")
    assert re.fullmatch(r"postgres://guest:\*\*\*@127\.0\.0\.1:\d+/logged", lost["database"])
    assert server.stop() == 0
    assert SECRET not in str(server.log)
