-- What was used in a window. A subject is a kind and an identifier, or a network's keyed digest; the service zero is
-- all of them together. The key finds the windows of a subject that are open.
CREATE TABLE usage_counters (
    subject BLOB NOT NULL,
    window_end INTEGER NOT NULL,
    service_id BLOB NOT NULL,
    unit INTEGER NOT NULL,
    window_start INTEGER NOT NULL,
    used INTEGER NOT NULL,
    reserved INTEGER NOT NULL,
    -- For which amounts it was told that 80 % and all of it are used.
    threshold_told_for INTEGER NOT NULL,
    exhaustion_told_for INTEGER NOT NULL,
    PRIMARY KEY (subject, window_end, service_id, unit)
) STRICT, WITHOUT ROWID;

CREATE INDEX usage_counters_time ON usage_counters (unit, window_start);
CREATE INDEX usage_counters_reserved ON usage_counters (subject) WHERE reserved > 0;

CREATE TABLE reservations (
    id BLOB PRIMARY KEY,
    caller BLOB NOT NULL,
    key TEXT NOT NULL,
    subject BLOB NOT NULL,
    -- Encrypted by the master key, bound to the id; only if the subject is a network.
    network BLOB,
    service_id BLOB NOT NULL,
    amount INTEGER NOT NULL,
    -- The counters in which it is set aside, with their limits.
    holds TEXT NOT NULL,
    reserved_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'committed', 'released', 'expired')),
    used INTEGER NOT NULL,
    UNIQUE (caller, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX reservations_expiry ON reservations (state, expires_at);

-- Of which devices' days somebody already has the count.
CREATE TABLE device_merges (
    device BLOB NOT NULL,
    user_id BLOB NOT NULL,
    day INTEGER NOT NULL,
    PRIMARY KEY (device, user_id, day)
) STRICT, WITHOUT ROWID;

CREATE INDEX device_merges_day ON device_merges (day);
