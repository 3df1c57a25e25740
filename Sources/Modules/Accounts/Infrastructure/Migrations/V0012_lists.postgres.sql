-- What few accounts have, in the order of the list of users.
CREATE INDEX users_inactive ON users (id) WHERE NOT is_active;
CREATE INDEX users_unverified ON users (id) WHERE NOT is_verified;
CREATE INDEX users_blocked ON users (id) WHERE blocked_until IS NOT NULL OR block_reason IS NOT NULL;

-- A person's sessions in the order of their list.
CREATE INDEX sessions_of_user ON sessions (user_id, id);
DROP INDEX sessions_user;
