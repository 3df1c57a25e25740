-- What is done is pruned by its id, which is in the order of time.
DROP INDEX notifications_done;
