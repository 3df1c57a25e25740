-- A passkey is asked for after the password.
ALTER TABLE users ADD COLUMN second_step boolean NOT NULL DEFAULT false;

CREATE TABLE mfa_factors (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind text NOT NULL CHECK (kind IN ('totp')),
    name text NOT NULL,
    -- Encrypted by the master key, bound to the row.
    secret bytea NOT NULL,
    last_step bigint NOT NULL,
    created_at timestamptz NOT NULL,
    confirmed_at timestamptz,
    last_used_at timestamptz
);

CREATE INDEX mfa_factors_user ON mfa_factors (user_id);
CREATE INDEX mfa_factors_pending ON mfa_factors (created_at) WHERE confirmed_at IS NULL;

CREATE TABLE recovery_codes (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    batch uuid NOT NULL,
    code_hash bytea NOT NULL,
    created_at timestamptz NOT NULL,
    used_at timestamptz
);

CREATE INDEX recovery_codes_user ON recovery_codes (user_id);

-- Sign-ins whose second step is due.
CREATE TABLE mfa_challenges (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- When and by what the first step was done.
    auth_time timestamptz NOT NULL,
    amr text NOT NULL,
    identity_id uuid,
    -- What did it.
    device uuid,
    user_agent text,
    is_new_device boolean NOT NULL,
    delivery text NOT NULL,
    return_to text,
    attempts bigint NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);

CREATE INDEX mfa_challenges_user ON mfa_challenges (user_id);
CREATE INDEX mfa_challenges_expiry ON mfa_challenges (expires_at);

-- Accounts that are to lose their factors by an administrator's doing.
CREATE TABLE mfa_resets (
    user_id uuid PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    id uuid NOT NULL UNIQUE,
    requested_by text NOT NULL,
    reason text NOT NULL,
    requested_at timestamptz NOT NULL,
    warning_at timestamptz NOT NULL,
    effective_at timestamptz NOT NULL,
    warned_at timestamptz
);

CREATE INDEX mfa_resets_effective ON mfa_resets (effective_at);
