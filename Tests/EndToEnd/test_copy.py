"""`gapura copy`: an installation moves into another database, whole, and nobody who uses it notices."""

import json
import random
import signal
import subprocess

import pytest

from support import mails
from support.account import ask, new_password, refresh, token_login, with_code
from support.client import PASSWORD, bearer, fresh_email, make_person, problem, token_of
from support.database import SQLiteDatabase
from support.server import BINARY, DEVELOPMENT, PATIENCE, PRODUCTION, environment, eventually, run

# The databases of the fixtures are those on PostgreSQL; the files stand beside them.
pytestmark = pytest.mark.only_on("postgres")

VARIABLES = DEVELOPMENT | {"MASTER_KEY": PRODUCTION["MASTER_KEY"]}
BESIDE = {"schema_migrations", "installation"}
SECRET = "geheim-9"


def copy(folder, source, target, *options, variables=VARIABLES):
    place = folder / "target.url"
    place.write_text(target.url + "\n")
    return run("copy", "--from", source.url, "--to-file", str(place), *options, folder=folder, variables=variables)


def refusal(ended, code):
    assert ended.returncode == code, ended.stderr
    assert ended.stdout == "" and SECRET not in ended.stderr
    return ended.stderr.splitlines()[-1].removeprefix("gapura: ")


def contents(database):
    """Every row of every table, as both databases tell it."""

    def plain(cell):
        is_document = isinstance(cell, str) and cell.startswith("{")
        return json.dumps(json.loads(cell), sort_keys=True) if is_document else cell

    found = {}
    for table in database.tables() - BESIDE:
        columns = sorted(database.columns(table))
        names = ", ".join(f'"{name}"' for name in columns)
        rows = [tuple(map(plain, row)) for row in database.rows(f"SELECT {names} FROM {table}")]
        found[table] = columns, sorted(rows, key=repr)
    return found


@pytest.fixture
def file(tmp_path):
    """An installation's file, that nobody has made yet."""
    return SQLiteDatabase(tmp_path / "first.db")


@pytest.fixture
def serve(start, tmp_path):
    """Starts a server on one of the databases, as the same installation each time."""

    def serve(database, **variables):
        url = {"DATABASE_URL": database.url, "APP_URL": "http://gate.example", "MASTER_KEY": PRODUCTION["MASTER_KEY"]}
        return start(folder=tmp_path, database=database, **(url | variables))

    return serve


@pytest.fixture
def small(tmp_path, file):
    """An installation with nobody in it."""
    made = run("admin", "create", "root@example.com", folder=tmp_path, variables=VARIABLES | {"DATABASE_URL": file.url})
    assert made.returncode == 0, made.stderr
    return file


@pytest.fixture
def large(tmp_path, file):
    """An installation with many pages of people."""
    people = "".join(
        json.dumps({"email": f"User{number}@Example.com", "first_name": "Zoë \u0436", "email_verified": number % 3 > 0})
        + "\n" for number in range(3_000)
    )
    made = subprocess.run(
        [BINARY, "users", "import", "-"], cwd=tmp_path, env=environment(VARIABLES | {"DATABASE_URL": file.url}),
        input=people, text=True, capture_output=True, timeout=PATIENCE,
    )
    assert made.returncode == 0, made.stderr
    return file


# A life before and after


