internal import Glibc
import Synchronization

/// The database file cannot be used. For the person who set its path.
package struct SQLiteOpenFailure: Error, Sendable, Equatable, CustomStringConvertible {
    package let path: String
    package let reason: String

    package var description: String { "cannot use the database \(path): \(reason)" }
}

/// A path on which a database is or shall be.
struct DatabaseFile {
    let path: String

    init(_ path: String) {
        self.path = path
    }

    /// One file is made and opened at a time: closing a descriptor drops the locks that the whole process has on the
    /// file, so it must not happen while another part of the process opens it (sqlite.org/howtocorrupt.html § 2.2).
    static let opening = Mutex(())

    /// Makes the missing folders above it, for the owner only.
    func makeFolder() throws {
        var end = path.startIndex
        while let slash = path[end...].firstIndex(of: "/") {
            let folder = String(path[..<slash])
            end = path.index(after: slash)
            if folder.isEmpty || mkdir(folder, 0o700) == 0 || errno == EEXIST { continue }
            // A folder above may be closed to us and yet lead to one that exists.
            let code = errno
            if access(folder, F_OK) != 0 { throw failure("the folder \(folder) cannot be made: \(Self.text(code))") }
        }
    }

    /// Makes an empty file, readable and writable by the owner only, if there is none.
    func makeFile() throws {
        let file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if file >= 0 {
            close(file)
            return
        }
        let code = errno
        if code != EEXIST { throw failure("it cannot be made: \(Self.text(code))") }
        var status = stat()
        guard stat(path, &status) == 0 else { throw failure(Self.text(errno)) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw failure(status.st_mode & S_IFMT == S_IFDIR ? "it is a folder" : "it is not a file")
        }
    }

    func failure(_ reason: String) -> SQLiteOpenFailure {
        SQLiteOpenFailure(path: path, reason: reason)
    }

    private static func text(_ code: Int32) -> String { String(cString: strerror(code)) }
}
