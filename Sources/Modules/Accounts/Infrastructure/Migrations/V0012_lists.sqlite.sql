-- What few accounts have, in the order of the list of users.
CREATE INDEX users_inactive ON users (id) WHERE is_active = 0;
CREATE INDEX users_unverified ON users (id) WHERE is_verified = 0;
CREATE INDEX users_blocked ON users (id) WHERE blocked_until IS NOT NULL OR block_reason IS NOT NULL;
