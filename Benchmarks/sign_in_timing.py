#!/usr/bin/env python3
"""How long each kind of refused sign-in takes: whether the time tells which addresses have an account.

Unknown addresses, wrong passwords, accounts without a password and locked accounts (with and without an account behind
them) take turns in random order, so that what else the machine does hits them all alike. Prints a table, and the
spread between the kinds that must not differ. Only the standard library; a release build by `make release`.
"""

import argparse
import http.client
import json
import random
import shutil
import sqlite3
import statistics
import sys
import time
import uuid
from pathlib import Path

from gapura_bench.programs import ROOT, SCRATCH, gapura

PASSWORD = "correct horse battery staple"
KINDS = {
    "unknown address": 401,
    "wrong password": 401,
    "account without a password": 401,
    "locked, with an account": 429,
    "locked, without an account": 429,
}
# What must take the same time: each pair tells, if it does not, whether an address has an account.
PAIRS = [
    ("unknown address", "wrong password"),
    ("unknown address", "account without a password"),
    ("locked, without an account", "locked, with an account"),
]


class Site:
    def __init__(self, program, database):
        self.connection = http.client.HTTPConnection("127.0.0.1", program.port, timeout=60)
        self.database = sqlite3.connect(database, timeout=60, isolation_level=None)
        self.count = 0

    def post(self, path, document):
        """Status and milliseconds; each from an address of its own, so that no network is locked."""
        self.count += 1
        headers = {
            "Content-Type": "application/json",
            "X-Forwarded-For": f"10.{self.count >> 16 & 255}.{self.count >> 8 & 255}.{self.count & 255}",
        }
        body = json.dumps(document)
        start = time.perf_counter()
        self.connection.request("POST", path, body, headers)
        answer = self.connection.getresponse()
        answer.read()
        return answer.status, (time.perf_counter() - start) * 1_000

    def guess(self, email):
        return self.post("/login", {"email": email, "password": "not the password"})

    def accounts(self, count, password_hash):
        """So many verified accounts, written at once."""
        rows = [(uuid.uuid4().bytes, fresh_email(), password_hash) for _ in range(count)]
        self.database.execute("BEGIN IMMEDIATE")
        self.database.executemany(
            "INSERT INTO users (id, email, email_key, password_hash, is_active, is_verified, locale, provider,"
            " created_at, updated_at) VALUES (?1, ?2, ?2, ?3, 1, 1, 'en', 'local', 1790000000000, 1790000000000)", rows,
        )
        self.database.execute("COMMIT")
        return [email for _, email, _ in rows]

    def lock(self, email):
        """As ten failures do."""
        now = int(time.time() * 1_000)
        self.database.execute(
            "INSERT INTO login_attempts (key, window_start, failures, last_failure, locked_until)"
            " VALUES (?, ?, 10, ?, ?)",
            (f"account:{email}", now, now, now + 900_000),
        )


def fresh_email():
    return f"{uuid.uuid4().hex}@example.com"


def measure(site, rounds):
    """Milliseconds by kind. Each guess goes to an account of its own: the fifth failure would have to wait."""
    email = fresh_email()
    status, _ = site.post("/register", {"email": email, "password": PASSWORD})
    if status != 201:
        raise RuntimeError(f"the registration was answered {status}")
    [(password_hash,)] = site.database.execute("SELECT password_hash FROM users WHERE email = ?", (email,))
    emails = {
        "unknown address": [fresh_email() for _ in range(rounds)],
        "wrong password": site.accounts(rounds, password_hash),
        "account without a password": site.accounts(rounds, None),
        "locked, with an account": site.accounts(rounds, password_hash),
        "locked, without an account": [fresh_email() for _ in range(rounds)],
    }
    site.database.execute("BEGIN IMMEDIATE")
    for kind in KINDS:
        if kind.startswith("locked"):
            for email in emails[kind]:
                site.lock(email)
    site.database.execute("COMMIT")
    times = {kind: [] for kind in KINDS}
    for number in range(rounds):
        for kind in random.sample(list(KINDS), len(KINDS)):
            status, milliseconds = site.guess(emails[kind][number])
            if status != KINDS[kind]:
                raise RuntimeError(f"{kind} was answered {status}")
            times[kind].append(milliseconds)
    return times


def report(times):
    lines = ["| kind | status | median, ms | quarter to three quarters, ms |", "|---|---|---|---|"]
    for kind, status in KINDS.items():
        low, median, high = statistics.quantiles(times[kind], n=4)
        lines.append(f"| {kind} | {status} | {median:.3f} | {low:.3f} to {high:.3f} |")
    lines.append("")
    for left, right in PAIRS:
        difference, noise = compared(times[left], times[right])
        lines.append(f"- {right} less {left}: {difference:+.3f} ms (95 % within {noise[0]:+.3f} to {noise[1]:+.3f})")
    return "\n".join(lines)


def compared(left, right, resamples=500):
    """The difference of the medians, and where it lies in 95 of 100 resamples."""
    def difference(pick):
        return statistics.median(pick(right)) - statistics.median(pick(left))

    found = sorted(difference(lambda times: random.choices(times, k=len(times))) for _ in range(resamples))
    return difference(lambda times: times), (found[resamples // 40], found[-resamples // 40])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=300, help="of each kind (default: 300)")
    parser.add_argument("--binary", type=Path, default=ROOT / ".build/release/gapura")
    given = parser.parse_args()
    if not given.binary.exists():
        parser.error(f"{given.binary} is missing; `make release` builds it")
    folder = SCRATCH / "sign-in-timing"
    shutil.rmtree(folder, ignore_errors=True)
    with gapura(given.binary.resolve(), folder, TRUSTED_PROXIES="127.0.0.1") as program:
        print(report(measure(Site(program, folder / "data/gapura.db"), given.rounds)))


if __name__ == "__main__":
    sys.exit(main())
