/// The checksum of ISO 3309, zlib and PNG: reflected polynomial 0xEDB88320. It finds typing errors, not attacks.
enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
    }

    static func checksum(_ bytes: Span<UInt8>) -> UInt32 {
        let table = table
        var value = ~UInt32(0)
        for index in bytes.indices {
            value = table[Int((value ^ UInt32(bytes[index])) & 0xFF)] ^ value >> 8
        }
        return ~value
    }
}
