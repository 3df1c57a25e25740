-- Attempts count as failed from their beginning; what has begun and not ended stands apart from what has failed.
ALTER TABLE login_attempts ADD COLUMN pending INTEGER NOT NULL DEFAULT 0;
ALTER TABLE login_attempts ADD COLUMN last_beginning INTEGER;

-- Guesses from the owner's devices and sessions, which strangers cannot use up.
ALTER TABLE login_codes ADD COLUMN owner_attempts INTEGER NOT NULL DEFAULT 0;
