import AccountsApplication
import Shared
import Testing

/// What every `PasswordHasher` must do.
package struct PasswordHasherBehaviour: Sendable, CustomTestStringConvertible {
    package let testDescription: String
    package let check: @Sendable (any PasswordHasher) async throws -> Void

    package static let all = [
        PasswordHasherBehaviour("a password is right for its own hash and for no other") { hasher in
            let hash = try await hasher.hash(Secret("correct horse"))
            #expect(try await hasher.verify(Secret("correct horse"), against: hash))
            for wrong in ["", "correct hors", "correct horse ", "Correct horse", "correct\u{0}horse"] {
                #expect(try await hasher.verify(Secret(wrong), against: hash) == false)
            }
        },
        PasswordHasherBehaviour("nothing is right for no hash") { hasher async throws in
            for password in ["", "correct horse", "placeholder"] {
                #expect(try await hasher.verify(Secret(password), against: nil) == false)
            }
        },
        PasswordHasherBehaviour("a hash does not hold the password") { hasher async throws in
            #expect(try await !hasher.hash(Secret("correct horse")).contains("correct horse"))
        },
        PasswordHasherBehaviour("every byte of a long password counts, also behind a NUL") { hasher in
            let long = String(repeating: "\u{1F511}", count: 255)
            for (right, wrong) in [(long + "a", long + "b"), ("secret\u{0}one", "secret\u{0}two")] {
                let hash = try await hasher.hash(Secret(right))
                #expect(try await hasher.verify(Secret(right), against: hash))
                #expect(try await hasher.verify(Secret(wrong), against: hash) == false)
            }
        },
        PasswordHasherBehaviour("many at once are all answered rightly") { hasher in
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<16 {
                    group.addTask {
                        let hash = try await hasher.hash(Secret("password \(number)"))
                        let isRight = try await hasher.verify(Secret("password \(number)"), against: hash)
                        let isWrong = try await hasher.verify(Secret("password \(number + 1)"), against: hash)
                        return isRight && !isWrong
                    }
                }
                for try await isGood in group { #expect(isGood) }
            }
        },
    ]

    init(_ name: String, check: @escaping @Sendable (any PasswordHasher) async throws -> Void) {
        testDescription = name
        self.check = check
    }
}
