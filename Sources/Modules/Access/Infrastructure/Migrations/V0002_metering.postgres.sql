-- What was used in a window. A subject is a kind and an identifier, or a network's keyed digest; the service zero is
-- all of them together. The key finds the windows of a subject that are open.
CREATE TABLE usage_counters (
    subject bytea NOT NULL,
    window_end timestamptz NOT NULL,
    service_id uuid NOT NULL,
    unit smallint NOT NULL,
    window_start timestamptz NOT NULL,
    used bigint NOT NULL,
    reserved bigint NOT NULL,
    -- For which amounts it was told that 80 % and all of it are used.
    threshold_told_for bigint NOT NULL,
    exhaustion_told_for bigint NOT NULL,
    PRIMARY KEY (subject, window_end, service_id, unit)
) WITH (fillfactor = 70); -- Room beside each row for its next version, which a draw writes.

CREATE INDEX usage_counters_time ON usage_counters (unit, window_start);
CREATE INDEX usage_counters_reserved ON usage_counters (subject) WHERE reserved > 0;

CREATE TABLE reservations (
    id uuid PRIMARY KEY,
    caller uuid NOT NULL,
    key text NOT NULL,
    subject bytea NOT NULL,
    -- Encrypted by the master key, bound to the id; only if the subject is a network.
    network bytea,
    service_id uuid NOT NULL,
    amount bigint NOT NULL,
    -- The counters in which it is set aside, with their limits.
    holds jsonb NOT NULL,
    reserved_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    state text NOT NULL CHECK (state IN ('open', 'committed', 'released', 'expired')),
    used bigint NOT NULL,
    UNIQUE (caller, key)
);

CREATE INDEX reservations_expiry ON reservations (state, expires_at);

-- Of which devices' days somebody already has the count.
CREATE TABLE device_merges (
    device uuid NOT NULL,
    user_id uuid NOT NULL,
    day timestamptz NOT NULL,
    PRIMARY KEY (device, user_id, day)
);

CREATE INDEX device_merges_day ON device_merges (day);