class Life:
    """What people have in hand when their installation moves: passwords, tokens, links and codes under way."""

    def __init__(self, server):
        client = server.client()
        self.person = make_person(server, username="ana", first_name="Zoë", last_name="\u0416ук \U0001f41e")
        self.access, self.refresh = token_login(server, self.person.email)
        self.ended, self.ended_refresh = token_login(server, self.person.email)
        assert client.post("/logout", headers=bearer(self.ended)).status_code == 204
        self.sent = {"email": fresh_email("again"), "password": PASSWORD}
        self.first_answer = self.register_again(server)
        # Each of these can be used once: one for either side.
        self.waiting = [self.register(server) for _ in range(2)]
        self.forgetful = [make_person(server) for _ in range(2)]
        self.moving = [make_person(server) for _ in range(2)]
        self.resets, self.codes, self.moves = [], [], []
        for person in self.forgetful:
            ask(client, "/forget-password", person.email)
            self.resets.append(mails.token(client, person.email, mails.RESET))
        for person in self.moving:
            ask(client, "/request/login-code", person.email)
            self.codes.append(mails.code_of(mails.wait_for(client, person.email, mails.CODE)))
            access, _ = token_login(server, person.email)
            later = fresh_email("later")
            body = {"email": later, "password": PASSWORD}
            assert client.post("/change-email", json=body, headers=bearer(access)).status_code == 202
            self.moves.append((later, mails.token(client, later, mails.NEW_ADDRESS)))
        problem(client.log_in(self.person.email, "wrong"), 401, "invalid_credentials")
        mails.all_sent(client)

    def register(self, server):
        email = fresh_email("waiting")
        assert server.client().register(email).status_code == 201
        return server.client().link_token(email)

    def register_again(self, server):
        answer = server.client().post("/register", json=self.sent, headers={"Idempotency-Key": "one"})
        assert answer.status_code == 201, answer.text
        return answer

    def goes_on(self, server):
        client = server.client()
        me = client.me(self.access)
        assert me.status_code == 200, me.text
        assert (me.json()["id"], me.json()["email"]) == (self.person.id, self.person.email)
        assert me.json()["profile"]["last_name"] == "\u0416ук \U0001f41e"
        problem(client.me(self.ended), 401, "unauthenticated")
        problem(refresh(server, self.ended_refresh), 401, "session_revoked")
        answer = refresh(server, self.refresh)
        assert answer.status_code == 200, answer.text
        # Another answer to the same token would be a successor of its own.
        assert refresh(server, self.refresh).json()["refresh_token"] == answer.json()["refresh_token"]
        self.refresh, self.access = answer.json()["refresh_token"], answer.json()["access_token"]
        assert client.log_in(self.person.email).status_code == 200
        again = self.register_again(server)
        assert again.headers["Idempotent-Replayed"] == "true" and again.content == self.first_answer.content

        assert client.prove(self.waiting.pop()).status_code == 200
        person = self.forgetful.pop()
        assert new_password(client, self.resets.pop()).status_code == 200
        problem(client.log_in(person.email), 401, "invalid_credentials")
        person = self.moving.pop()
        assert with_code(client, person.email, self.codes.pop()).status_code == 200
        later, token = self.moves.pop()
        assert client.post("/change-email/confirm", json={"token": token}).json()["email"] == later
        assert make_person(server).email != self.person.email


def chain(database):
    """The sealed lines of the audit log by their place, and the end that is noted for the next one."""
    lines = database.rows("SELECT position, hash, id FROM audit_entries WHERE position IS NOT NULL ORDER BY position")
    return lines, database.rows("SELECT * FROM audit_heads")


def everything_is_sealed(database):
    [(count,)] = database.rows("SELECT count(*) FROM audit_entries WHERE position IS NULL AND outcome = 'done'")
    return count == 0


def test_an_installation_moves_to_postgresql_and_back_and_nobody_notices(tmp_path, databases, serve, file):
    before = serve(file)
    life = Life(before)
    rotated = run("keys", "rotate", "--json", folder=tmp_path, variables=before.variables)
    assert rotated.returncode == 0
    mailbox = before.client().mails()
    eventually(lambda: everything_is_sealed(file), "the seals")
    assert before.stop() == 0

    second = SQLiteDatabase(tmp_path / "second.db")
    for source, target in [(file, databases.new()), (None, second)]:
        source = source or moved
        whole, (sealed, _) = contents(source), chain(source)
        moved = target
        ended = copy(tmp_path, source, target)
        assert ended.returncode == 0, ended.stderr
        assert contents(target) == whole == contents(source)

        server = serve(target)
        assert server.client().mails()[-len(mailbox):] == mailbox
        published = {key["kid"] for key in server.client().get("/.well-known/jwks.json").json()["keys"]}
        assert json.loads(rotated.stdout)["kid"] in published
        [(numbered,)] = source.rows("SELECT max(number) FROM revocations")
        life.goes_on(server)

        # What is numbered goes on behind what came along.
        access, _ = token_login(server, life.person.email)
        assert server.client().post("/logout", headers=bearer(access)).status_code == 204
        [(number,)] = target.rows("SELECT max(number) FROM revocations")
        assert number > numbered
        eventually(lambda: everything_is_sealed(target), "the seals")
        assert server.stop() == 0
        lines, [head] = chain(target)
        assert lines[: len(sealed)] == sealed and len(lines) > len(sealed)
        assert [position for position, _, _ in lines] == list(range(lines[0][0], lines[0][0] + len(lines)))
        assert lines[-1][1] in head
        assert target.is_sound()


def test_the_copy_tells_its_tables_and_leaves_the_source_as_it_was(tmp_path, databases, small):
    before = contents(small)
    target = databases.new()
    ended = copy(tmp_path, small, target, "--json")
    assert ended.returncode == 0, ended.stderr
    counts = json.loads(ended.stdout)
    assert counts == {table: len(rows) for table, (_, rows) in before.items()}
    assert counts["validation_tokens"] == 1
    assert [line.split()[0] for line in ended.stderr.splitlines()] == ["copied"] * len(counts)
    assert contents(small) == before
    back = SQLiteDatabase(tmp_path / "back.db")
    ended = copy(tmp_path, target, back)
    assert "validation_tokens: 1 rows, the same in both" in ended.stdout.splitlines()
    assert contents(back) == before
    assert {path.stat().st_mode & 0o077 for path in tmp_path.glob("back.db*")} == {0}


