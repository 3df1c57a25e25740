import Crypto
import Shared

/// Encrypts what a cookie keeps, by AES-256-GCM under a key of its own, bound to the cookie's name.
struct CookieSeal: Sendable {
    private let key: MasterKey

    /// - Parameters:
    ///   - secret: derived for this purpose alone.
    ///   - older: what older master keys derive for it: they open, and seal nothing.
    init(secret: Secret<[UInt8]>, older: [Secret<[UInt8]>] = []) throws {
        key = try MasterKey(keys: [secret] + older)
    }

    func seal(_ content: [UInt8], as name: String) throws -> String {
        Base64URL.encode(try key.wrap(content, boundTo: name))
    }

    /// - Returns: nil for everything that was not sealed here under this name.
    func open(_ value: String, as name: String) -> [UInt8]? {
        guard let sealed = Base64URL.decode(value) else { return nil }
        return try? key.unwrap(sealed, boundTo: name).reveal()
    }
}
