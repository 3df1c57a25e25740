/// How an SQLite database is used.
package struct SQLiteSettings: Sendable {
    /// How long a statement waits for another process that holds the file, 0 s or more. Other commands run beside
    /// the server in short transactions.
    package var busyTimeout: Duration
    /// Threads with a reading connection each, 1 or more.
    package var readers: Int
    /// How many units of work may share one commit, 1 or more.
    package var groupLimit: Int
    /// How many units of work may wait, 1 or more; one more is refused as `Unavailable`. For reads the same again.
    package var queueLimit: Int
    /// Memory for pages, of each connection, in KiB.
    package var cacheKiB: Int
    /// Prepared statements that each connection keeps, 1 or more.
    package var statementLimit: Int
    /// The log is brought into the file when it has this many pages of 4 KiB.
    package var checkpointPages: Int
    /// To what size the log is cut back after that, in bytes.
    package var logSizeLimitBytes: Int

    package init(
        busyTimeout: Duration = .seconds(5), readers: Int = 2, groupLimit: Int = 128, queueLimit: Int = 1_024,
        cacheKiB: Int = 16_384, statementLimit: Int = 256, checkpointPages: Int = 1_000,
        logSizeLimitBytes: Int = 64 << 20
    ) {
        self.busyTimeout = busyTimeout
        self.readers = max(1, readers)
        self.groupLimit = max(1, groupLimit)
        self.queueLimit = max(1, queueLimit)
        self.cacheKiB = max(1, cacheKiB)
        self.statementLimit = max(1, statementLimit)
        self.checkpointPages = max(1, checkpointPages)
        self.logSizeLimitBytes = max(0, logSizeLimitBytes)
    }
}
