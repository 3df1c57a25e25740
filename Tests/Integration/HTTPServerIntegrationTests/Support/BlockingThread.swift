import Glibc

/// Runs code that blocks on a thread of its own: on the task pool it would stop the server under test too.
func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        let job = Job { continuation.resume(with: Result(catching: body)) }
        var thread = pthread_t()
        let result = pthread_create(&thread, nil, runJob, Unmanaged.passRetained(job).toOpaque())
        precondition(result == 0, "no thread")
        pthread_detach(thread)
    }
}

private final class Job {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

private func runJob(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let context { Unmanaged<Job>.fromOpaque(context).takeRetainedValue().body() }
    return nil
}

/// Waits until something that happens elsewhere can be seen.
///
/// - Returns: false if it did not happen within ten seconds.
func eventually(_ condition: @Sendable () -> Bool) async -> Bool {
    for _ in 0..<5_000 {
        if condition() { return true }
        try? await Task.sleep(for: .milliseconds(2))
    }
    return condition()
}

/// Lets time pass on a thread of our own.
func pause(milliseconds: UInt32) {
    usleep(milliseconds * 1_000)
}

/// Blocks a thread of our own until the condition holds, a minute at most.
func wait(for event: String, until condition: () throws -> Bool) throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while try !condition() {
        guard ContinuousClock.now < deadline else { throw WaitedInVain(event: event) }
        pause(milliseconds: 1)
    }
}

struct WaitedInVain: Error {
    let event: String
}
