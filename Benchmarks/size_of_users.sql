-- What a hundred thousand users with two sessions each take on disk. For a database of its own, after `gapura migrate
-- up`: psql "$DATABASE_URL" -f Benchmarks/size_of_users.sql
\set users 100000
BEGIN;
INSERT INTO users (id, email, email_key, username, password_hash, is_active, is_verified, locale, provider,
    registered_from, created_at, updated_at)
SELECT gen_random_uuid(), 'Person.' || n || '@department.example.com', 'person.' || n || '@department.example.com',
    'person' || n, '$argon2id$v=19$m=19456,t=2,p=1$' || substr(encode(sha256(n::text::bytea), 'base64'), 1, 22) || '$'
        || substr(encode(sha256(('h' || n)::bytea), 'base64'), 1, 43),
    true, true, 'en', 'local', '192.0.2.' || n % 256, now(), now()
FROM generate_series(1, :users) AS n;
INSERT INTO profiles (user_id, first_name, last_name) SELECT id, 'Given', 'Family' FROM users;
INSERT INTO sessions (id, user_id, generation, branch, user_agent, address, created_at, last_used, expires_at)
SELECT gen_random_uuid(), users.id, 7, 0,
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
    '192.0.2.7', now(), now(), now() + interval '180 days'
FROM users, generate_series(1, 2);
-- The current token of each and its parent.
INSERT INTO refresh_tokens (jti, session_id, token_hash, generation, created_at, expires_at, revoked, revoked_at)
SELECT gen_random_uuid(), sessions.id, sha256((sessions.id::text || n)::bytea), n, now(), now() + interval '30 days',
    n = 6, CASE WHEN n = 6 THEN now() END
FROM sessions, generate_series(6, 7) AS n;
COMMIT;
VACUUM ANALYZE;
SELECT relname AS "table", pg_size_pretty(pg_table_size(oid)) AS rows, pg_size_pretty(pg_indexes_size(oid)) AS indexes
FROM pg_class
WHERE relname IN ('users', 'profiles', 'sessions', 'refresh_tokens') AND relkind = 'r'
ORDER BY pg_total_relation_size(oid) DESC;
SELECT pg_size_pretty(sum(pg_total_relation_size(oid)) * 1000000 / :users) AS "a million users"
FROM pg_class
WHERE relname IN ('users', 'profiles', 'sessions', 'refresh_tokens') AND relkind = 'r';
