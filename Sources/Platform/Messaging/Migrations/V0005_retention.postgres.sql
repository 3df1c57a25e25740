-- Dead letters have an end.
CREATE INDEX dead_letters_buried_at ON dead_letters (buried_at);
