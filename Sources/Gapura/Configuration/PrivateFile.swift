import Commands
import Glibc

/// A file for its owner only, that is made once and never written over.
enum PrivateFile {
    /// Makes the file with its folder, and returns when it is on the disk.
    ///
    /// - Returns: false if there is a file of this name already.
    /// - Throws: `CommandFailure`; what was begun of the file is gone then.
    static func make(_ path: String, _ text: String) throws -> Bool {
        try makeFolder(of: path)
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            if errno == EEXIST { return false }
            throw CommandFailure(
                code: .unavailable, message: "cannot make \(path): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard bytes.withUnsafeBytes({ write(descriptor, $0.baseAddress, $0.count) }) == bytes.count,
            fsync(descriptor) == 0
        else {
            unlink(path)
            throw CommandFailure(code: .unavailable, message: "cannot write \(path)")
        }
        return true
    }

    static func remove(_ path: String) { unlink(path) }

    private static func makeFolder(of path: String) throws {
        let names = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        for count in names.indices.map({ $0 + 1 }) {
            let folder = names.prefix(count).joined(separator: "/")
            if folder.isEmpty || mkdir(folder, 0o700) == 0 || errno == EEXIST { continue }
            let code = errno
            // Whatever is above it, such as a disk that cannot be written.
            if access(folder, F_OK) == 0 { continue }
            throw CommandFailure(
                code: .unavailable, message: "cannot make the folder \(folder): \(String(cString: strerror(code)))")
        }
    }
}
