CREATE TABLE outbox (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL UNIQUE,
    source TEXT NOT NULL,
    type TEXT NOT NULL,
    subject BLOB NOT NULL,
    time INTEGER NOT NULL,
    traceparent TEXT,
    data TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    next_attempt_at INTEGER NOT NULL,
    last_error TEXT
) STRICT;

CREATE INDEX outbox_subject ON outbox (subject, number);

CREATE TABLE inbox (
    consumer TEXT NOT NULL,
    event_id BLOB NOT NULL,
    accepted_at INTEGER NOT NULL,
    PRIMARY KEY (consumer, event_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX inbox_accepted_at ON inbox (accepted_at);

CREATE TABLE dead_letters (
    id BLOB PRIMARY KEY,
    source TEXT NOT NULL,
    type TEXT NOT NULL,
    subject BLOB NOT NULL,
    time INTEGER NOT NULL,
    traceparent TEXT,
    data TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    error TEXT NOT NULL,
    buried_at INTEGER NOT NULL
) STRICT;
