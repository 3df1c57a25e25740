"""The released package and archive in fresh Debians: installed, started, upgraded, removed."""

import os
import re
import socket
import sqlite3
import stat
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FIXTURE = ROOT / "Tests/Fixtures/0.1.0/sqlite.sql"
# Of the installation that the fixture was made in.
MASTER_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
URL = "https://id.example.com"
WATCHDOG_USEC = 400_000


@pytest.fixture(scope="module")
def released(program, tmp_path_factory):
    """By version: the folder of what is released."""

    def make(version):
        folder = tmp_path_factory.mktemp("dist")
        made = subprocess.run(
            [ROOT / "scripts/package", program, folder, version], capture_output=True, text=True, timeout=300
        )
        assert made.returncode == 0, made.stderr
        return folder

    return {"old": make("0.1.0"), "new": make("0.2.0~soak")}


def only(folder, pattern):
    [path] = folder.glob(pattern)
    return path


def install(debian, folder):
    deb = only(folder, "*.deb")
    debian.put(deb, f"/root/{deb.name}", 0o644)
    installed = debian.run(
        "sh", "-c",
        "apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "
        f"/root/{deb.name}", network=True,
    )
    return installed.stdout


def owner(debian, path):
    status = os.lstat(debian.path(path))
    users = dict(re.findall(r"^([^:]+):[^:]*:(\d+):", debian.path("/etc/passwd").read_text(), re.MULTILINE))
    names = {int(number): name for name, number in users.items()}
    return names[status.st_uid], stat.S_IMODE(status.st_mode)


class Manager:
    """Starts the unit's program as systemd would, as far as its user, folder, variables and notify socket go."""

    def __init__(self, debian):
        self.debian = debian
        unit = debian.path("/lib/systemd/system/gapura.service").read_text()
        self.settings = dict(re.findall(r"^(\w+)=(.*)$", unit, re.MULTILINE))
        passwd = debian.path("/etc/passwd").read_text()
        [self.user] = re.findall(rf"^{self.settings['User']}:[^:]*:(\d+):", passwd, re.MULTILINE)
        [self.group] = re.findall(rf"^{self.settings['User']}:[^:]*:\d+:(\d+):", passwd, re.MULTILINE)
        # LoadCredential: a copy that only the service reads.
        name, source = self.settings["LoadCredential"].split(":")
        self.credentials = f"/run/credentials/{name}.d"
        folder = debian.path(self.credentials)
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / name
        target.write_bytes(debian.path(source).read_bytes())
        target.chmod(0o400)
        for each in (folder, target):
            os.chown(each, int(self.user), int(self.group))
        notify = debian.path("/run/notify")
        notify.unlink(missing_ok=True)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(notify))
        notify.chmod(0o777)
        self.socket.settimeout(120)

    def start(self):
        name, value = self.settings["Environment"].split("=", 1)
        self.running = self.debian.start(
            "setpriv", f"--reuid={self.user}", f"--regid={self.group}", "--clear-groups", "--no-new-privs",
            "--bounding-set=-all", *self.settings["ExecStart"].split(),
            folder=self.settings["WorkingDirectory"],
            writable=[self.settings["WorkingDirectory"], self.credentials, "/run"],
            variables={
                name: value.replace("%d", self.credentials), "NOTIFY_SOCKET": "/run/notify",
                "WATCHDOG_USEC": str(WATCHDOG_USEC),
            },
        )
        while "READY=1" not in self.report():
            pass
        return self.running

    def report(self):
        try:
            return self.socket.recv(4096).decode()
        except TimeoutError:
            raise AssertionError(f"no report\n{self.running.text()}") from None

    def stop(self):
        self.running.ask_to_end()
        while "STOPPING=1" not in self.report():
            pass
        assert self.running.wait() == 0, self.running.text()
        self.socket.close()


class Systemctl:
    """Stands in for systemctl in a Debian where systemd seems to run: notes what a package asks for."""

    SCRIPT = """#!/bin/sh
wanted=/etc/systemd/system/multi-user.target.wants
case "$*" in
    *is-enabled*) [ -e $wanted/gapura.service ] && echo enabled || exit 1 ;;
    *is-active*) exit 3 ;;
    # Debian enables what is installed.
    *preset*) mkdir -p $wanted && ln -sf /lib/systemd/system/gapura.service $wanted/gapura.service ;;
    *disable*) rm -f $wanted/gapura.service ;;
    *daemon-reload*) ;;
    *) echo "$*" >>/root/asked ;;
esac
"""

    def __init__(self, debian):
        debian.path("/run/systemd/system").mkdir(parents=True)
        self.path = debian.path("/usr/bin/systemctl")
        self.path.write_text(self.SCRIPT)
        self.path.chmod(0o755)
        self.notes = debian.path("/root/asked")

    def asked(self):
        """What was asked for since the last time, without options."""
        lines = self.notes.read_text().splitlines()
        self.notes.unlink()
        return [" ".join(word for word in line.split() if not word.startswith("--")) for line in lines]


def get(running, path):
    """From inside: bash speaks to the port, since nothing else is installed."""
    script = (
        f"exec 3<>/dev/tcp/127.0.0.1/8080; printf 'GET {path} HTTP/1.1\\r\\nHost: id.example.com\\r\\nConnection: close\\r\\n\\r\\n' >&3; "
        "cat <&3"
    )
    return running.inside("bash", "-c", script).stdout


def rows(debian):
    """How many proved accounts there are, read from the file itself. Others end by themselves."""
    with sqlite3.connect(debian.path("/var/lib/gapura/data/gapura.db")) as database:
        return database.execute("SELECT count(*) FROM users WHERE is_verified = 1").fetchone()[0]


