"""What goes wrong with disks and files: a clear answer, nothing acknowledged lost, and on again when it is mended."""

import errno
import itertools
import json
import os
import shutil
import subprocess

import pytest

from support import mails
from support.client import PASSWORD, bearer, fresh_email, make_person, problem, sign_in
from support.database import moment
from support.gateway import send
from support.server import DEVELOPMENT, PRODUCTION, eventually, run

# A file system of its own for the data, seen by the server only; it goes with the server.
SMALL_DISK = """
mkdir -p data && mount -t tmpfs -o size=6m,mode=0700 none data && exec "$@"
"""


def in_namespace(script):
    user = [] if os.getuid() == 0 else ["--user", "--map-root-user"]
    return ["unshare", *user, "--mount", "sh", "-c", script, "sh"]


def has_namespaces():
    with_mount = in_namespace('mount -t tmpfs none /mnt && exec "$@"')
    return shutil.which("unshare") and subprocess.run([*with_mount, "true"], capture_output=True).returncode == 0


class SmallDisk:
    """A disk of 6 MiB, filled to the last byte: the log takes 4 MiB before it is brought into the file, and on a
    smaller disk it would leave the file no room to grow."""

    def __init__(self, start):
        self.server = start(prefix=in_namespace(SMALL_DISK))
        self.filler = f"/proc/{self.server.pid}/root{self.server.data}/filler"

    def fill(self):
        descriptor = os.open(self.filler, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            for size in (65_536, 4_096, 1):
                try:
                    while os.write(descriptor, b"x" * size) == size:
                        pass
                except OSError as error:
                    assert error.errno == errno.ENOSPC
        finally:
            os.close(descriptor)

    def make_room(self):
        os.unlink(self.filler)


class LimitedFiles:
    """Files that may not grow: what can be had without rights over file systems."""

    def __init__(self, start):
        self.server = start()

    def fill(self):
        log = self.server.data / "gapura.db-wal"
        self.server.limit_file_size(log.stat().st_size)

    def make_room(self):
        self.server.limit_file_size(None)


@pytest.fixture(params=[SmallDisk, LimitedFiles])
def disk(request, start):
    if request.param is SmallDisk and not has_namespaces():
        if os.environ.get("CI"):
            pytest.fail("this machine allows no mount namespaces, and in CI nothing is skipped")
        pytest.skip("this machine allows no mount namespaces (unshare --mount)")
    return request.param(start)


@pytest.mark.only_on("sqlite")
def test_a_full_disk_is_503_loses_nothing_and_goes_on_when_there_is_room(disk):
    server = disk.server
    client = server.client()
    person = make_person(server)
    browser, tokens = sign_in(server, person)
    before = [fresh_email() for _ in range(5)]
    for email in before:
        assert client.register(email).status_code == 201

    disk.fill()
    acknowledged, refused = [], []
    # What fits into pages that are there already may still succeed.
    for _ in range(300):
        email = fresh_email()
        answer = client.register(email)
        if answer.status_code == 201:
            acknowledged.append(email)
            continue
        problem(answer, 503, "unavailable")
        assert int(answer.headers["Retry-After"]) >= 1
        assert "SQLITE" not in answer.text and "disk" not in answer.text
        refused.append(email)
        if len(refused) == 10:
            break
    assert len(refused) == 10

    # Reading goes on, and everything that writes says so.
    assert client.get("/health/live").status_code == 200
    assert browser.get("/me").status_code == 200
    assert client.get("/.well-known/jwks.json").status_code == 200
    problem(client.log_in(person.email), 503, "unavailable")
    problem(browser.post("/logout"), 503, "unavailable")
    assert browser.get("/me").status_code == 200
    assert any(line["message"] == "unavailable" and "SQLITE" in line["reason"] for line in server.log)

    # A balancer learns of it, and the log is not filled with it.
    eventually(lambda: client.get("/health/ready").status_code == 503, "that it is not ready")
    eventually(
        lambda: any("nothing could be written" in line.get("cause", "") for line in server.log), "the line in the log")
    background = [line for line in server.log if line["message"] == "background work failed"]
    assert len(background) == len({(line["service"], line["cause"]) for line in background})

    disk.make_room()
    eventually(lambda: client.get("/health/ready").status_code == 200, "that it is ready again")
    for email in refused:
        # Nothing half-made: the address is free.
        assert client.register(email).status_code == 201
    for email in before + acknowledged + refused:
        assert client.wait_for_mail(email)
        problem(client.log_in(email), 403, "email_not_verified")
    verifications = [mail for mail in client.mails() if mails.VERIFY in mail["subject"]]
    assert len(verifications) == 1 + len(before + acknowledged + refused)
    assert browser.post("/logout").status_code == 204
    problem(client.me(tokens["access_token"]), 401, "unauthenticated")
    assert server.stop() == 0


@pytest.mark.only_on("sqlite")
def test_while_counts_cannot_be_written_decisions_are_degraded_and_end_after_a_set_time(start):
    disk = LimitedFiles(lambda: start(QUOTA_DEGRADED_MAX="3s"))
    server = disk.server
    numbers = itertools.count()

    def ask():
        """Of another network each time, so that nobody's quota is used up."""
        number = next(numbers)
        names = {
            "X-Forwarded-Uri": "/", "X-Forwarded-Method": "GET",
            "X-Forwarded-For": f"10.9.{number // 256 % 256}.{number % 256}",
        }
        return send(server.port, "/access/forward/cvmaker?dialect=caddy", "GET", names).status

    assert ask() == 200
    disk.fill()
    # Counts are written until the file cannot grow, and then three seconds more are decided without.
    seen = []
    eventually(lambda: seen.append(ask()) or seen[-1] == 503, "the end of deciding without writing")
    assert set(seen) <= {200, 503}
    told = [line for line in server.log if line["message"].startswith("counts could not be written")]
    assert len(told) == 1
    disk.make_room()
    eventually(lambda: ask() == 200, "decisions again")


@pytest.mark.only_on("sqlite")
def test_a_crash_on_a_full_disk_loses_nothing(start):
    disk = LimitedFiles(start)
    server = disk.server
    client = server.client()
    before = [fresh_email() for _ in range(5)]
    for email in before:
        assert client.register(email).status_code == 201
    disk.fill()
    acknowledged = []
    for _ in range(50):
        email = fresh_email()
        if client.register(email).status_code == 201:
            acknowledged.append(email)
    server.kill()
    server.start()
    for email in before + acknowledged:
        problem(server.client().log_in(email), 403, "email_not_verified")
        assert server.client().wait_for_mail(email)
    assert server.database.is_sound()


def serve(folder, variables=None, base=DEVELOPMENT, prefix=()):
    return run("serve", folder=folder, variables=base | (variables or {}), prefix=prefix)


def without_rights_over_files():
    """Root may write what is read-only; without these capabilities it may not, like everybody else."""
    if os.getuid() != 0:
        return []
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search"]


@pytest.mark.only_on("sqlite")
def test_a_database_that_may_only_be_read_is_told_at_start(start):
    server = start()
    server.stop()
    os.chmod(server.database.path, 0o400)
    ended = serve(server.folder, prefix=without_rights_over_files())
    assert ended.returncode == 69
    assert "gapura.db" in ended.stderr and "cannot use the database" in ended.stderr


@pytest.mark.only_on("sqlite")
def test_a_data_folder_that_may_only_be_read_is_told_at_start(start):
    server = start()
    server.stop()
    for name in os.listdir(server.data):
        os.chmod(server.data / name, 0o400)
    os.chmod(server.data, 0o500)
    ended = serve(server.folder, prefix=without_rights_over_files())
    os.chmod(server.data, 0o700)
    assert ended.returncode == 69
    assert "gapura.db" in ended.stderr


@pytest.mark.parametrize(
    "variables, told",
    [
        ({"DATA_DIR": "/proc/nothing/data"}, "/proc/nothing"),
        ({"DATABASE_URL": "sqlite:/proc/nothing/gapura.db"}, "/proc/nothing"),
        ({"DATABASE_URL": "sqlite:/dev/null"}, "/dev/null"),
        ({"DATABASE_URL": "sqlite:/dev/null/gapura.db"}, "/dev/null"),
        ({"DATABASE_URL": "sqlite:."}, "."),
    ],
)
def test_a_place_where_no_database_can_be_is_told_at_start(tmp_path, variables, told):
    ended = serve(tmp_path, variables)
    assert ended.returncode == 69
    assert ended.stderr.startswith("gapura: ") and told in ended.stderr
    assert "Fatal error" not in ended.stderr


def test_a_file_that_is_no_database_is_told_and_left_as_it_is(tmp_path):
    (tmp_path / "data").mkdir(0o700)
    file = tmp_path / "data" / "gapura.db"
    file.write_text("my diary\n" * 1_000)
    ended = serve(tmp_path)
    assert ended.returncode == 69
    assert "it is not an SQLite database" in ended.stderr
    assert file.read_text() == "my diary\n" * 1_000


@pytest.mark.parametrize("command", [["serve"], ["migrate", "up"], ["admin", "create", "ana@example.com"]])
def test_a_database_of_another_program_is_refused_and_left_as_it_is(tmp_path, database, command):
    (tmp_path / "data").mkdir(0o700)
    database.execute("CREATE TABLE recipes (name TEXT)")
    ended = run(*command, folder=tmp_path, variables=DEVELOPMENT | database.variables)
    assert ended.returncode == 78
    assert ended.stderr == "gapura: DATABASE_URL: this database belongs to another program\n"
    assert database.tables() == {"recipes"}


@pytest.mark.only_on("sqlite")
def test_a_second_server_on_one_database_is_refused_and_the_first_goes_on(start):
    server = start()
    anywhere = {"HTTP_PORT": "0", "APP_URL": server.url}
    ended = serve(server.folder, anywhere)
    assert ended.returncode == 69
    assert "another server uses the database" in ended.stderr
    assert f"process {server.pid}" in ended.stderr and "gapura.db" in ended.stderr
    assert server.client().get("/health/ready").status_code == 200
    link = server.folder / "other"
    link.symlink_to(server.data)
    ended = serve(server.folder, anywhere | {"DATA_DIR": str(link)})
    assert ended.returncode == 69


@pytest.mark.only_on("sqlite")
def test_a_server_that_was_killed_leaves_no_lock(start):
    server = start()
    server.kill()
    server.start()
    assert server.client().get("/health/ready").status_code == 200


def test_a_database_made_in_development_is_refused_by_production(start):
    server = start()
    server.stop()
    key = (server.data / "master.key").read_text().strip()
    ended = serve(server.folder, server.database.variables | {"MASTER_KEY": key}, base=PRODUCTION)
    assert ended.returncode == 78
    assert "DATABASE_URL" in ended.stderr and "made in development" in ended.stderr
    server.start()


def test_a_database_made_in_production_stays_usable_there_only_with_its_master_key(start):
    server = start(base=PRODUCTION)
    server.stop()
    other = "/wEBAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4="
    ended = serve(server.folder, server.database.variables | {"MASTER_KEY": other}, base=PRODUCTION)
    assert ended.returncode == 78
    assert "MASTER_KEY" in ended.stderr and other not in ended.stderr
    # A new key in front of the old one is how they are changed.
    server.variables["MASTER_KEY"] = f"{other},{PRODUCTION['MASTER_KEY']}"
    server.start()


def test_a_lost_master_key_is_told_and_found_again(start):
    server = start()
    person = make_person(server)
    _, tokens = sign_in(server, person)
    server.variables["APP_URL"] = server.url
    server.stop()
    file = server.data / "master.key"
    key = file.read_text()
    file.unlink()
    ended = serve(server.folder, server.database.variables)
    assert ended.returncode == 78
    assert "MASTER_KEY" in ended.stderr and "master.key is lost" in ended.stderr
    # No new one lies in the way of the old one.
    assert not file.exists()
    file.write_text(key)
    server.start()
    assert server.client().get("/me", headers=bearer(tokens["access_token"])).status_code == 200


@pytest.mark.parametrize("text", ["", "not base64!", "c2hvcnQ="])
def test_a_broken_master_key_file_is_told_without_its_content(start, text):
    server = start()
    server.stop()
    (server.data / "master.key").write_text(text)
    ended = serve(server.folder, server.database.variables)
    assert ended.returncode == 78
    assert "master.key" in ended.stderr
    assert not text or text not in ended.stderr


def test_the_schema_can_be_looked_at_and_brought_up_to_date_by_hand(tmp_path, database):
    variables = DEVELOPMENT | database.variables
    before = run("migrate", "status", "--json", folder=tmp_path, variables=variables)
    assert before.returncode == 1
    assert {row["state"] for row in json.loads(before.stdout)} == {"pending"}
    applied = run("migrate", "up", "--json", folder=tmp_path, variables=variables)
    assert applied.returncode == 0
    assert len(json.loads(applied.stdout)) == len(json.loads(before.stdout))
    after = run("migrate", "status", "--json", folder=tmp_path, variables=variables)
    assert after.returncode == 0
    assert {row["state"] for row in json.loads(after.stdout)} == {"applied"}
    assert run("migrate", "up", folder=tmp_path, variables=variables).stdout == "nothing to apply\n"
    assert run("migrate", folder=tmp_path, variables=variables).returncode == 0


def test_a_schema_of_a_later_release_is_refused(start):
    server = start()
    server.stop()
    server.database.execute("INSERT INTO schema_migrations VALUES ('accounts', 9999, 'later', 'x', ?)", moment(0))
    ended = serve(server.folder, server.database.variables)
    assert ended.returncode == 78
    assert "9999" in ended.stderr and "accounts" in ended.stderr


def test_an_administrator_is_not_made_where_the_database_cannot_be_used(tmp_path):
    ended = run(
        "admin",
        "create",
        "ana@example.com",
        folder=tmp_path,
        variables={"APP_ENV": "development", "DATA_DIR": "/proc/x"},
    )
    assert ended.returncode == 69
    assert ended.stdout == "" and PASSWORD not in ended.stderr
