"""`gapura init`: the first settings of an installation, by options or by questions."""

import base64
import os
import pty
import select
import stat
import subprocess
import time

import pytest
from support.server import BINARY, PATIENCE, environment, run

pytestmark = pytest.mark.database_plays_no_part

URL = "https://id.example.com"


def init(folder, *options):
    return run("init", *options, folder=folder, variables={})


def settings(folder):
    lines = (folder / "env/.env.production").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_by_options_it_writes_settings_and_a_master_key_for_the_owner_only(tmp_path):
    made = init(tmp_path, "--url", URL, "--trusted-proxies=127.0.0.1")
    assert made.returncode == 0, made.stderr
    assert settings(tmp_path) == {
        "APP_URL": URL, "MASTER_KEY_FILE": "env/master.key", "TRUSTED_PROXIES": "127.0.0.1"
    }
    assert len(base64.b64decode((tmp_path / "env/master.key").read_text().strip(), validate=True)) == 32
    assert {mode(tmp_path / "env" / name) for name in (".env.production", "master.key")} == {0o600}
    assert mode(tmp_path / "env") == 0o700
    assert (tmp_path / "env/master.key").read_text().strip() not in made.stdout + made.stderr


def test_the_commands_that_it_names_next_work_one_after_the_other(tmp_path):
    made = init(tmp_path, "--url", URL)
    commands = [line.split("#")[0].split() for line in made.stdout.splitlines() if line.startswith("  gapura ")]
    assert [command[1] for command in commands] == ["migrate", "admin", "serve"]
    for command in commands[:2]:
        done = run(*command[1:], folder=tmp_path, variables={})
        assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{URL}/administrator/accept?token=")
    status = run("migrate", "status", folder=tmp_path, variables={})
    assert status.returncode == 0
    assert {line.split()[0] for line in status.stdout.splitlines()} == {"applied"}


def test_a_server_starts_with_what_it_wrote(start, tmp_path):
    assert init(tmp_path, "--url", URL, "--data-dir", "state").returncode == 0
    server = start(tmp_path, base={"LOG_FORMAT": "json", "ADMIN_PORT": "0"}, APP_URL=None, DATA_DIR=None)
    assert server.client().get("/health/ready").status_code == 200


def test_two_installations_have_two_keys(tmp_path):
    keys = set()
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        assert init(tmp_path / name, "--url", URL).returncode == 0
        keys.add((tmp_path / name / "env/master.key").read_text())
    assert len(keys) == 2


@pytest.mark.parametrize("name", ["master.key", ".env.production"])
def test_what_is_there_is_never_written_over(tmp_path, name):
    (tmp_path / "env").mkdir()
    (tmp_path / "env" / name).write_text("mine\n")
    refused = init(tmp_path, "--url", URL)
    assert refused.returncode == 1
    assert f"env/{name}" in refused.stderr
    assert os.listdir(tmp_path / "env") == [name]
    assert (tmp_path / "env" / name).read_text() == "mine\n"


@pytest.mark.parametrize(
    "options, code, names",
    [
        ([], 64, ["--url"]),
        (["--url", "id.example.com"], 78, ["APP_URL"]),
        (["--url", "http://id.example.com"], 78, ["APP_URL"]),
        (["--url", URL, "--smtp-host", "mail.example.com"], 78, ["MAIL_FROM"]),
        (["--url", URL, "--database-url", "mysql://x"], 78, ["DATABASE_URL"]),
        (["--url", URL, "--data-dir", "a\nMASTER_KEY=b"], 78, ["DATA_DIR"]),
        (["--url", "x", "--trusted-proxies", "everybody"], 78, ["APP_URL", "TRUSTED_PROXIES"]),
    ],
)
def test_what_production_would_refuse_is_refused_at_once(tmp_path, options, code, names):
    refused = init(tmp_path, *options)
    assert refused.returncode == code
    assert all(name in refused.stderr for name in names)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("sender", ["Gapura <no-reply@example.com>", '"Gapura, the gate" <no-reply@example.com>'])
def test_a_value_is_read_as_it_was_given(tmp_path, sender):
    made = init(tmp_path, "--url", URL, "--smtp-host", "mail.example.com", "--mail-from", sender)
    assert made.returncode == 0, made.stderr
    assert run("migrate", "up", folder=tmp_path, variables={}).returncode == 0
    assert settings(tmp_path)["MAIL_FROM"].strip('"') == sender.strip('"')


