import Glibc
import Synchronization

/// Closed connections whose client may still be sending.
///
/// Closing a socket with unread bytes makes the kernel reset the connection, and the client then often loses the
/// answer that says why it was refused. So such a socket stays half open, and is read empty, until the client has
/// closed too or a short time has passed (RFC 9112 § 9.6).
final class LingeringSockets: Sendable {
    private struct Socket {
        let descriptor: Int32
        let until: CoarseInstant
        var remainingBytes = 1 << 20
    }

    private static let lingerMilliseconds: UInt64 = 2_000
    private static let socketsMax = 256

    private let sockets = Mutex<[Socket]>([])

    /// Keeps a second descriptor of a connection that is about to close, if that is of use.
    func adopt(_ connection: ServerConnection) {
        guard connection.lingers || Self.hasUnreadBytes(connection.descriptor) else { return }
        sockets.withLock { sockets in
            guard sockets.count < Self.socketsMax else { return }
            let descriptor = fcntl(connection.descriptor, F_DUPFD_CLOEXEC, 0)
            guard descriptor >= 0 else { return }
            shutdown(descriptor, Int32(SHUT_WR))
            sockets.append(Socket(descriptor: descriptor, until: .now + Self.lingerMilliseconds))
        }
    }

    /// Reads what has come and closes what is over; to be called every now and then.
    func sweep() {
        let now = CoarseInstant.now
        sockets.withLock { sockets in
            for index in sockets.indices.reversed() {
                if now >= sockets[index].until || !Self.read(&sockets[index]) {
                    close(sockets[index].descriptor)
                    sockets.remove(at: index)
                }
            }
        }
    }

    func closeAll() {
        sockets.withLock { sockets in
            for socket in sockets { close(socket.descriptor) }
            sockets = []
        }
    }

    private static func hasUnreadBytes(_ descriptor: Int32) -> Bool {
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) > 0
    }

    /// - Returns: false if it is over.
    private static func read(_ socket: inout Socket) -> Bool {
        withUnsafeTemporaryAllocation(byteCount: 16 << 10, alignment: 16) { buffer in
            while socket.remainingBytes > 0 {
                let count = recv(socket.descriptor, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT))
                if count < 0 { return errno == EAGAIN || errno == EINTR }
                if count == 0 { return false }
                socket.remainingBytes -= count
            }
            return false
        }
    }
}
