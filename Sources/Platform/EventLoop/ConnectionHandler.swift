/// What a connection tells its owner, always on the loop, never in the middle of a call to the connection itself but
/// for `received`.
package protocol ConnectionHandler: AnyObject {
    /// It can be written to from now on.
    func opened(_ connection: Connection)

    /// Bytes came. They are valid during the call only: what is kept is copied.
    func received(_ bytes: UnsafeRawBufferPointer, from connection: Connection)

    /// The other side sends no more but may still read. Answer what is owed, then `finishOutput`, or `close`.
    func inputEnded(_ connection: Connection)

    /// It was congested and is not any more.
    func drained(_ connection: Connection)

    /// The other side has sent its last byte, or is gone, while reading was paused: somebody who works for it may stop.
    func peerLeft(_ connection: Connection)

    /// The last call, for every connection exactly once.
    ///
    /// - Parameter failure: nil if both sides had finished, or this side called `close`.
    func ended(_ connection: Connection, _ failure: ConnectionFailure?)
}

extension ConnectionHandler {
    package func drained(_: Connection) {}
    package func peerLeft(_: Connection) {}
}
