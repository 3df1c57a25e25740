#pragma once

#include <sqlite3.h>

/* SQLITE_TRANSIENT is a cast that Swift cannot import, sqlite3_config and sqlite3_db_config are variadic. */

/* `bytes` may be null if `count` is 0: that is empty text, not NULL. */
static inline int gapura_sqlite3_bind_text(sqlite3_stmt *statement, int index, const void *bytes, sqlite3_uint64 count) {
    return sqlite3_bind_text64(statement, index, bytes ? (const char *)bytes : "", count, SQLITE_TRANSIENT, SQLITE_UTF8);
}

/* `bytes` may be null if `count` is 0: that is an empty blob, not NULL. */
static inline int gapura_sqlite3_bind_blob(sqlite3_stmt *statement, int index, const void *bytes, sqlite3_uint64 count) {
    return sqlite3_bind_blob64(statement, index, bytes ? bytes : "", count, SQLITE_TRANSIENT);
}

/* For the options that take one flag. */
static inline int gapura_sqlite3_db_config(sqlite3 *connection, int option, int flag) {
    return sqlite3_db_config(connection, option, flag, (int *)0);
}

/* Without a count of its memory SQLite takes no process-wide lock for every allocation. Only before the first connection. */
static inline int gapura_sqlite3_count_no_memory(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }
