import AccountsApplication
import AccountsDomain
import Shared
import Synchronization

/// Hashes without any cost, and tells what it was asked.
package final class PasswordHasherDouble: PasswordHasher {
    package enum Call: Sendable, Equatable {
        case hash
        case verify(against: String)
        case verifyAgainstNothing
    }

    private struct State {
        var calls: [Call] = []
        var meanwhile: @Sendable () async throws -> Void = {}
    }

    private let state = Mutex(State())

    package init() {}

    package var calls: [Call] { state.withLock { $0.calls } }

    /// Runs something while the next hash is computed: what others do in that time, or a failure if it throws.
    package func meanwhile(_ body: @escaping @Sendable () async throws -> Void) {
        state.withLock { $0.meanwhile = body }
    }

    package static func hash(of password: String) -> String { "$double$\(String(password.reversed()))" }

    /// As hashes were made before.
    package static func oldHash(of password: String) -> String { "$old$\(String(password.reversed()))" }

    /// `seed@example.com` is at the place of its own first characters, in hexadecimal.
    package func place(of address: EmailAddress) -> String {
        Hex.encode(Array((Array(address.key.utf8) + [0, 0, 0, 0, 0, 0]).prefix(6)))
    }

    package func needsRenewal(_ hash: String, provedBy _: Secret<String>) -> Bool { !hash.hasPrefix("$double$") }

    package func hash(_ password: Secret<String>) async throws -> String {
        try await note(.hash)
        return Self.hash(of: password.reveal())
    }

    package func verify(_ password: Secret<String>, against hash: String?) async throws -> Bool {
        guard let hash else {
            try await note(.verifyAgainstNothing)
            return false
        }
        try await note(.verify(against: hash))
        return hash == Self.hash(of: password.reveal()) || hash == Self.oldHash(of: password.reveal())
    }

    private func note(_ call: Call) async throws {
        let meanwhile = state.withLock { state in
            state.calls.append(call)
            defer { state.meanwhile = {} }
            return state.meanwhile
        }
        try await meanwhile()
    }
}
