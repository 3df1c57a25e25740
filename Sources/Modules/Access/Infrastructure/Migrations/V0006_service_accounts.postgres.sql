-- Callers of their own that are no person.
CREATE TABLE service_accounts (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    tenant_id uuid,
    is_active boolean NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE TABLE service_account_roles (
    service_account_id uuid NOT NULL REFERENCES service_accounts (id) ON DELETE CASCADE,
    role_id uuid NOT NULL REFERENCES roles (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (service_account_id, role_id)
);

CREATE INDEX service_account_roles_role ON service_account_roles (role_id);

-- Also of one that is gone. `user_id` of its keys is there for the version before alone.
ALTER TABLE api_keys ADD COLUMN service_account_id uuid;

CREATE INDEX api_keys_service_account ON api_keys (service_account_id) WHERE service_account_id IS NOT NULL;

-- One more kind of subject.
ALTER TABLE entitlements DROP CONSTRAINT entitlements_subject_kind_check;
ALTER TABLE entitlements ADD CONSTRAINT entitlements_subject_kind_check
    CHECK (subject_kind IN ('user', 'tenant', 'service_account'));
