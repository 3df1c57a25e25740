-- Events are found by their number and by their subject; identifiers are unique by how they are made.
CREATE TABLE narrow_outbox (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL,
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

INSERT INTO narrow_outbox
SELECT number, id, source, type, subject, time, traceparent, data, attempts, next_attempt_at, last_error FROM outbox;

DROP TABLE outbox;
ALTER TABLE narrow_outbox RENAME TO outbox;

CREATE INDEX outbox_subject ON outbox (subject, number);
