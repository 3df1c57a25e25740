-- How much each key has used, by day: beside the counters, and no limit. Written about once a second.
CREATE TABLE key_usage (
    key_id BLOB NOT NULL,
    day INTEGER NOT NULL,
    used INTEGER NOT NULL,
    PRIMARY KEY (key_id, day)
) STRICT, WITHOUT ROWID;

CREATE INDEX key_usage_day ON key_usage (day);
