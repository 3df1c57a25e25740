-- Until when one of several processes sends a message; nobody else tries it meanwhile.
ALTER TABLE notifications ADD COLUMN claimed_until INTEGER;
