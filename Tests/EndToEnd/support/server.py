"""The built executable as a process: started in a folder of its own, ready when it says so, ended by its id."""

import json
import os
import random
import resource
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from support.client import Client
from support.database import SQLiteFiles

BINARY = Path(os.environ.get("GAPURA_BINARY", Path(__file__).parents[3] / ".build" / "debug" / "gapura")).absolute()

# How long anything may take before it counts as never; on a loaded machine everything takes longer.
PATIENCE = 60

LISTED_ORIGIN = "https://app.example.com"

DEVELOPMENT = {
    "APP_ENV": "development",
    "LOG_FORMAT": "json",
    "RATE_LIMIT": "off",
    "ARGON2_MEMORY": "64KiB",
    "ARGON2_ITERATIONS": "1",
    "CORS_ORIGINS": f"{LISTED_ORIGIN}, https://shop.example.com:8443",
}

PRODUCTION = {
    "APP_ENV": "production",
    "APP_URL": "https://id.example.com",
    "MASTER_KEY": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    "ADMIN_PORT": "0",
    "ARGON2_MEMORY": "64KiB",
    "ARGON2_ITERATIONS": "1",
}


def environment(variables):
    """Only what a test names: the settings of the person who runs the tests must not count."""
    return {"PATH": os.environ["PATH"]} | {name: value for name, value in variables.items() if value is not None}


def run(*arguments, folder, variables=DEVELOPMENT, prefix=()):
    """A command that ends by itself."""
    return subprocess.run(
        [*prefix, BINARY, *arguments],
        cwd=folder,
        env=environment(variables),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        stdin=subprocess.DEVNULL,
    )


class Server:
    """`gapura serve`. Its log is read line by line as it comes."""

    def __init__(self, folder, variables=None, base=DEVELOPMENT, prefix=(), database=None):
        self.folder = Path(folder)
        self.database = database or SQLiteFiles().of(folder)
        self.variables = base | self.database.variables | (variables or {})
        self.base = base
        self.prefix = prefix
        self.log = []
        self.output = []
        self.expected_errors = set()
        self._changed = threading.Condition()
        self.start()

    def start(self):
        """Starts it, also again after an end, on the same data."""
        for _ in range(20):
            if self._try_to_start():
                return self
        raise AssertionError("no free port")

    def _try_to_start(self):
        # Below the range from which the system takes ports for outgoing connections.
        self.port = int(self.variables.get("HTTP_PORT") or random.randrange(20_000, 32_000))
        self.url = f"http://127.0.0.1:{self.port}"
        variables = {"HTTP_PORT": str(self.port), "APP_URL": self.url} | self.variables
        first_line = len(self.log)
        # Signals that Python ignores stay ignored: a limit on file sizes then fails a write and does not kill.
        self.process = subprocess.Popen(
            [*self.prefix, BINARY, "serve"],
            cwd=self.folder,
            env=environment(variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            restore_signals=False,
        )
        self._readers = [
            threading.Thread(target=self._read, args=(self.process.stdout, self.output), daemon=True),
            threading.Thread(target=self._read, args=(self.process.stderr, self.log), daemon=True),
        ]
        for reader in self._readers:
            reader.start()
        ready = self.wait_for(
            lambda: self._entry("ready", first_line) or ("ended" if self.process.poll() is not None else None),
            "the server to be ready",
        )
        if ready == "ended":
            self._join()
            if any("the address is in use" in str(line) for line in self.log[first_line:]):
                del self.log[first_line:]
                return False
            raise AssertionError(f"the server ended with {self.process.returncode}\n{self.tail()}")
        self.port = ready["port"]
        self.admin_port = ready["admin_port"]
        self.url = f"http://127.0.0.1:{self.port}"
        return True

    def _read(self, stream, lines):
        for line in stream:
            text = line.decode().rstrip("\n")
            try:
                entry = json.loads(text) if lines is self.log else text
            except ValueError:
                entry = text
            with self._changed:
                lines.append(entry)
                self._changed.notify_all()
        with self._changed:
            self._changed.notify_all()

    def _join(self):
        for reader in self._readers:
            reader.join(PATIENCE)

    def _entry(self, message, first_line=0):
        return next(
            (entry for entry in self.log[first_line:] if isinstance(entry, dict) and entry["message"] == message), None
        )

    def wait_for(self, condition, what):
        """Waits until the condition, asked after every line of log or output, gives something."""
        deadline = time.monotonic() + PATIENCE
        with self._changed:
            while not (result := condition()):
                if time.monotonic() > deadline:
                    raise AssertionError(f"waited in vain for {what}\n{self.tail()}")
                self._changed.wait(0.05)
            return result

    def wait_for_log(self, message):
        return self.wait_for(lambda: self._entry(message), f"the log line {message!r}")

    @property
    def pid(self):
        return self.process.pid

    @property
    def data(self):
        return self.folder / "data"

    @property
    def is_running(self):
        return self.process.poll() is None

    def client(self, **options):
        return Client(self.url, **options)

    def stop(self):
        """Asks it to end; returns the exit code."""
        if self.is_running:
            os.kill(self.pid, signal.SIGTERM)
        return self.wait()

    def kill(self):
        """As a crash or a power cut of the process would end it."""
        os.kill(self.pid, signal.SIGKILL)
        return self.wait()

    def wait(self):
        try:
            code = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"the server did not end\n{self.tail()}") from None
        self._join()
        self.process.stdout.close()
        self.process.stderr.close()
        return code

    def close(self):
        """The end of a test: whatever state it is in, nothing of it is left."""
        if self.is_running:
            self.process.kill()
            self.wait()

    def errors(self, first_line=0):
        """Lines of level ERROR, or that are no log lines at all, that no test said it expects."""
        return [
            entry
            for entry in self.log[first_line:]
            if not isinstance(entry, dict)
            or (entry["level"] == "error" and entry["message"] not in self.expected_errors)
        ]

    def tail(self):
        return "\n".join(str(line) for line in self.log[-100:] + self.output[-20:])

    # What the process holds, seen from outside.

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def threads(self):
        return len(os.listdir(f"/proc/{self.pid}/task"))

    def memory_bytes(self):
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def limit_file_size(self, byte_count):
        """From now on no file grows beyond it: a full disk, for whom no disk can be made."""
        _, hard = resource.prlimit(self.pid, resource.RLIMIT_FSIZE)
        limit = resource.RLIM_INFINITY if byte_count is None else byte_count
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (limit, hard))


def eventually(condition, what, patience=PATIENCE, interval=0.02):
    """Asks again and again, for what tells nobody when it happens."""
    deadline = time.monotonic() + patience
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            raise AssertionError(f"waited in vain for {what}; last seen: {result!r}")
        time.sleep(interval)


if not os.access(BINARY, os.X_OK):
    sys.exit(f"there is no executable {BINARY}: build it (make build) or set GAPURA_BINARY")
