-- Addresses that a server refused for good.
CREATE TABLE mail_suppressions (
    address_key TEXT PRIMARY KEY,
    reason TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- Messages that were tried before are looked up apart from new ones, so that neither keep the others waiting.
DROP INDEX notifications_due;
CREATE INDEX notifications_due ON notifications ((attempts > 0), next_attempt_at) WHERE state = 'queued';
