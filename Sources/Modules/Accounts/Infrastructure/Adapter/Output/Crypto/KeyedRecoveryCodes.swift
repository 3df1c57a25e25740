import AccountsApplication
import AccountsContract
import AccountsDomain
import Crypto
import Shared

/// Hashes recovery codes by HMAC-SHA-256: who reads the table and has not the key cannot try codes.
struct KeyedRecoveryCodes: RecoveryCodes {
    private let keys: [HMACKey]
    private let random: any RandomSource

    private static let byteCount = 10

    /// - Parameter older: by which codes of before are known.
    init(secret: Secret<[UInt8]>, older: [Secret<[UInt8]>] = [], random: any RandomSource) {
        keys = ([secret] + older).map { HMACKey($0) }
        self.random = random
    }

    func make() -> Secret<String> { Secret(Base32.encodeCrockford(random.bytes(Self.byteCount))) }

    func hashes(of code: Secret<String>, of userID: UserID) -> [[UInt8]] {
        let message = userID.value.bytes + Array(code.reveal().utf8)
        return keys.map { $0.authenticate(message) }
    }
}
