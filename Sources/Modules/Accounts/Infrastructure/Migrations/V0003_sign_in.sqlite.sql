CREATE TABLE login_codes (
    id BLOB PRIMARY KEY,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    address TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    used_at INTEGER
) STRICT;

CREATE INDEX login_codes_user ON login_codes (user_id, created_at);
CREATE INDEX login_codes_expiry ON login_codes (expires_at);

-- Failed sign-ins, by what they are counted for: an account as strangers try it, a device, a network.
CREATE TABLE login_attempts (
    key TEXT PRIMARY KEY,
    window_start INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    last_failure INTEGER NOT NULL,
    locked_until INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX login_attempts_last_failure ON login_attempts (last_failure);