# Interrupted


@pytest.mark.parametrize("to", ["postgres", "sqlite"])
def test_a_copy_that_is_killed_at_any_moment_goes_on_to_the_end(tmp_path, databases, large, to):
    source, target = large, databases.new()
    whole = contents(source)
    if to == "sqlite":
        assert copy(tmp_path, source, target).returncode == 0
        source, target = target, SQLiteDatabase(tmp_path / "target.db")
    command = [BINARY, "copy", "--from", source.url, "--to", target.url]
    killed = 0
    while True:
        process = subprocess.Popen(
            command, cwd=tmp_path, env=environment(VARIABLES), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            text=True,
        )
        try:
            # Longer each time, so that there is an end.
            _, told = process.communicate(timeout=random.uniform(0, 0.1) + 0.03 * killed)
            # A kill behind the end of the work finds nothing more to do.
            assert process.returncode == 0 or "copy_target_in_use: the table" in told, told
            break
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.communicate()
            killed += 1
    assert killed >= 1
    assert contents(target) == whole
    [(marks,)] = target.rows("SELECT count(*) FROM installation WHERE name LIKE 'copy%'")
    assert marks == 0
    refused = copy(tmp_path, source, target)
    assert refusal(refused, 1).startswith("copy_target_in_use: ")


@pytest.fixture
def half(tmp_path, databases, small):
    """A copy that was killed when the audit log was there and the links were not."""
    target = databases.new()
    up = run("migrate", "up", folder=tmp_path, variables=VARIABLES | {"DATABASE_URL": target.url})
    assert up.returncode == 0
    with target.connect() as connection, connection.transaction(force_rollback=True):
        connection.execute("LOCK TABLE validation_tokens IN EXCLUSIVE MODE")
        process = subprocess.Popen(
            [BINARY, "copy", "--from", small.url, "--to", target.url], cwd=tmp_path, env=environment(VARIABLES),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        waiting = """
            SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database
            WHERE NOT granted AND datname = current_database()
        """
        eventually(lambda: target.rows(waiting) == [(1,)], "the copy to wait")
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=PATIENCE)
        # Else the server would do what it was told last, and nobody waits for.
        sent_away = """
            SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
            WHERE application_name = 'gapura' AND datname = current_database()
        """
        eventually(lambda: target.rows(sent_away) == [(0,)], "the end of its connections")
    assert target.rows("SELECT count(*) FROM audit_entries") != [(0,)]
    assert target.rows("SELECT count(*) FROM validation_tokens") == [(0,)]
    return target


@pytest.mark.parametrize("command", [["serve"], ["admin", "create", "b@example.com"], ["keys", "rotate"],
                                     ["users", "import", "-"]], ids=" ".join)
def test_nothing_runs_on_half_a_copy(tmp_path, half, command):
    before = contents(half)
    ended = run(*command, folder=tmp_path, variables=VARIABLES | {"DATABASE_URL": half.url})
    assert refusal(ended, 78) == "DATABASE_URL: the copy into this database has not finished; run gapura copy again"
    assert contents(half) == before


def test_half_a_copy_is_no_source_and_no_target_for_another(tmp_path, databases, small, half):
    ended = copy(tmp_path, half, databases.new())
    assert refusal(ended, 78) == "--from: the copy into this database has not finished"
    other = SQLiteDatabase(tmp_path / "other.db")
    up = run("migrate", "up", folder=tmp_path, variables=VARIABLES | {"DATABASE_URL": other.url})
    assert up.returncode == 0
    assert refusal(copy(tmp_path, other, half), 1).startswith("copy_target_in_use: another copy into the target")
    assert copy(tmp_path, small, half).returncode == 0
    assert contents(half) == contents(small)


@pytest.mark.parametrize("change", ["changed", "lost", "added"])
def test_what_was_written_behind_the_back_of_a_copy_is_found(tmp_path, small, half, change):
    [(action,)] = half.rows("SELECT action FROM audit_entries")
    match change:
        case "changed":
            half.execute("UPDATE audit_entries SET action = 'nothing'")
        case "lost":
            half.execute("DELETE FROM audit_entries")
        case "added":
            half.execute("INSERT INTO login_attempts VALUES ('x', now(), 1, now(), NULL)")
    found = refusal(copy(tmp_path, small, half), 1)
    assert found.startswith("copy_row_differs: row 1 of ")
    ended = run("serve", folder=tmp_path, variables=VARIABLES | {"DATABASE_URL": half.url})
    assert ended.returncode == 78
    if change == "changed":
        half.execute("UPDATE audit_entries SET action = ?", action)
        assert copy(tmp_path, small, half).returncode == 0


# Refused


