-- A passkey is asked for after the password.
ALTER TABLE users ADD COLUMN second_step INTEGER NOT NULL DEFAULT 0;

CREATE TABLE mfa_factors (
    id BLOB PRIMARY KEY,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('totp')),
    name TEXT NOT NULL,
    -- Encrypted by the master key, bound to the row.
    secret BLOB NOT NULL,
    last_step INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    confirmed_at INTEGER,
    last_used_at INTEGER
) STRICT;

CREATE INDEX mfa_factors_user ON mfa_factors (user_id);
CREATE INDEX mfa_factors_pending ON mfa_factors (created_at) WHERE confirmed_at IS NULL;

CREATE TABLE recovery_codes (
    id BLOB PRIMARY KEY,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    batch BLOB NOT NULL,
    code_hash BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT;

CREATE INDEX recovery_codes_user ON recovery_codes (user_id);

-- Sign-ins whose second step is due.
CREATE TABLE mfa_challenges (
    id BLOB PRIMARY KEY,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- When and by what the first step was done.
    auth_time INTEGER NOT NULL,
    amr TEXT NOT NULL,
    identity_id BLOB,
    -- What did it.
    device BLOB,
    user_agent TEXT,
    is_new_device INTEGER NOT NULL,
    delivery TEXT NOT NULL,
    return_to TEXT,
    attempts INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT;

CREATE INDEX mfa_challenges_user ON mfa_challenges (user_id);
CREATE INDEX mfa_challenges_expiry ON mfa_challenges (expires_at);

-- Accounts that are to lose their factors by an administrator's doing.
CREATE TABLE mfa_resets (
    user_id BLOB PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    id BLOB NOT NULL UNIQUE,
    requested_by TEXT NOT NULL,
    reason TEXT NOT NULL,
    requested_at INTEGER NOT NULL,
    warning_at INTEGER NOT NULL,
    effective_at INTEGER NOT NULL,
    warned_at INTEGER
) STRICT;

CREATE INDEX mfa_resets_effective ON mfa_resets (effective_at);
