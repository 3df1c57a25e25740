-- Which server took a message, why one was not sent, to which address one went (a keyed digest), what an event said.
ALTER TABLE notifications ADD COLUMN details TEXT;
ALTER TABLE notifications ADD COLUMN reason TEXT;
ALTER TABLE notifications ADD COLUMN provider TEXT;
ALTER TABLE notifications ADD COLUMN address_digest BLOB;

CREATE INDEX notifications_address ON notifications (address_digest, sent_at) WHERE address_digest IS NOT NULL;

-- What staff said stays until they take it back.
ALTER TABLE mail_suppressions ADD COLUMN is_manual INTEGER NOT NULL DEFAULT 0;

-- Rules that administrators have switched; what is not here is as it is shipped.
CREATE TABLE notification_rules (
    event_type TEXT NOT NULL,
    template TEXT NOT NULL,
    is_enabled INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (event_type, template)
) STRICT, WITHOUT ROWID;

CREATE TABLE notification_rule_changes (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX notification_rule_changes_created_at ON notification_rule_changes (created_at);

-- Which messages people want; what is not here they do.
CREATE TABLE notification_preferences (
    user_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    is_enabled INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, kind)
) STRICT, WITHOUT ROWID;
