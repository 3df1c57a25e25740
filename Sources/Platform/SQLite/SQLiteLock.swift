internal import Glibc
import Synchronization

/// The file is in use by another server.
package struct SQLiteLockFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// The database's path.
    package let path: String
    /// The other server's process, if it said.
    package let process: Int?
    /// What the system said, if the lock file itself is the trouble.
    package let reason: String?

    package var description: String {
        if let reason { return "cannot lock the database \(path): \(reason)" }
        return "another server uses the database \(path)" + (process.map { " (process \($0))" } ?? "")
    }
}

/// Keeps a second server off a database file: `flock` on `<path>.lock`, which the system gives up when the process
/// ends in whatever way. The file stays, since deleting it would let two servers hold two files of one name.
package final class SQLiteLock: Sendable {
    private let descriptor: Mutex<Int32?>

    /// - Parameter path: the database's; its folder is made if it is missing.
    /// - Throws: `SQLiteLockFailure`, `SQLiteOpenFailure` if the folder cannot be made.
    package init(databasePath path: String) throws {
        try DatabaseFile(path).makeFolder()
        let file = open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            throw SQLiteLockFailure(path: path, process: nil, reason: String(cString: strerror(errno)))
        }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            defer { close(file) }
            if code == EWOULDBLOCK {
                throw SQLiteLockFailure(path: path, process: Self.process(in: file), reason: nil)
            }
            throw SQLiteLockFailure(path: path, process: nil, reason: String(cString: strerror(code)))
        }
        let text = Array("\(getpid())\n".utf8)
        // For people only: without it the lock holds all the same.
        if ftruncate(file, 0) == 0 { _ = pwrite(file, text, text.count, 0) }
        descriptor = Mutex(file)
    }

    deinit { release() }

    /// May be called more than once.
    package func release() {
        descriptor.withLock { file in
            if let open = file { close(open) }
            file = nil
        }
    }

    private static func process(in file: Int32) -> Int? {
        var text = [UInt8](repeating: 0, count: 20)
        let count = pread(file, &text, text.count, 0)
        guard count > 1 else { return nil }
        return Int(String(decoding: text[..<(count - 1)], as: UTF8.self))
    }
}
