import Lifecycle
import Shared

/// Hashes passwords by Argon2id and verifies them, on threads of its own and within a fixed budget of memory. Hashes
/// that were made elsewhere by bcrypt, scrypt or PBKDF2 are verified too.
///
/// At most `cost.memory × concurrency` is in use at once, except for older and imported hashes, each of which needs the
/// memory it was made with: 256 MiB at most for an imported one. It may be used before `run` and without it; letting go of it ends its threads.
package final class PasswordHashing: Service {
    package let name = "password_hashing"
    private let cost: Argon2Cost
    private let workers: WorkerThreads
    private let unmatchable: String

    /// - Parameters:
    ///   - cost: of every new hash.
    ///   - concurrency: how many hashes are computed at once, each on a thread; 1 or more, best at most one per core.
    ///   - queueLimit: how many more may wait; 0 or more.
    /// - Throws: `Unavailable` if the system gives no thread.
    package convenience init(
        cost: Argon2Cost, concurrency: Int, queueLimit: Int, random: some RandomSource = SystemRandomSource()
    ) throws {
        let workers = try WorkerThreads(resource: "password_hashing", count: concurrency, waitingMax: queueLimit)
        self.init(cost: cost, workers: workers, random: random)
    }

    /// On threads that are given.
    package init(cost: Argon2Cost, workers: WorkerThreads, random: some RandomSource = SystemRandomSource()) {
        self.cost = cost
        self.workers = workers
        unmatchable = Argon2id.unmatchable(cost: cost, random: random)
    }

    /// Ends the threads when the process ends: what waits then fails with `Unavailable`, what runs is finished.
    package func run(_ lifecycle: ServiceLifecycle) async {
        lifecycle.started()
        await lifecycle.shutdownRequested()
        workers.close()
        await workers.waitUntilEnded()
    }

    /// - Parameter password: of any length, already normalised.
    /// - Returns: a PHC string with a fresh salt.
    /// - Throws: `Unavailable` if the queue is full, memory is short or the service has ended; `CancellationError` if
    ///   the task was cancelled while it waited; `InternalFailure`.
    package func hash(_ password: [UInt8]) async throws -> String {
        let cost = cost
        return try await workers.run { try Argon2id.hash(password, cost: cost) }
    }

    /// - Parameter hash: Argon2id or Argon2i of any cost up to 4 GiB and any lanes, bcrypt, scrypt or PBKDF2.
    /// - Throws: as `hash`; `InternalFailure` also if `hash` is not readable or too costly.
    package func verify(_ password: [UInt8], against hash: String) async throws -> Bool {
        let stored: StoredHash
        do throws(PasswordHashProblem) {
            stored = try StoredHash(hash)
        } catch {
            throw InternalFailure("a stored password hash \(error)")
        }
        return try await workers.run { try stored.verify(password) }
    }

    /// Returns if a hash that was made elsewhere can be taken: it is readable and costs no more than a sign-in may.
    ///
    /// - Returns: whether each comparison with it takes about half a second of one core or more.
    @discardableResult
    package static func checkImport(_ hash: String) throws(PasswordHashProblem) -> Bool {
        let stored = try StoredHash(hash)
        try stored.checkImport()
        return stored.isCostly
    }

    /// Whether `verify` can read a hash. An earlier version has imported some that nothing can match.
    package static func isReadable(_ hash: String) -> Bool { (try? StoredHash(hash)) != nil }

    /// Whether a hash that a password was right for stands for the whole of it: bcrypt looks at 72 bytes.
    package static func isOfWhole(_ password: [UInt8], _ hash: String) -> Bool {
        (try? StoredHash(hash))?.isOfWhole(password) ?? false
    }

    /// Costs what a verification at the configured cost does: for accounts that do not exist or have no password.
    ///
    /// - Throws: as `hash`.
    package func verifyAgainstNothing(_ password: [UInt8]) async throws {
        _ = try await verify(password, against: unmatchable)
    }

    /// Whether `hash` was made by another algorithm or at another cost than the configured one.
    package func needsRenewal(_ hash: String) -> Bool {
        !hash.utf8.starts(with: Argon2id.prefix(for: cost).utf8)
    }
}
