"""Servers for tests: one that those share who leave it as it was, and others for the rest."""

import contextlib
import sqlite3

import pytest

from support.client import make_person
from support.server import DEVELOPMENT, Server
from support.smtp import MailServer

SERVERS = pytest.StashKey()


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("shared"))
    yield server
    server.close()


@pytest.fixture
def server(request, shared_server):
    """The shared server. What a test makes on it has a name of its own, so no test sees another's."""
    first_line = len(shared_server.log)
    request.node.stash.setdefault(SERVERS, []).append(shared_server)
    yield shared_server
    forget_failed_sign_ins(shared_server)
    assert shared_server.is_running
    assert shared_server.errors(first_line) == []


def forget_failed_sign_ins(server):
    """All tests sign in from one address: together they would reach the limit of a network."""
    with contextlib.closing(sqlite3.connect(server.data / "gapura.db", timeout=10)) as database, database:
        database.execute("DELETE FROM login_attempts")


@pytest.fixture
def start(request, tmp_path):
    """Starts servers of the test's own: `start(RATE_LIMIT="5/1m")`, in a folder of their own or a given one."""
    shown = request.node.stash.setdefault(SERVERS, [])
    servers = []

    def start(folder=None, base=DEVELOPMENT, prefix=(), **variables):
        if folder is None:
            folder = tmp_path / f"server{len(servers)}"
            folder.mkdir()
        server = Server(folder, variables, base=base, prefix=prefix)
        servers.append(server)
        shown.append(server)
        return server

    yield start
    for server in servers:
        server.close()
    assert [error for server in servers for error in server.errors()] == []


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
