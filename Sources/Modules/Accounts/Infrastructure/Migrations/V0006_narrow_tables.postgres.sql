-- A session's tokens side by side in the order in which they were made: the current one and its parent are found by
-- their generation, however many were spent a moment ago.
ALTER TABLE refresh_tokens DROP CONSTRAINT refresh_tokens_pkey;
ALTER TABLE refresh_tokens ADD PRIMARY KEY (session_id, generation, jti);
DROP INDEX refresh_tokens_session;
