-- The statements of one refresh, for pgbench: what PostgreSQL alone makes of them. In a database that
-- size_of_users.sql has filled, once:
--     CREATE TABLE bench_sessions AS SELECT row_number() OVER () AS n, id, user_id FROM sessions;
--     ALTER TABLE bench_sessions ADD PRIMARY KEY (n);
-- and then: pgbench -n -M prepared -c 8 -j 2 -T 10 -f Benchmarks/refresh.pgbench.sql "$DATABASE_URL"
\set n random(1, 200000)
SELECT id AS sid, user_id AS uid FROM bench_sessions WHERE n = :n \gset
BEGIN;
SELECT id, user_id, generation, branch, user_agent, address, created_at, last_used, expires_at, revoked_at, reason
FROM sessions WHERE id = :sid::uuid FOR UPDATE;
SELECT session_id, jti, token_hash, generation, created_at, expires_at, revoked_at, replaced_by_jti
FROM refresh_tokens WHERE session_id = :sid::uuid ORDER BY generation DESC LIMIT 2;
SELECT users.id, email, username, password_hash, is_active, is_verified, blocked_until, block_reason, locale, provider,
    role, registered_from, created_at, updated_at, first_name, last_name, profile_img
FROM users LEFT JOIN profiles ON profiles.user_id = users.id
    LEFT JOIN platform_roles ON platform_roles.user_id = users.id
WHERE users.id = :uid::uuid;
UPDATE refresh_tokens SET revoked = true, revoked_at = now(), replaced_by_jti = gen_random_uuid()
WHERE session_id = :sid::uuid AND replaced_by_jti IS NULL;
INSERT INTO refresh_tokens (jti, session_id, token_hash, generation, created_at, expires_at, revoked)
VALUES (gen_random_uuid(), :sid::uuid, sha256('token'), 8, now(), now() + interval '30 days', false);
UPDATE sessions SET generation = generation + 1, branch = 0, last_used = now() WHERE id = :sid::uuid;
COMMIT;
