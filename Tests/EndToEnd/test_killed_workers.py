"""Workers and schedulers as processes of their own, also killed: all is done, and each effect is there once."""

import contextlib
import os
import random
import subprocess
import time
import uuid

import pytest
from support.database import moment
from support.server import BINARY, DEVELOPMENT, PATIENCE, environment, eventually, run

PROBE = BINARY.parent / "DeliveryProbe"
# A dead worker's jobs are taken over within so many seconds.
TAKEOVER = 30

pytestmark = pytest.mark.skipif(
    not PROBE.exists() and "CI" not in os.environ, reason=f"{PROBE} is not built: swift build --product DeliveryProbe"
)


class Probe:
    """A process that runs jobs."""

    def __init__(self, database, what, number):
        self.process = subprocess.Popen(
            [PROBE, what, database.url, str(number)], env=environment({}), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )
        word, _, identifier = self.process.stdout.readline().strip().partition(" ")
        assert word == "ready", word + identifier
        self.worker = uuid.UUID(identifier)

    def kill(self):
        """As the system does it when there is no memory left."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture
def effects(databases, tmp_path):
    """A database with a table of effects, which nothing keeps from being there twice."""
    database = databases.with_schema(tmp_path)
    assert run("migrate", "up", folder=tmp_path, variables=DEVELOPMENT | database.variables).returncode == 0
    kind = {"sqlite": "BLOB", "postgres": "uuid"}[database.kind]
    database.execute(f"CREATE TABLE probe_effects (value bigint, worker {kind})")
    return database


@pytest.fixture
def probes(effects):
    """Starts them: `probes("work", 20)`."""
    with contextlib.ExitStack() as stack:

        def start(what, number):
            probe = Probe(effects, what, number)
            stack.callback(probe.kill)
            return probe

        yield start


def enqueue(database, count):
    database.execute_all(
        "INSERT INTO jobs (id, kind, queue, version, arguments, state, priority, due_at, attempts, attempts_max, fence,"
        " created_at) VALUES (?, 'probe.effect', 'probe', 1, ?, 'available', 5, ?, 0, 1000, 0, ?)",
        [(uuid.uuid4(), f'{{"value": {number}}}', moment(0), moment(0)) for number in range(count)],
    )


def done(database):
    return database.rows("SELECT count(*) FROM probe_effects")[0][0]


def running_of(database, probe):
    return database.rows("SELECT count(*) FROM jobs WHERE state = 'running' AND worker = ?", probe.worker)[0][0]


def test_jobs_of_workers_that_are_killed_at_random_are_all_done_each_once(effects, probes, effort):
    count, kills, seed = effort(600, 10_000), effort(4, 20), effort(17, random.randrange(1 << 32))
    chance = random.Random(seed)
    # SQLite is for one process; leases pass twenty times faster, but in the long form.
    size, speed = {"sqlite": 1, "postgres": 3}[effects.kind], effort(20, 1)
    enqueue(effects, count)
    workers = [probes("work", speed) for _ in range(size)]
    dead = {}

    def taken_over():
        """Looks that no job of a dead worker waits for too long."""
        for probe, killed_at in list(dead.items()):
            if running_of(effects, probe) == 0:
                del dead[probe]
            else:
                assert time.monotonic() - killed_at < TAKEOVER, f"jobs of a dead worker wait; seed {seed}"
        return not dead

    def reached(jobs):
        taken_over()
        return done(effects) >= jobs

    for jobs in sorted(chance.randrange(1, count * 9 // 10) for _ in range(kills)):
        eventually(lambda jobs=jobs: reached(jobs), f"{jobs} jobs; seed {seed}", PATIENCE * 5)
        victim = chance.randrange(size)
        workers[victim].kill()
        dead[workers[victim]] = time.monotonic()
        workers[victim] = probes("work", speed)
    eventually(
        lambda: taken_over() and effects.rows("SELECT count(*) FROM jobs WHERE state <> 'completed'") == [(0,)],
        f"all of them; seed {seed}", PATIENCE * 5,
    )
    found = effects.rows("SELECT count(*), count(DISTINCT value) FROM probe_effects")
    assert found == [(count, count)], f"seed {seed}"
    assert effects.rows("SELECT count(*) FROM jobs WHERE state = 'completed'") == [(count,)]


@pytest.mark.only_on("postgres")
def test_three_schedulers_make_one_run_of_each_tick(effects, probes, effort):
    if effects.kind == "sqlite":
        pytest.skip("an SQLite database is one process's")
    ticks = effort(100, 1_000)
    for probe in [probes("tick", ticks) for _ in range(3)]:
        assert probe.process.wait(PATIENCE * 5) == 0
    eventually(lambda: done(effects) >= ticks, "all of them")
    assert effects.rows("SELECT count(*), count(DISTINCT tick) FROM jobs WHERE schedule = 'probe.tick'") == [
        (ticks, ticks)
    ]
    assert effects.rows("SELECT count(*), count(DISTINCT value), min(value), max(value) FROM probe_effects") == [
        (ticks, ticks, 1, ticks)
    ]
