CREATE TABLE login_codes (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    address text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    attempts bigint NOT NULL,
    used_at timestamptz
);

CREATE INDEX login_codes_user ON login_codes (user_id, created_at);
CREATE INDEX login_codes_expiry ON login_codes (expires_at);

-- Failed sign-ins, by what they are counted for: an account as strangers try it, a device, a network.
CREATE TABLE login_attempts (
    key text PRIMARY KEY,
    window_start timestamptz NOT NULL,
    failures bigint NOT NULL,
    last_failure timestamptz NOT NULL,
    locked_until timestamptz
);

CREATE INDEX login_attempts_last_failure ON login_attempts (last_failure);
