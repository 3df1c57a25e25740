import Shared

/// Why the setting `MASTER_KEY` is refused. Never holds a part of it; positions count from 1.
package enum MasterKeyError: Error, Sendable, Equatable, CustomStringConvertible {
    case noKey
    case notBase64(position: Int)
    case wrongLength(position: Int, byteCount: Int)
    case repeated(position: Int)

    package var description: String {
        switch self {
        case .noKey: "no key is given"
        case .notBase64(let position): "key \(position) is not padded standard base64"
        case .wrongLength(let position, let count): "key \(position) has \(count) bytes instead of 32"
        case .repeated(let position): "key \(position) stands twice"
        }
    }
}

extension MasterKey {
    /// Reads keys as padded standard base64 (RFC 4648 § 4), divided by commas, with spaces and line ends around them.
    package static func parse(
        _ text: String, random: any RandomSource = SystemRandomSource()
    ) throws(MasterKeyError) -> MasterKey {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false).map(trimmed)
        if parts.count == 1, parts[0].isEmpty { throw .noKey }
        var keys: [Secret<[UInt8]>] = []
        for (index, part) in parts.enumerated() {
            guard !part.isEmpty, let key = StandardBase64.decodePadded(part) else {
                throw .notBase64(position: index + 1)
            }
            keys.append(Secret(key))
        }
        return try MasterKey(keys: keys, random: random)
    }

    private static func trimmed(_ text: Substring) -> [UInt8] {
        let isSpace = { (byte: UInt8) in byte == 0x20 || (0x09...0x0D).contains(byte) }
        let start = text.utf8.drop(while: isSpace)
        return start.reversed().drop(while: isSpace).reversed()
    }
}
