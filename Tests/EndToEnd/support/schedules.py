"""Schedules whose ticks are due at once: tests wait for no minute of the clock."""

from support.database import moment
from support.server import eventually

#: Of the process itself.
RETENTION = "retention.prune"


def stop_for_long(server, *schedules):
    """Stops the server as if the schedules were last decided years ago: its next start runs each once.

    The schedules of a process are there soon after its first start, so this waits for their rows."""
    decided = "SELECT name FROM job_schedules"
    eventually(
        lambda: {name for (name,) in server.database.rows(decided)} >= set(schedules), f"the schedules {schedules}"
    )
    assert server.stop() == 0
    for name in schedules:
        server.database.execute("UPDATE job_schedules SET decided_until = ? WHERE name = ?", moment(0), name)