def test_a_database_in_use_is_no_target(tmp_path, databases, small):
    for target in (databases.new(), SQLiteDatabase(tmp_path / "target.db")):
        made = run("admin", "create", "b@example.com", folder=tmp_path, variables=VARIABLES | {"DATABASE_URL": target.url})
        assert made.returncode == 0
        before = contents(target)
        assert refusal(copy(tmp_path, small, target), 1).startswith("copy_target_in_use: the table ")
        assert contents(target) == before


def test_a_file_is_not_copied_under_a_running_server_nor_into_one(tmp_path, databases, serve, file):
    server = serve(file)
    for source, target in [(file, databases.new()), (databases.new(), file), (file, file)]:
        assert "another server uses the database" in refusal(copy(tmp_path, source, target), 69)
        assert source is file or source.tables() == set()
    assert server.client().get("/health/ready").status_code == 200


def test_a_source_that_is_not_there_is_told_and_not_made(tmp_path, databases, file):
    assert refusal(copy(tmp_path, file, databases.new()), 69) == f"--from: there is no file {file.path}"
    assert not file.path.exists()
    told = refusal(copy(tmp_path, databases.new(), file), 78)
    assert told == "--from: bring its schema up to date first, by gapura migrate up"


def test_a_source_of_an_older_or_newer_program_is_refused(tmp_path, databases, small):
    target = databases.new()
    small.execute("INSERT INTO schema_migrations VALUES ('accounts', 9999, 'later', 'x', 0)")
    refusal(copy(tmp_path, small, target), 78)
    small.execute("DELETE FROM schema_migrations WHERE version = 9999 OR module = 'notifications'")
    refusal(copy(tmp_path, small, target), 78)
    assert target.tables() == set()


def test_a_target_of_another_program_is_refused_and_left_as_it_is(tmp_path, databases, small):
    target = databases.new()
    target.execute("CREATE TABLE recipes (name text)")
    assert refusal(copy(tmp_path, small, target), 78) == "--to: this database belongs to another program"
    assert target.tables() == {"recipes"}


def test_a_value_that_the_target_cannot_hold_is_told_by_its_column(tmp_path, databases, small):
    small.execute("UPDATE audit_entries SET actor = 'a' || char(0)")
    told = refusal(copy(tmp_path, small, databases.new()), 1)
    assert told.startswith("copy_value_unfit: audit_entries.actor ")


def test_a_copy_remembers_where_the_installation_was_made(tmp_path, databases, small):
    target = databases.new()
    told = refusal(copy(tmp_path, small, target, variables=PRODUCTION), 78)
    assert told == "--from: this database was made in development; production refuses it"
    assert target.tables() == set()
    made = SQLiteDatabase(tmp_path / "production.db")
    command = "admin", "create", "root@example.com"
    assert run(*command, folder=tmp_path, variables=PRODUCTION | {"DATABASE_URL": made.url}).returncode == 0
    assert copy(tmp_path, made, target, variables=VARIABLES).returncode == 0
    assert run(*command, folder=tmp_path, variables=PRODUCTION | {"DATABASE_URL": target.url}).returncode == 0


@pytest.mark.parametrize(
    "url, code",
    [
        (f"postgres://app:{SECRET}@127.0.0.1:1/gapura", 69),
        (f"postgres://app:{SECRET}@127.0.0.1:99999/gapura", 64),
        (f"postgres://app:{SECRET}@{SECRET}@127.0.0.1/gapura", 64),
        (f"postgres://app:1/{SECRET}@127.0.0.1/gapura", 64),
        (f"mysql://app:{SECRET}@127.0.0.1/gapura", 64),
        (f"app:{SECRET}", 64),
        ("sqlite:", 64),
    ],
)
def test_a_url_that_is_no_good_is_told_by_its_option_without_the_password(tmp_path, small, url, code):
    for option, arguments in [("--to", ["--from", small.url, "--to", url]), ("--from", ["--from", url, "--to", small.url])]:
        ended = run("copy", *arguments, folder=tmp_path, variables=VARIABLES)
        assert ended.returncode == code
        assert f"gapura: {option}" in ended.stderr and SECRET not in ended.stderr + ended.stdout


def test_both_places_must_be_named(tmp_path, small):
    for arguments, told in [([], "--from URL is missing"), (["--from", small.url], "--to URL is missing"),
                            (["--to", small.url], "--from URL is missing"),
                            (["--from", small.url, "--from-file", "x"], "--from is given twice: directly and by --from-file")]:
        ended = run("copy", *arguments, folder=tmp_path, variables=VARIABLES)
        assert refusal(ended, 64) == told or told in ended.stderr
    ended = run("copy", "--from", small.url, "--to-file", "nowhere", folder=tmp_path, variables=VARIABLES)
    assert refusal(ended, 69) == "--to-file: cannot read nowhere"
