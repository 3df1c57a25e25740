"""What the process reports to systemd, or to whoever started it with a socket for that (sd_notify(3))."""

import os
import resource
import signal
import socket
import subprocess
import time
import uuid
from pathlib import Path

import pytest
from support.server import BINARY, DEVELOPMENT, PATIENCE, PRODUCTION, environment

pytestmark = pytest.mark.database_plays_no_part

WATCHDOG = 200_000


class Manager:
    """The socket of a service manager."""

    def __init__(self, name):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(name)
        self._socket.settimeout(PATIENCE)

    def next(self):
        """One report, as its fields."""
        return dict(line.split("=", 1) for line in self._socket.recv(4096).decode().splitlines())

    def next_but(self, field):
        """The next report without this field."""
        while field in (report := self.next()):
            pass
        return report

    def close(self):
        self._socket.close()


@pytest.fixture(params=["a file", "an abstract name"])
def manager(request, tmp_path):
    """A manager, and the name of its socket as the environment has it."""
    name = str(tmp_path / "notify") if request.param == "a file" else f"\0gapura-{uuid.uuid4()}"
    manager = Manager(name)
    yield manager, name.replace("\0", "@")
    manager.close()


def test_it_reports_when_it_serves_and_when_it_ends(start, manager):
    manager, name = manager
    server = start(NOTIFY_SOCKET=name)
    ready = manager.next()
    assert ready == {"READY": "1", "STATUS": f"Serving at {server.url}"}
    os.kill(server.pid, signal.SIGTERM)
    assert manager.next()["STOPPING"] == "1"
    assert server.wait() == 0


def test_it_reports_that_it_lives_twice_in_the_time_that_the_manager_waits(start, manager):
    manager, name = manager
    server = start(NOTIFY_SOCKET=name, WATCHDOG_USEC=str(WATCHDOG))
    seen = [manager.next() for _ in range(5)]
    assert {"READY": "1", "STATUS": f"Serving at {server.url}"} in seen
    before = time.monotonic()
    for _ in range(10):
        assert manager.next() == {"WATCHDOG": "1"}
    # Ten halves of it; far less than ten wholes, on any machine that gets on at all.
    assert time.monotonic() - before >= 9 * WATCHDOG / 2_000_000
    os.kill(server.pid, signal.SIGTERM)
    assert manager.next_but("WATCHDOG")["STOPPING"] == "1"
    assert server.wait() == 0


def test_a_watchdog_that_is_meant_for_another_process_hears_nothing(start, manager):
    manager, name = manager
    server = start(NOTIFY_SOCKET=name, WATCHDOG_USEC="1000", WATCHDOG_PID="1")
    assert "READY" in manager.next()
    assert server.client().get("/health/live").status_code == 200
    os.kill(server.pid, signal.SIGTERM)
    assert "STOPPING" in manager.next()
    assert server.wait() == 0


@pytest.mark.parametrize("name", ["/nothing/there", "vsock:2:9999", "", "@" + "x" * 200])
def test_a_manager_that_cannot_be_reached_does_not_keep_it_from_serving(start, name):
    server = start(NOTIFY_SOCKET=name, WATCHDOG_USEC=str(WATCHDOG))
    assert server.client().get("/health/ready").status_code == 200
    warned = [line for line in server.log if line["message"] == "cannot report to NOTIFY_SOCKET"]
    assert bool(warned) == name.startswith(("/", "@"))
    assert server.stop() == 0


def test_one_that_does_not_start_never_reports_that_it_serves(manager, tmp_path):
    manager, name = manager
    variables = environment(DEVELOPMENT | {"NOTIFY_SOCKET": name, "HTTP_PORT": "eighty"})
    ended = subprocess.run(
        [BINARY, "serve"], cwd=tmp_path, env=variables, capture_output=True, timeout=PATIENCE
    )
    assert ended.returncode == 78
    manager._socket.setblocking(False)
    with pytest.raises(BlockingIOError):
        manager.next()


def core_limit(server):
    return resource.prlimit(server.pid, resource.RLIMIT_CORE)


def test_in_production_the_memory_of_the_process_is_kept_private(start):
    server = start(base=PRODUCTION)
    assert core_limit(server) == (0, 0)
    # The files of a process that may not be dumped belong to root (proc(5)).
    assert (Path(f"/proc/{server.pid}/environ").stat().st_uid, server.client().get("/health/live").status_code) == (0, 200)


def test_it_may_open_as_many_files_as_the_system_lets_it(start):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (512, hard))
    try:
        server = start()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    now, _ = resource.prlimit(server.pid, resource.RLIMIT_NOFILE)
    assert now == min(hard, 1 << 20)
    few = [line for line in server.log if line["message"].startswith("few files may be open")]
    assert bool(few) == (now < 10_208)


def test_a_hang_up_ends_nothing(start):
    server = start()
    os.kill(server.pid, signal.SIGHUP)
    for _ in range(3):
        assert server.client().get("/health/live").status_code == 200
    assert server.stop() == 0


def test_in_development_a_crash_may_be_looked_at(start):
    server = start()
    assert core_limit(server) == resource.getrlimit(resource.RLIMIT_CORE)
