-- Addresses that a server refused for good.
CREATE TABLE mail_suppressions (
    address_key text PRIMARY KEY,
    reason text NOT NULL,
    created_at timestamptz NOT NULL
);

-- Messages that were tried before are looked up apart from new ones, so that neither keep the others waiting.
DROP INDEX notifications_due;
CREATE INDEX notifications_due ON notifications ((attempts > 0), next_attempt_at) WHERE state = 'queued';
