import Shared

/// A stored hash taken apart: the PHC string `$argon2id$v=19$m=65536,t=3,p=1$salt$digest`.
struct Argon2Hash {
    let text: String
    let algorithm: String
    let memoryKibibytes: Int
    let iterations: Int
    let lanes: Int
    let salt: [UInt8]
    let digest: [UInt8]

    /// What libsodium verifies, and as short a digest as the other formats may have: shorter ones match by chance.
    private static let saltByteCounts = 8...128
    private static let digestByteCounts = 16...128

    /// Nil for anything but version 19 of Argon2id or Argon2i with its parameters in this order and within the bounds of
    /// RFC 9106 § 3.1: 8 KiB of memory for each lane.
    init?(_ text: String) {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0].isEmpty, parts[1] == "argon2id" || parts[1] == "argon2i", parts[2] == "v=19"
        else { return nil }
        let parameters = parts[3].split(separator: ",", omittingEmptySubsequences: false)
        guard parameters.count == 3, let memory = Self.number(parameters[0], named: "m="),
            let iterations = Self.number(parameters[1], named: "t="),
            let lanes = Self.number(parameters[2], named: "p="),
            let salt = Self.decode(parts[4]), let digest = Self.decode(parts[5]),
            Self.saltByteCounts.contains(salt.count), Self.digestByteCounts.contains(digest.count),
            memory >= 8 * lanes
        else { return nil }
        // libsodium reads no padding.
        self.text = (parts[..<4].map(String.init) + [StandardBase64.encode(salt), StandardBase64.encode(digest)])
            .joined(separator: "$")
        algorithm = String(parts[1])
        memoryKibibytes = memory
        self.iterations = iterations
        self.lanes = lanes
        self.salt = salt
        self.digest = digest
    }

    private static func decode(_ text: Substring) -> [UInt8]? {
        text.hasSuffix("=") ? StandardBase64.decodePadded(text.utf8) : StandardBase64.decode(text.utf8)
    }

    private static func number(_ text: Substring, named name: String) -> Int? {
        guard text.hasPrefix(name), let number = UInt32(text.dropFirst(name.count)), number > 0 else { return nil }
        return Int(number)
    }
}
