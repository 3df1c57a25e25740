CREATE TABLE services (
    id BLOB PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    audience TEXT NOT NULL,
    upstream TEXT NOT NULL,
    required_permission TEXT,
    routes TEXT NOT NULL,
    allow_anonymous INTEGER NOT NULL,
    pass_credentials INTEGER NOT NULL,
    wants_email INTEGER NOT NULL,
    plans TEXT NOT NULL,
    is_active INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

-- Without a tenant: over the whole platform. Built-in ones get a row when somebody gets them; their rights are in the
-- program.
CREATE TABLE roles (
    id BLOB PRIMARY KEY,
    tenant_id BLOB,
    name TEXT NOT NULL,
    permissions TEXT NOT NULL,
    is_built_in INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX roles_platform_name ON roles (name) WHERE tenant_id IS NULL;
CREATE UNIQUE INDEX roles_tenant_name ON roles (tenant_id, name) WHERE tenant_id IS NOT NULL;

CREATE TABLE user_roles (
    user_id BLOB NOT NULL,
    role_id BLOB NOT NULL REFERENCES roles (id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, role_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX user_roles_role ON user_roles (role_id);

CREATE TABLE api_keys (
    id BLOB PRIMARY KEY,
    name TEXT NOT NULL,
    prefix TEXT NOT NULL UNIQUE,
    -- SHA-256 of the secret.
    key_hash BLOB NOT NULL,
    -- A person's, in a tenant or not; or the tenant's own.
    user_id BLOB,
    tenant_id BLOB,
    scopes TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    last_used_at INTEGER,
    revoked_at INTEGER,
    CHECK (user_id IS NOT NULL OR tenant_id IS NOT NULL)
) STRICT;

CREATE INDEX api_keys_user ON api_keys (user_id);
CREATE INDEX api_keys_tenant ON api_keys (tenant_id);

CREATE TABLE entitlements (
    id BLOB PRIMARY KEY,
    subject_kind TEXT NOT NULL CHECK (subject_kind IN ('user', 'tenant')),
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

-- What became stale in the memory of every process. They read it by time.
CREATE TABLE access_changes (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('user', 'api_key', 'services', 'roles', 'usage')),
    subject TEXT,
    created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX access_changes_created_at ON access_changes (created_at);
