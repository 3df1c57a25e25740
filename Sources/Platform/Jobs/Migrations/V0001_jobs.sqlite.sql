-- Work for the background. A worker is a process; the fence counts how often a job was claimed.
CREATE TABLE jobs (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL,
    kind TEXT NOT NULL,
    queue TEXT NOT NULL,
    version INTEGER NOT NULL,
    arguments TEXT NOT NULL,
    state TEXT NOT NULL CHECK (
        state IN ('available', 'scheduled', 'running', 'retryable', 'completed', 'cancelled', 'discarded')),
    priority INTEGER NOT NULL CHECK (priority BETWEEN 0 AND 9),
    due_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    attempts_max INTEGER NOT NULL,
    fence INTEGER NOT NULL,
    worker BLOB,
    error TEXT,
    unique_key TEXT,
    unique_until INTEGER,
    schedule TEXT,
    tick INTEGER,
    created_at INTEGER NOT NULL,
    attempted_at INTEGER,
    cancel_requested_at INTEGER,
    finished_at INTEGER
) STRICT;

CREATE UNIQUE INDEX jobs_id ON jobs (id);
CREATE UNIQUE INDEX jobs_unique_key ON jobs (unique_key) WHERE unique_key IS NOT NULL;
-- N processes with one scheduler each make one job of a tick.
CREATE UNIQUE INDEX jobs_tick ON jobs (schedule, tick) WHERE schedule IS NOT NULL;
CREATE INDEX jobs_available ON jobs (queue, priority, due_at, number) WHERE state = 'available';
CREATE INDEX jobs_waiting ON jobs (due_at) WHERE state IN ('scheduled', 'retryable');
CREATE INDEX jobs_running ON jobs (queue) WHERE state = 'running';
CREATE INDEX jobs_failed ON jobs (state, id) WHERE state IN ('retryable', 'cancelled', 'discarded');
CREATE INDEX jobs_finished_at ON jobs (finished_at) WHERE finished_at IS NOT NULL;

-- A queue has a row when it was paused or is limited. `next_start_at` is where its rate stands.
CREATE TABLE job_queues (
    name TEXT PRIMARY KEY,
    paused_at INTEGER,
    next_start_at INTEGER
) STRICT, WITHOUT ROWID;

-- Until when the running jobs of a worker are not taken over.
CREATE TABLE job_workers (
    id BLOB PRIMARY KEY,
    started_at INTEGER NOT NULL,
    lease_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Up to which moment the ticks of a schedule are decided.
CREATE TABLE job_schedules (
    name TEXT PRIMARY KEY,
    decided_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
