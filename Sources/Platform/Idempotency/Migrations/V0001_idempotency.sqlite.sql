-- Requests with an Idempotency-Key, and their answers for as long as they are given again.
CREATE TABLE idempotency_keys (
    -- SHA-256 over the caller, the route and the key, of which none is kept.
    scope BLOB PRIMARY KEY,
    -- HMAC over the whole request: its body may hold a password.
    fingerprint BLOB NOT NULL,
    -- The identifier of what the request makes, the same in every run.
    resource_id BLOB NOT NULL,
    attempt INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    lease_until INTEGER NOT NULL,
    -- Null until there is an answer to keep. Fields and body are encrypted.
    status INTEGER,
    answer BLOB,
    CHECK ((status IS NULL) = (answer IS NULL))
) STRICT;

CREATE INDEX idempotency_keys_created_at ON idempotency_keys (created_at);
