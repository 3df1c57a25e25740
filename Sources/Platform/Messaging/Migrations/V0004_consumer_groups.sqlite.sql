-- Every consumer group of the installation; an event is owed to each. `types` is a JSON array, NULL for every type.
CREATE TABLE consumer_groups (
    name TEXT PRIMARY KEY,
    types TEXT,
    registered_at INTEGER NOT NULL,
    last_run_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Who had events before stays owed them, also if another module's process is the first to start.
INSERT INTO consumer_groups (name, types, registered_at, last_run_at)
SELECT consumer, NULL, min(accepted_at), max(accepted_at) FROM inbox GROUP BY consumer;

-- Events between their commit and their hand-over to every group. `legacy_number` is the row's twin in `outbox`.
CREATE TABLE outbox_events (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL,
    source TEXT NOT NULL,
    type TEXT NOT NULL,
    subject BLOB NOT NULL,
    time INTEGER NOT NULL,
    traceparent TEXT,
    data TEXT NOT NULL,
    reach TEXT NOT NULL CHECK (reach IN ('internal', 'public')),
    partition INTEGER NOT NULL,
    legacy_number INTEGER
) STRICT;

-- What a group still has to have: a failed event, those of its subject behind it, and those of a group that does not
-- run where they were handed over.
CREATE TABLE parked_events (
    group_name TEXT NOT NULL REFERENCES consumer_groups (name) ON DELETE CASCADE,
    id BLOB NOT NULL,
    number INTEGER NOT NULL,
    source TEXT NOT NULL,
    type TEXT NOT NULL,
    subject BLOB NOT NULL,
    time INTEGER NOT NULL,
    traceparent TEXT,
    data TEXT NOT NULL,
    reach TEXT NOT NULL CHECK (reach IN ('internal', 'public')),
    partition INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    next_attempt_at INTEGER NOT NULL,
    error TEXT,
    PRIMARY KEY (group_name, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX parked_events_subject ON parked_events (group_name, subject, number);
CREATE INDEX parked_events_due ON parked_events (group_name, next_attempt_at);

-- Who works a partition off for a group, and until when nobody else does; the group '' hands over from the outbox.
CREATE TABLE event_leases (
    group_name TEXT NOT NULL,
    partition INTEGER NOT NULL,
    owner BLOB NOT NULL,
    fence INTEGER NOT NULL,
    lease_until INTEGER NOT NULL,
    PRIMARY KEY (group_name, partition)
) STRICT, WITHOUT ROWID;

-- A dead letter is one group's; those of 0.1.0, whose group is '', were every group's.
CREATE TABLE dead_letters_of_groups (
    id BLOB NOT NULL,
    group_name TEXT NOT NULL DEFAULT '',
    number INTEGER,
    source TEXT NOT NULL,
    type TEXT NOT NULL,
    subject BLOB NOT NULL,
    time INTEGER NOT NULL,
    traceparent TEXT,
    data TEXT NOT NULL,
    reach TEXT CHECK (reach IN ('internal', 'public')),
    attempts INTEGER NOT NULL,
    error TEXT NOT NULL,
    buried_at INTEGER NOT NULL,
    PRIMARY KEY (id, group_name)
) STRICT;

INSERT INTO dead_letters_of_groups (id, source, type, subject, time, traceparent, data, attempts, error, buried_at)
SELECT id, source, type, subject, time, traceparent, data, attempts, error, buried_at FROM dead_letters;

DROP TABLE dead_letters;
ALTER TABLE dead_letters_of_groups RENAME TO dead_letters;

-- 0.1.0 writes `outbox` and deletes a row when its own consumers had it. So each row has a twin in `outbox_events`, and
-- 0.1.0 itself delivers a row only if no newer process did within 30 s. It knows four internal types.
INSERT INTO outbox_events (id, source, type, subject, time, traceparent, data, reach, partition, legacy_number)
SELECT id, source, type, subject, time, traceparent, data,
    CASE WHEN type IN ('user.verification_requested', 'user.password_reset_requested', 'user.login_code_requested',
        'user.email_change_requested') THEN 'internal' ELSE 'public' END,
    partition, number
FROM outbox ORDER BY number;

UPDATE outbox SET next_attempt_at = next_attempt_at + 30000;

-- Only what 0.1.0 writes is due at the time of the event; a row that `gapura copy` brings is not.
CREATE TRIGGER outbox_twin AFTER INSERT ON outbox WHEN NEW.next_attempt_at = NEW.time
BEGIN
    INSERT INTO outbox_events (id, source, type, subject, time, traceparent, data, reach, partition, legacy_number)
    VALUES (NEW.id, NEW.source, NEW.type, NEW.subject, NEW.time, NEW.traceparent, NEW.data,
        CASE WHEN NEW.type IN ('user.verification_requested', 'user.password_reset_requested',
            'user.login_code_requested', 'user.email_change_requested') THEN 'internal' ELSE 'public' END,
        NEW.partition, NEW.number);
    UPDATE outbox SET next_attempt_at = NEW.next_attempt_at + 30000 WHERE number = NEW.number;
END;
