"""Servers for tests: one that those share who leave it as it was, and others for the rest; on each database.

A test that asks for a server, or for `database`, runs once on SQLite and once on PostgreSQL. Two marks say otherwise:
`only_on("sqlite")` for what is about one of the databases, `database_plays_no_part` for what is the same on both.
"""

import functools
import os

import pytest

from support.client import make_person
from support.database import PostgresDatabases, PostgresServer, SQLiteFiles
from support.gateway import Scene
from support.server import DEVELOPMENT, Server, run
from support.smtp import MailServer

SERVERS = pytest.StashKey()
POSTGRES_SERVER = pytest.StashKey()
KINDS = ["sqlite", "postgres"]


def pytest_configure(config):
    """The first process starts the PostgreSQL server of all: the others are given its URL as they start."""
    if "TEST_DATABASE_URL" not in os.environ and not config.option.collectonly:
        server = config.stash[POSTGRES_SERVER] = PostgresServer()
        os.environ["TEST_DATABASE_URL"] = server.url


def pytest_unconfigure(config):
    server = config.stash.get(POSTGRES_SERVER, None)
    if server:
        del os.environ["TEST_DATABASE_URL"]
        server.stop()


def pytest_generate_tests(metafunc):
    if "databases" not in metafunc.fixturenames:
        return
    kinds = KINDS
    if metafunc.definition.get_closest_marker("database_plays_no_part"):
        kinds = KINDS[:1]
    if mark := metafunc.definition.get_closest_marker("only_on"):
        kinds = list(mark.args)
    metafunc.parametrize("databases", kinds, indirect=True)


@pytest.fixture(scope="session")
def databases_of(tmp_path_factory):
    """Makes databases of a kind. On PostgreSQL the schema is made once, and copied."""
    migrated = PostgresDatabases(os.environ["TEST_DATABASE_URL"])

    @functools.cache
    def schema():
        database = migrated.new()
        done = run("migrate", "up", folder=tmp_path_factory.mktemp("schema"), variables=DEVELOPMENT | database.variables)
        assert done.returncode == 0, done.stderr
        return database.name

    yield lambda kind: SQLiteFiles() if kind == "sqlite" else PostgresDatabases(migrated.server_url, schema)
    migrated.close()


@pytest.fixture
def databases(request, databases_of):
    """A database for each folder that a server is started in; none of them is there afterwards."""
    made = databases_of(request.param)
    yield made
    made.close()


@pytest.fixture
def database(databases, tmp_path):
    """For the commands of a test without a server, which run in its folder with `database.variables`."""
    return databases.of(tmp_path)


@pytest.fixture(scope="session")
def shared_servers(tmp_path_factory, databases_of):
    """By the kind of their database; started when they are first needed."""
    databases, servers = {}, {}

    def shared(kind):
        if kind not in servers:
            databases[kind] = databases_of(kind)
            folder = tmp_path_factory.mktemp(f"shared-{kind}")
            servers[kind] = Server(folder, database=databases[kind].with_schema(folder))
        return servers[kind]

    yield shared
    for server in servers.values():
        server.close()
    for each in databases.values():
        each.close()


@pytest.fixture
def server(request, databases, shared_servers):
    """The shared server. What a test makes on it has a name of its own, so no test sees another's."""
    server = shared_servers(databases.kind)
    first_line = len(server.log)
    request.node.stash.setdefault(SERVERS, []).append(server)
    yield server
    forget_failed_sign_ins(server)
    assert server.is_running
    assert server.errors(first_line) == []


def forget_failed_sign_ins(server):
    """All tests sign in from one address: together they would reach the limit of a network."""
    server.database.execute("DELETE FROM login_attempts")


@pytest.fixture
def start(request, tmp_path, databases):
    """Starts servers of the test's own: `start(RATE_LIMIT="5/1m")`, in a folder of their own or a given one. Those in
    one folder have one database, unless one is given: an empty one for a first start that makes the schema."""
    shown = request.node.stash.setdefault(SERVERS, [])
    servers = []

    def start(folder=None, base=DEVELOPMENT, prefix=(), database=None, **variables):
        if folder is None:
            folder = tmp_path / f"server{len(servers)}"
            folder.mkdir()
        if database is None:
            # One that was made in development is refused in production.
            is_development = (base | variables).get("APP_ENV") == "development"
            database = databases.with_schema(folder) if is_development else databases.of(folder)
        server = Server(folder, variables, base, prefix, database)
        servers.append(server)
        shown.append(server)
        return server

    yield start
    for server in servers:
        server.close()
    assert [error for server in servers for error in server.errors()] == []


@pytest.fixture
def make_scene(start):
    """A server behind a gateway, real nginx or Caddy: `make_scene(Nginx, GATEWAYS="192.0.2.1")`."""
    scenes = []

    def make(program, **variables):
        scenes.append(Scene(start(**variables), program))
        return scenes[-1]

    yield make
    for scene in scenes:
        scene.close()


@pytest.fixture
def make_mail_server():
    servers = []

    def make(**options):
        servers.append(MailServer(**options))
        return servers[-1]

    yield make
    for server in servers:
        server.stop()


@pytest.fixture
def mail_server(make_mail_server):
    return make_mail_server().start()


@pytest.fixture
def client(server):
    return server.client()


@pytest.fixture
def person(server):
    return make_person(server)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.failed:
        for server in item.stash.get(SERVERS, []):
            report.sections.append((f"log of the server in {server.folder}", server.tail()))
    return report
