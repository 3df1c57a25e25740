CREATE TABLE notifications (
    id BLOB PRIMARY KEY,
    dedupe_key TEXT NOT NULL UNIQUE,
    template TEXT NOT NULL,
    reference BLOB NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'sent', 'dropped', 'failed')),
    attempts INTEGER NOT NULL,
    next_attempt_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    sent_at INTEGER
) STRICT;

CREATE INDEX notifications_due ON notifications (next_attempt_at) WHERE state = 'queued';

-- Development only: what would have gone out.
CREATE TABLE captured_mails (
    id BLOB PRIMARY KEY,
    recipient TEXT NOT NULL,
    subject TEXT NOT NULL,
    text TEXT NOT NULL,
    html TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
