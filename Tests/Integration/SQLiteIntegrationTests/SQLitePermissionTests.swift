import Glibc
import SQL
import SQLite
import TestSupport
import Testing

@Suite("SQLite's file without the right to use it")
struct SQLitePermissionTests {
    @Test("is refused with a sentence that says why")
    func noPermission() async throws {
        try await withTemporaryFolder { folder in
            let path = "\(folder)/data.sqlite"
            let made = try SQLiteDatabase(path: path)
            try await made.makeNotes()
            await made.close()
            #expect(chmod(folder, 0o755) == 0)

            #expect(chmod(path, 0o444) == 0)
            #expect(await Unprivileged.reason(path) == "it may only be read, not written")
            #expect(chmod(path, 0o000) == 0)
            #expect(await Unprivileged.reason(path)?.contains("cannot be opened") == true)
            #expect(chmod(path, 0o666) == 0)
            #expect(await Unprivileged.reason(path) != nil, "the folder cannot take the log")
            #expect(await Unprivileged.reason("\(folder)/new.sqlite")?.contains("Permission denied") == true)
            #expect(await Unprivileged.reason("\(folder)/sub/new.sqlite")?.contains("Permission denied") == true)
        }
    }
}

/// Opens databases as a user without rights, also when the tests run as root, who may do everything.
private enum Unprivileged {
    /// Sets whose rights count for files, for the calling thread only: `setfsuid`, which Glibc's module lacks.
    private typealias SetFileUser = @convention(c) (UInt32) -> Int32

    private static var setFileUser: SetFileUser? {
        dlsym(nil, "setfsuid").map { unsafeBitCast($0, to: SetFileUser.self) }
    }

    /// - Returns: why the database was refused; nil if it was not.
    static func reason(_ path: String) async -> String? {
        await withCheckedContinuation { continuation in
            // On a thread of its own, which ends afterwards: the change is for this thread.
            Thread.detach(path) { continuation.resume(returning: $0) }
        }
    }

    private enum Thread {
        private final class Context {
            let path: String
            let report: (String?) -> Void
            init(_ path: String, _ report: @escaping (String?) -> Void) {
                self.path = path
                self.report = report
            }
        }

        static func detach(_ path: String, _ report: @escaping @Sendable (String?) -> Void) {
            let context = Unmanaged.passRetained(Context(path, report)).toOpaque()
            var thread = pthread_t()
            pthread_create(
                &thread, nil,
                { context in
                    guard let context else { return nil }
                    let work = Unmanaged<Context>.fromOpaque(context).takeRetainedValue()
                    work.report(Unprivileged.open(work.path))
                    return nil
                }, context)
            pthread_detach(thread)
        }
    }

    private static func open(_ path: String) -> String? {
        if geteuid() == 0 { _ = setFileUser?(65_534) }
        do {
            _ = try SQLiteDatabase(path: path)
            return nil
        } catch {
            return (error as? SQLiteOpenFailure)?.reason ?? "\(error)"
        }
    }
}
