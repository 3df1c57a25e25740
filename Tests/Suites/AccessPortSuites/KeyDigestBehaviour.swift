import AccessApplication
import Testing

/// What every digest of keys does.
package struct KeyDigestBehaviour: Sendable, CustomTestStringConvertible {
    package let testDescription: String
    package let check: @Sendable (any KeyDigest) throws -> Void

    package static let all = [
        KeyDigestBehaviour(testDescription: "has 32 bytes") { digest in
            for length in [0, 1, 32, 100] {
                #expect(digest.digest(of: [UInt8](repeating: 7, count: length)).count == 32)
            }
        },
        KeyDigestBehaviour(testDescription: "is the same for the same secret, and another one for another") { digest in
            let secrets: [[UInt8]] = [Array("one".utf8), Array("two".utf8), Array("three".utf8)]
            for secret in secrets { #expect(digest.digest(of: secret) == digest.digest(of: secret)) }
            #expect(Set(secrets.map { digest.digest(of: $0) }).count == secrets.count)
        },
    ]
}
