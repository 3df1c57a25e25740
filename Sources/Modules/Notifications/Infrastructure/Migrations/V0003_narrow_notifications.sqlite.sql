CREATE TABLE narrow_notifications (
    id BLOB PRIMARY KEY,
    dedupe_key TEXT NOT NULL UNIQUE,
    template TEXT NOT NULL,
    reference BLOB NOT NULL,
    -- Not IN (...): SQLite makes a table of the list for every row that is written.
    state TEXT NOT NULL CHECK (state = 'queued' OR state = 'sent' OR state = 'dropped' OR state = 'failed'),
    attempts INTEGER NOT NULL,
    next_attempt_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    sent_at INTEGER
) STRICT, WITHOUT ROWID;

INSERT INTO narrow_notifications
SELECT id, dedupe_key, template, reference, state, attempts, next_attempt_at, created_at, sent_at FROM notifications;

DROP TABLE notifications;
ALTER TABLE narrow_notifications RENAME TO notifications;

CREATE INDEX notifications_due ON notifications ((attempts > 0), next_attempt_at) WHERE state = 'queued';

-- Mails with the number by which the oldest go, so that nobody has to count.
CREATE TABLE numbered_mails (
    number INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    recipient TEXT NOT NULL,
    subject TEXT NOT NULL,
    text TEXT NOT NULL,
    html TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

INSERT INTO numbered_mails (id, recipient, subject, text, html, created_at)
SELECT id, recipient, subject, text, html, created_at FROM captured_mails ORDER BY id;

DROP TABLE captured_mails;
ALTER TABLE numbered_mails RENAME TO captured_mails;