@pytest.mark.parametrize("folder", ["/proc", "a link that leads nowhere"])
def test_where_nothing_can_be_made_it_says_so(tmp_path, folder):
    if folder.startswith("a "):
        folder = tmp_path
        (folder / "env").symlink_to("nowhere/env")
    refused = init(folder, "--url", URL)
    assert refused.returncode == 69
    assert refused.stderr.startswith("gapura: cannot make ") and "env" in refused.stderr
    assert "No such file or directory" in refused.stderr


def test_on_a_full_disk_no_half_of_a_file_stays(tmp_path):
    # The limit on the size of files stands in for the disk.
    limited = ("env", "--ignore-signal=XFSZ", "prlimit", "--fsize=16")
    refused = run("init", "--url", URL, folder=tmp_path, variables={}, prefix=limited)
    assert refused.returncode == 69 and "cannot write env/master.key" in refused.stderr
    assert os.listdir(tmp_path / "env") == []
    assert init(tmp_path, "--url", URL).returncode == 0


def test_settings_that_cannot_be_reached_are_not_taken_for_none(tmp_path):
    (tmp_path / "env").symlink_to("env")
    refused = run("settings", folder=tmp_path)
    assert refused.returncode == 78 and "env/.env.development cannot be read" in refused.stderr


def test_for_a_unit_of_systemd_it_shows_the_commands_of_that(tmp_path):
    made = init(tmp_path, "--url", URL, "--service", "gapura")
    assert made.returncode == 0, made.stderr
    commands = [line.split("#")[0].strip() for line in made.stdout.splitlines() if line.startswith("  ")]
    assert commands == ["sudo systemctl start gapura", "sudo gapuractl admin create you@example.com"]
    assert str(tmp_path) in made.stdout


class Terminal:
    """The command at a terminal, answered like a person would."""

    def __init__(self, folder, *options):
        self._controller, terminal = pty.openpty()
        self.process = subprocess.Popen(
            [BINARY, "init", *options], cwd=folder, env=environment({}), stdin=terminal, stdout=terminal, stderr=terminal
        )
        os.close(terminal)
        self.seen = ""
        self._position = 0

    def read_until(self, text):
        """Reads on from where the last text ended."""
        deadline = time.monotonic() + PATIENCE
        while (found := self.seen.find(text, self._position)) < 0:
            assert time.monotonic() < deadline, self.seen
            if select.select([self._controller], [], [], 0.1)[0]:
                self.seen += os.read(self._controller, 4096).decode()
        self._position = found + len(text)

    def answer(self, question, text):
        self.read_until(question)
        os.write(self._controller, text.encode() + b"\n")

    def wait(self):
        code = self.process.wait(PATIENCE)
        os.close(self._controller)
        return code


def test_at_a_terminal_it_asks_and_asks_again_after_a_wrong_answer(tmp_path):
    terminal = Terminal(tmp_path, "--data-dir", "state")
    terminal.answer("The https address", "id.example.com")
    terminal.read_until("must be scheme, host and port")
    terminal.answer("The https address", URL)
    terminal.answer("PostgreSQL", "")
    terminal.answer("Addresses of the proxies", "10.0.0.0/8")
    terminal.answer("Addresses of gateways", "127.0.0.1")
    terminal.answer("The mail server", "mail.example.com")
    terminal.answer("The sender of mails", "")
    terminal.answer("The sender of mails", "Gapura <no-reply@example.com>")
    terminal.read_until("gapura serve")
    assert terminal.wait() == 0
    assert settings(tmp_path) == {
        "MASTER_KEY_FILE": "env/master.key",
        "APP_URL": URL,
        "DATA_DIR": "state",
        "TRUSTED_PROXIES": "10.0.0.0/8",
        "GATEWAYS": "127.0.0.1",
        "SMTP_HOST": "mail.example.com",
        "MAIL_FROM": "Gapura <no-reply@example.com>",
    }
    assert "The folder of the data" not in terminal.seen


def test_an_end_of_the_answers_leaves_nothing_behind(tmp_path):
    terminal = Terminal(tmp_path)
    terminal.answer("The https address", URL)
    terminal.answer("PostgreSQL", "\x04")
    assert terminal.wait() == 64
    assert os.listdir(tmp_path) == []
