-- Callers of their own that are no person.
CREATE TABLE service_accounts (
    id BLOB PRIMARY KEY,
    name TEXT NOT NULL,
    tenant_id BLOB,
    is_active INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE service_account_roles (
    service_account_id BLOB NOT NULL REFERENCES service_accounts (id) ON DELETE CASCADE,
    role_id BLOB NOT NULL REFERENCES roles (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (service_account_id, role_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX service_account_roles_role ON service_account_roles (role_id);

-- Also of one that is gone. `user_id` of its keys is there for the version before alone.
ALTER TABLE api_keys ADD COLUMN service_account_id BLOB;

CREATE INDEX api_keys_service_account ON api_keys (service_account_id) WHERE service_account_id IS NOT NULL;

-- The same with one more kind of subject.
CREATE TABLE wider_entitlements (
    id BLOB PRIMARY KEY,
    subject_kind TEXT NOT NULL CHECK (subject_kind IN ('user', 'tenant', 'service_account')),
    subject_id BLOB NOT NULL,
    plan TEXT NOT NULL,
    -- What the contract says; null for what the plan says.
    limits TEXT,
    since INTEGER NOT NULL,
    until INTEGER,
    is_past_due INTEGER NOT NULL,
    version INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (subject_kind, subject_id)
) STRICT;

INSERT INTO wider_entitlements
SELECT id, subject_kind, subject_id, plan, limits, since, until, is_past_due, version, updated_at FROM entitlements;

DROP TABLE entitlements;
ALTER TABLE wider_entitlements RENAME TO entitlements;
