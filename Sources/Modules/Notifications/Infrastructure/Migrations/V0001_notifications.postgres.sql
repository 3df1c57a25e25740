CREATE TABLE notifications (
    id uuid PRIMARY KEY,
    dedupe_key text NOT NULL UNIQUE,
    template text NOT NULL,
    reference uuid NOT NULL,
    state text NOT NULL CHECK (state IN ('queued', 'sent', 'dropped', 'failed')),
    attempts bigint NOT NULL,
    next_attempt_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    sent_at timestamptz
);

CREATE INDEX notifications_due ON notifications (next_attempt_at) WHERE state = 'queued';

-- Development only: what would have gone out.
CREATE TABLE captured_mails (
    id uuid PRIMARY KEY,
    recipient text NOT NULL,
    subject text NOT NULL,
    text text NOT NULL,
    html text NOT NULL,
    created_at timestamptz NOT NULL
);
