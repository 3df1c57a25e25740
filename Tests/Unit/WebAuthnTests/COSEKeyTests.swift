import Testing
import WebAuthn

@Suite("COSE keys")
struct COSEKeyTests {
    private func recordedKey() throws -> [UInt8] { try Recording.es256.register().publicKey }

    private func member(_ number: Int64, of key: [UInt8]) throws -> [UInt8] {
        let map = try CBORReader.read(key).map
        return try #require(map?[number]?.bytes)
    }

    /// The key of ES256 with other coordinates.
    private func es256(x: [UInt8]? = nil, y: [UInt8]? = nil, more: [UInt8] = [], count: UInt8 = 5) throws -> [UInt8] {
        let x = try x ?? member(-2, of: recordedKey())
        let y = try y ?? member(-3, of: recordedKey())
        return [0xA0 | count, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21] + bytes(x) + [0x22] + bytes(y) + more
    }

    private func rsa(modulus: [UInt8], exponent: [UInt8] = [1, 0, 1]) -> [UInt8] {
        [0xA4, 0x01, 0x03, 0x03, 0x39, 0x01, 0x00, 0x20] + bytes(modulus) + [0x21] + bytes(exponent)
    }

    private func ed25519(x: [UInt8]) -> [UInt8] { [0xA4, 0x01, 0x01, 0x03, 0x27, 0x20, 0x06, 0x21] + bytes(x) }

    @Test("the order of the members does not matter")
    func order() throws {
        let (x, y) = (try member(-2, of: recordedKey()), try member(-3, of: recordedKey()))
        let turned: [UInt8] = [0xA5, 0x22] + bytes(y) + [0x21] + bytes(x) + [0x20, 0x01, 0x03, 0x26, 0x01, 0x02]
        #expect(try COSEKey(turned).algorithm == .es256)
        #expect(try COSEKey(es256()).algorithm == .es256)
    }

    @Test("a point that is not on the curve, or of another length, is no key", arguments: [0, 31, 33])
    func es256Coordinates(count: Int) throws {
        #expect(throws: WebAuthnFault.key) { try COSEKey(es256(x: [UInt8](repeating: 1, count: count))) }
        #expect(throws: WebAuthnFault.key) { try COSEKey(es256(y: [UInt8](repeating: 1, count: count))) }
        #expect(throws: WebAuthnFault.key) { try COSEKey(es256(y: [UInt8](repeating: 1, count: 32))) }
    }

    @Test("a compressed point is refused")
    func compressed() throws {
        let x = try member(-2, of: recordedKey())
        let key: [UInt8] = [0xA5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21] + bytes(x) + [0x22, 0xF5]
        #expect(throws: WebAuthnFault.key) { try COSEKey(key) }
    }

    @Test("another curve is refused")
    func curve() throws {
        var key = try recordedKey()
        let index = try #require(key.firstIndex(of: 0x20))
        key[index + 1] = 0x02
        #expect(throws: WebAuthnFault.key) { try COSEKey(key) }
    }

    @Test("a private member, as every one that has no place there, is refused")
    func privateMember() throws {
        let member: [UInt8] = [0x23] + bytes([UInt8](repeating: 1, count: 32))
        #expect(throws: WebAuthnFault.keyFormat) { try COSEKey(es256(more: member, count: 6)) }
        let keyID: [UInt8] = [0x02] + bytes([1])
        #expect(throws: WebAuthnFault.keyFormat) { try COSEKey(es256(more: keyID, count: 6)) }
    }

    @Test("an algorithm that was not offered, or of another type of key, is refused")
    func algorithm() throws {
        var other = try recordedKey()
        let index = try #require(other.firstIndex(of: 0x26))
        other[index] = 0x27
        #expect(throws: WebAuthnFault.algorithm) { try COSEKey(other) }
        // ES384.
        other.replaceSubrange(index...index, with: [0x38, 0x22])
        #expect(throws: WebAuthnFault.algorithm) { try COSEKey(other) }
    }

    @Test("something that is no map, has no algorithm or something behind it is refused")
    func form() throws {
        #expect(throws: WebAuthnFault.keyFormat) { try COSEKey([0x01]) }
        #expect(throws: WebAuthnFault.keyFormat) { try COSEKey([0xA1, 0x01, 0x02]) }
        #expect(throws: WebAuthnFault.keyFormat) { try COSEKey(es256() + [0x00]) }
    }

    @Test("Ed25519: a point of small order, or of another length, is refused")
    func smallOrder() throws {
        #expect(try COSEKey(Recording.ed25519.register().publicKey).algorithm == .edDSA)
        let identity: [UInt8] = [1] + [UInt8](repeating: 0, count: 31)
        let zero = [UInt8](repeating: 0, count: 32)
        for x in [identity, zero, Array(zero.dropLast()), zero + [0]] {
            #expect(throws: WebAuthnFault.key) { try COSEKey(ed25519(x: x)) }
        }
    }

    @Test("RSA: 2,048 to 4,096 bits, with the exponent 65537")
    func rsaSizes() throws {
        let recording = try #require(Recording.all.first { $0.algorithm == -257 })
        let recorded = try recording.register().publicKey
        let modulus = try member(-1, of: recorded)
        #expect(try COSEKey(rsa(modulus: modulus)).algorithm == .rs256)
        for exponent: [UInt8] in [[3], [1], [1, 0, 0], [0, 1, 0, 1]] {
            #expect(throws: WebAuthnFault.key) { try COSEKey(rsa(modulus: modulus, exponent: exponent)) }
        }
        for modulus in [Array(modulus.dropFirst()), [0] + modulus, [0xFF] + [UInt8](repeating: 0xFF, count: 512)] {
            #expect(throws: WebAuthnFault.key) { try COSEKey(rsa(modulus: modulus)) }
        }
    }
}
