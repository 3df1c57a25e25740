-- Requests with an Idempotency-Key, and their answers for as long as they are given again.
CREATE TABLE idempotency_keys (
    -- SHA-256 over the caller, the route and the key, of which none is kept.
    scope bytea PRIMARY KEY,
    -- HMAC over the whole request: its body may hold a password.
    fingerprint bytea NOT NULL,
    -- The identifier of what the request makes, the same in every run.
    resource_id uuid NOT NULL,
    attempt bigint NOT NULL,
    created_at timestamptz NOT NULL,
    lease_until timestamptz NOT NULL,
    -- Null until there is an answer to keep. Fields and body are encrypted.
    status bigint,
    answer bytea,
    CHECK ((status IS NULL) = (answer IS NULL))
);

CREATE INDEX idempotency_keys_created_at ON idempotency_keys (created_at);
