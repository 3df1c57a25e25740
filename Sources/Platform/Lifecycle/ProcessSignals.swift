/// Wakes the other processes of an installation. A signal may be lost, so whoever waits for one looks by itself too.
package protocol ProcessSignals: Sendable {
    /// Lets the others know, and returns at once; many in a moment become one.
    ///
    /// - Parameter topic: what there is news of.
    func announce(_ topic: String)

    /// - Parameter handler: called when another process has announced the topic, and when that may have been missed.
    ///   Briefly: on a thread that others need.
    func listen(to topic: String, _ handler: @escaping @Sendable () -> Void)
}
