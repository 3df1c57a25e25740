CREATE INDEX users_unproved ON users (updated_at) WHERE is_verified = 0;
CREATE INDEX sessions_revoked ON sessions (revoked_at) WHERE revoked_at IS NOT NULL;
