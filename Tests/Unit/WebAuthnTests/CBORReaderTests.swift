import Testing
import WebAuthn

@Suite("CBOR")
struct CBORReaderTests {
    @Test("items of every kind are read")
    func kinds() throws {
        // {1: -7, "a": [h'0102', true, false, null, 1.5], -257: 4294967296}
        let document: [UInt8] =
            [0xA3, 0x01, 0x26] + text("a") + [0x85, 0x42, 1, 2, 0xF5, 0xF4, 0xF6, 0xF9, 0x3E, 0x00]
            + [0x39, 0x01, 0x00, 0x1B, 0, 0, 0, 1, 0, 0, 0, 0]
        let read = try CBORReader.read(document).map
        let map = try #require(read)
        #expect(map[1]?.integer == -7)
        #expect(map["a"] == .array([.bytes([1, 2]), .bool(true), .bool(false), .null, .float(0x3E00)]))
        #expect(map[-257]?.integer == 4_294_967_296)
    }

    @Test(
        "what is not definite, shortest and complete is refused",
        arguments: [
            ([0x18, 0x17], .form), ([0x19, 0x00, 0xFF], .form), ([0x1A, 0, 0, 0xFF, 0xFF], .form),
            ([0x1B, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF], .form), ([0x58, 0x01, 0x00], .form),
            ([0x5F, 0x41, 0x00, 0xFF], .form), ([0x9F, 0xFF], .form), ([0xBF, 0xFF], .form), ([0x1C], .form),
            ([0xC0, 0x00], .form), ([0xF7], .form), ([0xF8, 0x20], .form), ([0xFF], .form), ([], .truncated),
            ([0x19, 0x01], .truncated), ([0x42, 0x01], .truncated), ([0x81], .truncated), ([0xA1, 0x01], .truncated),
            ([0x5B, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], .truncated),
            ([0x5B, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], .truncated), ([0x61, 0xFF], .text),
            ([0xA2, 0x01, 0x00, 0x01, 0x00], .duplicateKey), ([0x00, 0x00], .trailing), ([0x99, 0x03, 0xE9], .tooMany),
            ([0x9B, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], .tooMany),
            ([0xBB, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], .tooMany),
        ] as [([UInt8], CBORReader.Fault)])
    func refused(document: [UInt8], fault: CBORReader.Fault) {
        #expect(throws: fault) { try CBORReader.read(document) }
    }

    @Test("depth and count are bounded")
    func bounds() throws {
        func nested(_ depth: Int) -> [UInt8] { [UInt8](repeating: 0x81, count: depth - 1) + [0x00] }
        #expect(throws: Never.self) { try CBORReader.read(nested(CBORReader.depthMax)) }
        #expect(throws: CBORReader.Fault.tooDeep) { try CBORReader.read(nested(CBORReader.depthMax + 1)) }
        let full: [UInt8] = [0x99, 0x03, 0xE7] + [UInt8](repeating: 0, count: 999)
        #expect(throws: Never.self) { try CBORReader.read(full) }
        #expect(throws: CBORReader.Fault.tooMany) { try CBORReader.read([0x82, 0x00] + full) }
    }
}
