/// How a PostgreSQL database is used.
package struct PostgresSettings: Sendable {
    /// The most connections at a time, with a thread each, 1 or more. Opened when they are needed.
    package var connections: Int
    /// How many units of work may wait, 1 or more; one more is refused as `Unavailable`.
    package var queueLimit: Int
    /// Prepared statements that each connection keeps, 1 or more.
    package var statementLimit: Int
    /// How long opening a connection may take, to each of the server's addresses; whole seconds, 2 s or more. A
    /// `connect_timeout` in the URL goes first.
    package var connectTimeout: Duration
    /// How long one statement may run on the server, in whole milliseconds; 0 and scripts have no limit.
    package var statementTimeout: Duration
    /// How long one statement may wait for a lock; 0 has no limit.
    package var lockTimeout: Duration
    /// How long the server keeps a transaction whose program does nothing; 0 has no limit.
    package var idleInTransactionTimeout: Duration
    /// How long an answer to all that was sent at once may take before the connection is given up: for a network
    /// that swallows packets. Longer than `statementTimeout`.
    package var answerTimeout: Duration
    /// For how long a unit of work that lost its connection is run again on another one.
    package var patience: Duration
    /// A connection that nobody used for so long must answer once before a unit of work relies on it.
    package var trustIdleFor: Duration
    /// A connection that nobody used for so long is closed, but for the last one.
    package var closeIdleAfter: Duration

    package init(
        connections: Int = 8, queueLimit: Int = 1_024, statementLimit: Int = 256,
        connectTimeout: Duration = .seconds(5), statementTimeout: Duration = .seconds(10),
        lockTimeout: Duration = .seconds(5), idleInTransactionTimeout: Duration = .seconds(30),
        answerTimeout: Duration = .seconds(30), patience: Duration = .seconds(5),
        trustIdleFor: Duration = .seconds(15), closeIdleAfter: Duration = .seconds(300)
    ) {
        self.connections = max(1, connections)
        self.queueLimit = max(1, queueLimit)
        self.statementLimit = max(1, statementLimit)
        self.connectTimeout = connectTimeout
        self.statementTimeout = statementTimeout
        self.lockTimeout = lockTimeout
        self.idleInTransactionTimeout = idleInTransactionTimeout
        self.answerTimeout = answerTimeout
        self.patience = patience
        self.trustIdleFor = trustIdleFor
        self.closeIdleAfter = closeIdleAfter
    }
}
