CREATE INDEX users_unproved ON users (updated_at) WHERE NOT is_verified;
CREATE INDEX sessions_revoked ON sessions (revoked_at) WHERE revoked_at IS NOT NULL;
