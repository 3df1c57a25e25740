"""A process that is killed at any step of relaying, consuming and parking events, of claiming, running and completing
jobs: whoever comes after it finishes what it began, and each effect is there once.

The steps are not listed here: a process that is not killed says which it took, and one is killed at each of them.
"""

import json
import os
import random
import signal
import subprocess

import pytest
from support.server import BINARY, DEVELOPMENT, PATIENCE, environment, run

PROBE = BINARY.parent / "DeliveryProbe"
EVENTS, JOBS = 4, 5
# The number of the job that publishes an event.
PUBLISHES = 11
# Without which the list would be wrong, whose the others are.
SOME_STEPS = {
    "relay: read ", "relay: INSERT INTO event_leases", "relay: DELETE FROM outbox_events",
    "relay: INSERT INTO parked_events", "relay: committed INSERT INTO parked_events", "relay: DELETE FROM parked_events",
    "relay: INSERT INTO dead_letters", "relay: committed INSERT INTO dead_letters", "relay: UPDATE parked_events",
    "taking: INSERT INTO inbox", "taking: INSERT INTO probe_effects", "failing: committed INSERT INTO probe_effects",
    "worker: INSERT INTO job_workers", "worker: WITH chosen", "worker: committed WITH chosen",
    "job: INSERT INTO probe_effects", "job: INSERT INTO outbox_events", "job: UPDATE jobs", "job: committed UPDATE jobs",
    "worker: UPDATE jobs SET state = 'completed',", "worker: UPDATE jobs SET worker = NULL,",
    "worker: committed UPDATE jobs", "worker: SELECT number, fence, kind, attempts FROM",
}

pytestmark = pytest.mark.skipif(
    not PROBE.exists() and "CI" not in os.environ, reason=f"{PROBE} is not built: swift build --product DeliveryProbe"
)


class Processes:
    """One after the other, each an hour later than the one before, all on one database."""

    def __init__(self, databases, folder):
        self.database = databases.with_schema(folder)
        assert run("migrate", "up", folder=folder, variables=DEVELOPMENT | self.database.variables).returncode == 0
        self.database.execute("CREATE TABLE probe_effects (value bigint)")
        self.count = 0

    def start(self, point=None, is_last=False):
        self.count += 1
        number = -self.count if is_last else self.count
        return subprocess.Popen(
            [PROBE, "crash", self.database.url, str(number)], env=environment({"CRASH_AT": point}),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def run(self, point=None, is_last=False):
        """Returns the steps that it took, or None if it was killed."""
        process = self.start(point, is_last)
        output, _ = process.communicate(timeout=2 * PATIENCE)
        assert process.returncode in (0, -signal.SIGKILL), output
        assert process.returncode == 0 or point, "it was killed for no reason"
        return output.splitlines() if process.returncode == 0 else None

    def finish(self):
        """The last process does what is left; then looks that everything is there, and once."""
        assert self.run(is_last=True) is not None
        # What a process makes is one transaction: whoever was killed before its end has made nothing.
        jobs = self.database.rows("SELECT arguments FROM jobs")
        made = {json.loads(arguments)["run"] for (arguments,) in jobs}
        assert len(jobs) == len(made) * JOBS
        expected = []
        for number in made:
            for value in range(number * 100, number * 100 + EVENTS):
                expected += self.effects_of_event(value)
            # The job that only returns has no effect.
            expected += [value * 10 for value in range(number * 100 + 10, number * 100 + 10 + JOBS - 1)]
            expected += self.effects_of_event(number * 100 + PUBLISHES)
        found = sorted(value for (value,) in self.database.rows("SELECT value FROM probe_effects"))
        assert found == sorted(expected)
        refused = len(made) * (EVENTS // 2 + 1)
        letters = "SELECT count(*), count(DISTINCT id) FROM dead_letters WHERE group_name = 'refusing'"
        assert self.database.rows(letters) == [(refused, refused)]
        assert self.database.rows("SELECT count(*) FROM dead_letters") == [(refused,)]
        states = self.database.rows("SELECT state, count(*) FROM jobs GROUP BY state")
        assert states == [("completed", len(made) * JOBS)]
        for table in ("outbox_events", "parked_events"):
            assert self.database.rows(f"SELECT count(*) FROM {table}") == [(0,)]

    @staticmethod
    def effects_of_event(value):
        """Of the groups that take it: one refuses every other."""
        return [value * 10 + 1, value * 10 + 2] + ([] if value % 2 else [value * 10 + 3])


@pytest.fixture
def processes(databases, tmp_path):
    return Processes(databases, tmp_path)


def test_after_a_kill_at_each_step_every_effect_is_there_once(processes, effort):
    steps = set(processes.run())
    in_a_job = next(step for step in steps if step.startswith("job: INSERT INTO probe_effects"))
    assert processes.run(in_a_job) is None
    # The steps of whoever takes over what a killed process had are others.
    steps = sorted(steps | set(processes.run()))
    missing = {some for some in SOME_STEPS if not any(step.startswith(some) for step in steps)}
    assert not missing, steps
    for step in steps * effort(1, 5):
        # Some are taken only where nothing was left, others only where a killed process had a job.
        if processes.run(step) is not None and processes.run(step) is not None:
            assert processes.run(in_a_job) is None
            assert processes.run(step) is None, f"{step} was not taken again"
    processes.finish()


def test_after_kills_at_random_every_effect_is_there_once(processes, effort):
    seed = effort(17, random.randrange(1 << 32))
    chance = random.Random(seed)
    print(f"seed {seed}")
    for _ in range(effort(4, 300)):
        if chance.random() < 0.5:
            processes.run(f"#{chance.randrange(1, 150)}")
            continue
        process = processes.start()
        try:
            process.wait(chance.uniform(0, 0.3))
        except subprocess.TimeoutExpired:
            process.kill()
        process.communicate(timeout=PATIENCE)
        assert process.returncode in (0, -signal.SIGKILL)
    processes.finish()
