"""A fresh Debian in a folder, in which programs run as if they were on a machine of their own.

Stands in for a container engine and for a machine that is set up anew: no network of its own but a loopback interface when
it is asked for, its own processes, its own /proc, /dev and /tmp.
"""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

PATIENCE = 600


def mirror():
    """Where this machine gets Debian's packages from."""
    found = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI) $(CODENAME)", "Created-By: Packages"],
        check=True, capture_output=True, text=True,
    ).stdout.split("\n")
    codename = next(
        line.split("=")[1] for line in Path("/etc/os-release").read_text().splitlines()
        if line.startswith("VERSION_CODENAME=")
    )
    return next(line.split()[0] for line in found if line.endswith(f" {codename}")), codename


def bootstrap(folder):
    uri, codename = mirror()
    done = subprocess.run(
        ["debootstrap", "--variant=minbase", codename, folder, uri], capture_output=True, text=True, timeout=PATIENCE
    )
    assert done.returncode == 0, done.stdout[-2000:]
    shutil.copy("/etc/resolv.conf", folder / "etc/resolv.conf")
    return Debian(folder)


class Debian:
    def __init__(self, root):
        self.root = root

    def copy(self, folder):
        subprocess.run(["cp", "--archive", "--reflink=auto", self.root, folder], check=True)
        return Debian(folder)

    def path(self, path):
        return self.root / str(path).removeprefix("/")

    def put(self, source, path, mode=0o755):
        self.path(path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, self.path(path))
        self.path(path).chmod(mode)

    def command(self, *command, user=None, network=False, writable=None, variables=None, folder="/"):
        """- user: number of the user and group, without any right; root if none is given.
        - network: the machine's; else one of its own, which has a loopback interface only.
        - writable: with it the root cannot be written, but for these folders and /tmp.
        """
        steps = ["set -e", "mount --make-rprivate /", f"mount --bind {self.root} {self.root}"]
        for path in writable or []:
            steps.append(f"mount --bind {self.path(path)} {self.path(path)}")
        if writable is not None:
            steps.append(f"mount -o remount,ro,bind {self.root}")
        steps += [
            f"mount -t proc proc {self.root}/proc", f"mount -t tmpfs tmpfs {self.root}/tmp",
            f"mount -t tmpfs tmpfs {self.root}/dev",
            *(f"mknod -m 666 {self.root}/dev/{name} c 1 {n}" for name, n in (("null", 3), ("zero", 5), ("urandom", 9))),
            f"ln -s /proc/self/fd {self.root}/dev/fd",
        ]
        if not network:
            steps.append("ip link set lo up")
        steps.append('exec "$@"')
        enter = ["chroot", self.root, "env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]
        enter += [f"{name}={value}" for name, value in (variables or {}).items()]
        enter += ["sh", "-c", f'cd {folder} && exec "$@"', "sh"]
        if user is not None:
            enter += [
                "setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "--no-new-privs", "--bounding-set=-all"
            ]
        own = ["--mount", "--pid", "--fork", "--kill-child"] + ([] if network else ["--net"])
        return ["unshare", *own, "sh", "-c", "\n".join(steps), "sh", *map(str, enter), *map(str, command)]

    def run(self, *command, check=True, **options):
        done = subprocess.run(
            self.command(*command, **options), capture_output=True, text=True, timeout=PATIENCE, stdin=subprocess.DEVNULL
        )
        assert not check or done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
        return done

    def start(self, *command, **options):
        return Running(self, self.command(*command, **options))


class Running:
    """A program that goes on running, and the machine around it."""

    def __init__(self, debian, command):
        self.log = open(f"{debian.root}.log", "w+")
        self.process = subprocess.Popen(
            command, stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL, start_new_session=True
        )

    @property
    def pid(self):
        """Of the first process of the machine, as this machine numbers it; waits for it to be there."""
        deadline = time.monotonic() + 60
        while not (children := self._children()):
            assert self.process.poll() is None and time.monotonic() < deadline, f"nothing runs\n{self.text()}"
            time.sleep(0.01)
        return children[0]

    def _children(self):
        try:
            text = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        except FileNotFoundError:
            return []
        return [int(number) for number in text.split()]

    def inside(self, *command, user=None):
        """Runs a command where the program runs: its network, its files, its processes."""
        prefix = ["nsenter", "--target", str(self.pid), "--mount", "--pid", "--net", "--root", "--wd"]
        if user is not None:
            prefix += ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "--no-new-privs"]
        return subprocess.run([*prefix, *map(str, command)], capture_output=True, text=True, timeout=60)

    def wait_until(self, condition, what, patience=120):
        deadline = time.monotonic() + patience
        while not (result := condition()):
            assert self.process.poll() is None, f"it ended before {what}\n{self.text()}"
            assert time.monotonic() < deadline, f"waited in vain for {what}\n{self.text()}"
            time.sleep(0.05)
        return result

    def text(self):
        return Path(self.log.name).read_text()[-4000:]

    def stop(self):
        """Asks the program to end; returns its exit code."""
        self.ask_to_end()
        return self.wait()

    def ask_to_end(self):
        for pid in self._children():
            os.kill(pid, signal.SIGTERM)

    def wait(self):
        try:
            return self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        finally:
            self.log.close()
