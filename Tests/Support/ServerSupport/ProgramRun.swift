import FoundationEssentials
import Glibc
import Shared
import Threads

/// Runs other programs. Everything that waits does so on a thread of its own.
package enum ProgramRun {
    /// The path of a script of the project.
    package static func script(_ name: String) -> String {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "scripts/\(name)").path
    }

    /// Runs it to its end.
    ///
    /// - Returns: what it printed.
    @discardableResult
    package static func output(_ path: String, _ arguments: [String]) async throws -> String {
        try await onOwnThread {
            let run = try spawn(path, arguments)
            close(run.input)
            let text = read(run.output, lines: .max)
            close(run.output)
            var status: Int32 = 0
            while waitpid(run.process, &status, 0) < 0, errno == EINTR {}
            guard status == 0 else { throw InternalFailure("\(path) \(arguments) ended with \(status)") }
            return text
        }
    }

    /// Starts it and reads the first lines that it prints.
    ///
    /// - Returns: the lines, and the descriptor of its standard input.
    package static func firstLines(
        _ count: Int, _ path: String, _ arguments: [String]
    ) async throws -> ([String], Int32) {
        try await onOwnThread {
            let run = try spawn(path, arguments)
            let lines = read(run.output, lines: count).split(separator: "\n").map(String.init)
            close(run.output)
            guard lines.count == count else {
                close(run.input)
                throw InternalFailure("\(path) \(arguments) printed \(lines)")
            }
            // Collects its end, so that it does not stay as a zombie.
            try OwnThread("test-wait") {
                var status: Int32 = 0
                while waitpid(run.process, &status, 0) < 0, errno == EINTR {}
            }
            return (lines, run.input)
        }
    }

    /// Runs blocking work.
    package static func onOwnThread<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            do {
                try OwnThread("test-script") { continuation.resume(with: Result { try work() }) }
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    private static func read(_ descriptor: Int32, lines: Int) -> String {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        var count = 0
        while count < lines, Glibc.read(descriptor, &byte, 1) == 1 {
            bytes.append(byte)
            if byte == UInt8(ascii: "\n") { count += 1 }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func spawn(
        _ path: String, _ arguments: [String]
    ) throws -> (
        process: pid_t, input: Int32, output: Int32
    ) {
        let input = try pipe()
        let output = try pipe()
        defer {
            close(input.reading)
            close(output.writing)
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input.reading, 0)
        posix_spawn_file_actions_adddup2(&actions, output.writing, 1)
        // A server lives long: with the sockets and pipes of other tests it would keep them from ending.
        for other in 3..<min(getdtablesize(), 65_536) { posix_spawn_file_actions_addclose(&actions, other) }
        let words = ([path] + arguments).map { strdup($0) }
        defer { for word in words { free(word) } }
        var process: pid_t = 0
        let code = posix_spawn(&process, path, &actions, nil, words + [nil], environ)
        guard code == 0 else {
            close(input.writing)
            close(output.reading)
            throw InternalFailure("\(path): \(String(cString: strerror(code)))")
        }
        return (process, input.writing, output.reading)
    }

    /// Closed in other programs that the tests start: they must not keep the server alive.
    private static func pipe() throws -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [0, 0]
        guard Glibc.pipe(&ends) == 0 else { throw InternalFailure("pipe: \(String(cString: strerror(errno)))") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }
}
