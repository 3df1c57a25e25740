/// What a server is doing at the moment; all zero when it rests.
package struct HTTPServerStatistics: Sendable, Equatable {
    /// Connections that are accepted and not yet closed.
    package var openConnections = 0
    /// Requests that are being read, handled or answered, also those whose client has gone but whose handler has
    /// not ended yet.
    package var liveExchanges = 0
    /// Of these, requests whose handler has left the HTTP thread.
    package var suspendedExchanges = 0

    package init() {}
}
