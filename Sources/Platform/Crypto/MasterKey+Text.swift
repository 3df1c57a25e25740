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
            guard let key = decodeBase64(part) else { throw .notBase64(position: index + 1) }
            keys.append(Secret(key))
        }
        return try MasterKey(keys: keys, random: random)
    }

    private static func trimmed(_ text: Substring) -> [UInt8] {
        let isSpace = { (byte: UInt8) in byte == 0x20 || (0x09...0x0D).contains(byte) }
        let start = text.utf8.drop(while: isSpace)
        return start.reversed().drop(while: isSpace).reversed()
    }

    private static func decodeBase64(_ text: [UInt8]) -> [UInt8]? {
        let padding = text.reversed().prefix { $0 == UInt8(ascii: "=") }.count
        guard !text.isEmpty, text.count % 4 == 0, padding <= 2 else { return nil }
        var urlSafe: [UInt8] = []
        for byte in text.dropLast(padding) {
            switch byte {
            case UInt8(ascii: "+"): urlSafe.append(UInt8(ascii: "-"))
            case UInt8(ascii: "/"): urlSafe.append(UInt8(ascii: "_"))
            case UInt8(ascii: "-"), UInt8(ascii: "_"): return nil
            default: urlSafe.append(byte)
            }
        }
        return Base64URL.decode(urlSafe)
    }
}
