"""scripts/bootstrap: what it runs as whom, and when it asks. Every program that it calls is a stand-in."""

import os
import pty
import select
import subprocess
import time
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "scripts/bootstrap"
PATIENCE = 30
MISSING = ("make", "libpq-dev")
LINE = (
    "sudo apt-get update --quiet && sudo env DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet "
    "--no-install-recommends libpq-dev make"
)


class Machine:
    """A machine where two packages are missing, or none; what is run on it is noted."""

    def __init__(self, folder, user=1000, missing=MISSING, sudo=True):
        self.folder, self.notes = folder, folder / "notes"
        self.notes.touch()
        absent = "|".join(missing) or "none-at-all"
        self.program("id", f"echo {user}")
        self.program("swift", "echo 'Swift version 6.3.1 (swift-6.3.1-RELEASE)'")
        self.program(
            "dpkg-query",
            f'for last; do :; done\ncase $last in {absent}) exit 1 ;; libstdc*) echo installed ;; *) printf installed ;; esac',
        )
        self.program("apt-get", 'echo "apt-get $*" >>"$NOTES"')
        self.program("pkg-config", "exit 0")
        if sudo:
            self.program("sudo", 'echo "sudo $*" >>"$NOTES"; "$@"')
        for name in ("cat", "env", "grep", "head", "sed", "sh"):
            (folder / name).symlink_to(f"/usr/bin/{name}")

    def program(self, name, text):
        path = self.folder / name
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)

    def variables(self, **more):
        return {"PATH": str(self.folder), "NOTES": str(self.notes)} | more

    def run(self, **more):
        return subprocess.run(
            ["/bin/sh", SCRIPT], env=self.variables(**more), stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=PATIENCE,
        )

    def at_a_terminal(self, answer):
        """- Returns: the exit code, and what was shown."""
        controller, terminal = pty.openpty()
        process = subprocess.Popen(
            ["/bin/sh", SCRIPT], env=self.variables(), stdin=terminal, stdout=terminal, stderr=terminal
        )
        os.close(terminal)
        shown, answered, deadline = "", False, time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if select.select([controller], [], [], 0.1)[0]:
                try:
                    shown += os.read(controller, 4096).decode()
                except OSError:
                    break
            if not answered and "[y/N] " in shown:
                assert self.notes.read_text() == "", "it asks before it runs anything"
                os.write(controller, answer.encode())
                answered = True
        os.close(controller)
        return process.wait(PATIENCE), shown

    @property
    def ran(self):
        return [line for line in self.notes.read_text().splitlines() if line.startswith("apt-get")]


@pytest.fixture
def machine(tmp_path):
    return lambda **options: Machine(tmp_path, **options)


def test_where_nothing_is_missing_it_does_nothing_and_says_nothing(machine):
    here = machine(missing=())
    ended = here.run()
    assert (ended.returncode, ended.stdout, ended.stderr, here.notes.read_text()) == (0, "", "", "")


def test_as_root_it_goes_on_without_sudo(machine):
    here = machine(user=0)
    ended = here.run()
    assert ended.returncode == 0, ended.stderr
    assert here.ran == [
        "apt-get update --quiet", "apt-get install --yes --quiet --no-install-recommends libpq-dev make"
    ]
    assert "sudo" not in here.notes.read_text() + ended.stdout


def test_with_ci_set_it_goes_on_by_sudo(machine):
    here = machine()
    ended = here.run(CI="true")
    assert ended.returncode == 0, ended.stderr
    assert len(here.ran) == 2 and here.notes.read_text().count("sudo ") == 2
    assert LINE in ended.stdout


@pytest.mark.parametrize("variables", [{}, {"CI": ""}])
def test_without_a_terminal_it_prints_the_line_and_stops(machine, variables):
    here = machine()
    ended = here.run(**variables)
    assert ended.returncode == 1
    assert LINE in ended.stdout
    assert here.notes.read_text() == ""


def test_at_a_terminal_it_prints_the_line_asks_and_runs_it_after_a_yes(machine):
    here = machine()
    code, shown = here.at_a_terminal("y\n")
    assert code == 0, shown
    assert shown.index(LINE) < shown.index("[y/N]")
    assert len(here.ran) == 2


@pytest.mark.parametrize("answer", ["n\n", "\n", "\x04"])
def test_at_a_terminal_anything_but_a_yes_stops_it(machine, answer):
    here = machine()
    code, shown = here.at_a_terminal(answer)
    assert code == 1 and LINE in shown
    assert here.notes.read_text() == ""


def test_without_sudo_it_says_what_root_has_to_run(machine):
    here = machine(sudo=False)
    ended = here.run()
    assert ended.returncode == 1
    assert "apt-get install --yes --quiet --no-install-recommends libpq-dev make" in ended.stderr
    assert here.notes.read_text() == ""


def test_what_apt_refuses_ends_it_with_an_error(machine):
    here = machine(user=0)
    here.program("apt-get", "exit 100")
    assert here.run().returncode == 100
