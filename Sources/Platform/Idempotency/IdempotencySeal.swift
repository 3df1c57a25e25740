import Crypto
import HTTP
import Shared

/// Keeps what the table holds from those who only have the table.
struct IdempotencySeal: Sendable {
    private let fingerprintKeys: [HMACKey]
    private let answerKey: MasterKey

    /// The newest master key makes, the older ones are still known.
    init(_ masterKey: MasterKey) throws {
        func keys(_ purpose: String) -> [Secret<[UInt8]>] {
            [masterKey.derive(purpose)] + masterKey.deriveOlder(purpose)
        }
        fingerprintKeys = keys("idempotency/fingerprint").map { HMACKey($0) }
        // Not the master key itself, which is good for a bounded number of secrets: answers are many.
        answerKey = try MasterKey(keys: keys("idempotency/answer"))
    }

    /// Finds the row of a key, and tells neither the key nor the caller. No part has a line end in it.
    static func scope(_ caller: IdempotencyCaller, _ route: String, _ key: IdempotencyKey) -> [UInt8] {
        SHA256.hash([caller.text, route, key.text].joined(separator: "\n").utf8)
    }

    /// Tells whether a request is the same: the target and every byte of the body. Not by a plain digest, by which
    /// whoever has the table could try passwords faster than by their hashes.
    ///
    /// - Returns: by the newest key first.
    func fingerprints(of request: Request) -> [[UInt8]] {
        let target = request.query.map { "\(request.path)?\($0)" } ?? request.path
        let message = Array("\(request.method.rawValue) \(target)\n".utf8) + request.body
        return fingerprintKeys.map { $0.authenticate(message) }
    }

    func seal(_ answer: StoredAnswer, scope: [UInt8]) throws -> [UInt8] {
        try answerKey.wrap(answer.encoded, boundTo: Self.context(scope, answer.status))
    }

    func open(_ sealed: [UInt8], status: Int, scope: [UInt8]) throws -> StoredAnswer {
        let encoded = try answerKey.unwrap(sealed, boundTo: Self.context(scope, status)).reveal()
        guard let answer = StoredAnswer(status: status, encoded: encoded) else {
            throw InternalFailure("a stored answer is damaged")
        }
        return answer
    }

    private static func context(_ scope: [UInt8], _ status: Int) -> String {
        "idempotency_keys/\(Hex.encode(scope))/\(status)"
    }
}