def put_database_of_0_1_0(debian):
    """As an operator who moves an installation of 0.1.0 to the package."""
    data = debian.path("/var/lib/gapura/data")
    data.mkdir(exist_ok=True)
    with sqlite3.connect(data / "gapura.db") as database:
        database.executescript(FIXTURE.read_text())
    debian.path("/etc/gapura/master.key").write_text(MASTER_KEY + "\n")
    debian.run("chown", "-R", "gapura:gapura", "/var/lib/gapura/data", "/etc/gapura/master.key")


def test_the_package_is_installed_started_upgraded_over_a_database_of_0_1_0_and_removed_with_its_data_kept(debian, released):
    systemctl = Systemctl(debian)
    said = install(debian, released["old"])
    assert "gapuractl init" in said
    assert systemctl.asked() == ["start gapura.service"]
    assert not debian.path("/usr/include/microhttpd.h").exists(), "no development packages"
    assert owner(debian, "/etc/gapura") == owner(debian, "/var/lib/gapura") == ("gapura", 0o700)
    assert owner(debian, "/usr/bin/gapura") == ("root", 0o755)

    shown = debian.run("gapuractl", "init", "--url", URL).stdout
    assert "sudo systemctl start gapura\n" in shown and "sudo gapuractl admin create" in shown
    assert " gapura serve" not in shown and "/var/lib/gapura" in shown
    assert owner(debian, "/etc/gapura/.env.production") == owner(debian, "/etc/gapura/master.key") == ("gapura", 0o600)
    link = debian.run("gapuractl", "admin", "create", "you@example.com").stdout
    assert link.startswith(f"{URL}/administrator/accept?token=")
    assert owner(debian, "/var/lib/gapura/data/gapura.db") == ("gapura", 0o600)

    manager = Manager(debian)
    running = manager.start()
    assert get(running, "/health/ready").startswith("HTTP/1.1 200")
    assert [manager.report() for _ in range(3)] == ["WATCHDOG=1"] * 3
    manager.stop()

    # The same machine, with what 0.1.0 left.
    for name in ("gapura.db", "gapura.db-wal", "gapura.db-shm"):
        debian.path(f"/var/lib/gapura/data/{name}").unlink(missing_ok=True)
    put_database_of_0_1_0(debian)
    people = rows(debian)
    assert people > 0
    settings = debian.path("/etc/gapura/.env.production").read_bytes()
    install(debian, released["new"])
    assert systemctl.asked() == ["restart gapura.service", "try-restart gapura@*.service"]
    assert debian.path("/etc/gapura/.env.production").read_bytes() == settings
    assert debian.run("dpkg-query", "--show", "--showformat=${Version}", "gapura").stdout == "0.2.0~soak"
    manager = Manager(debian)
    running = manager.start()
    assert get(running, "/health/ready").startswith("HTTP/1.1 200")
    assert '"keys"' in get(running, "/.well-known/jwks.json")
    manager.stop()
    status = debian.run("gapuractl", "migrate", "status").stdout
    assert {line.split()[0] for line in status.splitlines()} == {"applied"}
    assert rows(debian) == people

    debian.run("apt-get", "remove", "-y", "-qq", "gapura")
    assert not debian.path("/usr/bin/gapura").exists() and not debian.path("/lib/systemd/system/gapura.service").exists()
    assert rows(debian) == people and debian.path("/etc/gapura/master.key").exists()
    assert systemctl.asked() == ["stop gapura.service gapura@*.service"]
    install(debian, released["new"])
    assert systemctl.asked()[0] == "restart gapura.service", "it starts again after a removal"
    wanted = debian.path("/etc/systemd/system/multi-user.target.wants")
    (wanted / "gapura.service").unlink()
    deb = only(released["new"], "*.deb").name
    debian.run("dpkg", "--install", f"/root/{deb}")
    assert systemctl.asked() == ["try-restart gapura@*.service"], "a disabled one is left alone"
    (wanted / "gapura@8080.service").symlink_to("/lib/systemd/system/gapura@.service")

    purged = debian.run("apt-get", "purge", "-y", "-qq", "gapura").stdout
    assert "/var/lib/gapura and /etc/gapura stay" in purged
    assert rows(debian) == people and debian.path("/etc/gapura/.env.production").exists()
    assert list(wanted.glob("gapura*")) == []
    assert systemctl.asked() == ["stop gapura.service gapura@*.service"]

    # Installed again, it goes on where it was.
    install(debian, released["new"])
    running = Manager(debian).start()
    assert get(running, "/health/ready").startswith("HTTP/1.1 200")
    assert running.stop() == 0


def test_the_archive_runs_in_a_debian_without_development_packages(debian, released):
    archive = only(released["new"], "*.tar.gz")
    subprocess.run(["tar", "--extract", "--file", archive, "--directory", debian.path("/opt")], check=True)
    [folder] = debian.path("/opt").iterdir()
    here = f"/opt/{folder.name}"
    command = re.search(r"sudo (apt-get install .*)", (folder / "README.md").read_text()).group(1)
    debian.run("sh", "-c", f"cd {here} && apt-get update -qq && {command}", network=True)
    installed = debian.run("dpkg-query", "--show", "--showformat=${Package}\n").stdout.split()
    assert not [name for name in installed if name.endswith("-dev")]
    assert debian.run(f"{here}/bin/gapura", "version").stdout.strip()
    (folder / "work").mkdir(mode=0o777)
    os.chown(folder / "work", 65534, 65534)
    options = {"user": 65534, "folder": f"{here}/work"}
    debian.run(f"{here}/bin/gapura", "init", "--url", URL, **options)
    running = debian.start(f"{here}/bin/gapura", "serve", **options)
    running.wait_until(lambda: get(running, "/health/ready").startswith("HTTP/1.1 200"), "it to be ready")
    assert running.stop() == 0
