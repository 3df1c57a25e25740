import Crypto
import Shared
import Testing

@Suite("SHA-256, HMAC and HKDF")
struct DigestTests {
    @Test(
        "SHA-256 gives the values of FIPS 180-4's examples",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
        ])
    func sha256(text: String, digest: String) {
        #expect(Hex.encode(SHA256.hash(Array(text.utf8))) == digest)
    }

    @Test("SHA-256 is the same for an array, a slice and bytes that are not in one piece")
    func collections() {
        let message = Array("abc".utf8)
        #expect(SHA256.hash(([0] + message + [0])[1...3]) == SHA256.hash(message))
        #expect(SHA256.hash(message.reversed().reversed() as ReversedCollection) == SHA256.hash(message))
    }

    /// RFC 4231, cases 1 to 7; case 5 gives only the first 128 bits.
    static let hmacVectors: [(key: [UInt8], message: [UInt8], tag: String)] = [
        (
            [UInt8](repeating: 0x0B, count: 20), Array("Hi There".utf8),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            [UInt8](repeating: 0xAA, count: 20), [UInt8](repeating: 0xDD, count: 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        ),
        (
            Array(0x01...0x19), [UInt8](repeating: 0xCD, count: 50),
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
        ),
        (
            [UInt8](repeating: 0x0C, count: 20), Array("Test With Truncation".utf8),
            "a3b6167473100ee06e0c796c2955552b"
        ),
        (
            [UInt8](repeating: 0xAA, count: 131),
            Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
        (
            [UInt8](repeating: 0xAA, count: 131),
            Array(
                ("This is a test using a larger than block-size key and a larger than block-size data. "
                    + "The key needs to be hashed before being used by the HMAC algorithm.").utf8),
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
        ),
    ]

    @Test("HMAC-SHA-256 gives the tags of RFC 4231, also when a key is used again", arguments: 0..<7)
    func hmac(index: Int) {
        let vector = Self.hmacVectors[index]
        let key = HMACKey(Secret(vector.key))
        for _ in 1...2 {
            #expect(Hex.encode(key.authenticate(vector.message)).hasPrefix(vector.tag))
        }
    }

    @Test("an HMAC tag verifies only whole and only for its message and key")
    func hmacVerify() {
        let key = HMACKey(secret("one"))
        let message = Array("message".utf8)
        let tag = key.authenticate(message)
        #expect(key.verify(tag, for: message))
        #expect(!key.verify(tag, for: message + [0]))
        #expect(!key.verify(Array(tag.dropLast()), for: message))
        #expect(!key.verify([], for: message))
        #expect(!HMACKey(secret("two")).verify(tag, for: message))
        for index in tag.indices {
            var changed = tag
            changed[index] ^= 1
            #expect(!key.verify(changed, for: message))
        }
    }

    @Test("an empty HMAC key and message are taken as they are")
    func emptyHMAC() {
        let tag = HMACKey(Secret([])).authenticate([UInt8]())
        #expect(Hex.encode(tag) == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")
    }

    @Test("one HMAC key is used by many tasks at once")
    func sharedHMACKey() async {
        let key = HMACKey(secret("shared"))
        let messages = (0..<200).map { Array("message \($0)".utf8) }
        let expected = messages.map { key.authenticate($0) }
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask { messages.map { key.authenticate($0) } == expected }
            }
            for await same in group { #expect(same) }
        }
    }

    @Test("HKDF-SHA-256 gives the keys of RFC 5869, appendix A.1 to A.3")
    func hkdf() {
        let short = HKDF.derive(
            from: Secret([UInt8](repeating: 0x0B, count: 22)), salt: Array(0x00...0x0C), info: Array(0xF0...0xF9),
            count: 42)
        #expect(
            Hex.encode(short.reveal())
                == "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865")
        let long = HKDF.derive(
            from: Secret(Array(0x00...0x4F)), salt: Array(0x60...0xAF), info: Array(0xB0...0xFF), count: 82)
        #expect(
            Hex.encode(long.reveal())
                == "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09"
                + "da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87")
        let bare = HKDF.derive(from: Secret([UInt8](repeating: 0x0B, count: 22)), info: [], count: 42)
        #expect(
            Hex.encode(bare.reveal())
                == "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8")
    }

    @Test("the constant-time comparison agrees with equality")
    func constantTime() {
        #expect(constantTimeEqual([1, 2, 3], [1, 2, 3]))
        #expect(constantTimeEqual([UInt8](), [UInt8]()))
        #expect(!constantTimeEqual([1, 2, 3], [1, 2, 4]))
        #expect(!constantTimeEqual([1, 2, 3], [1, 2]))
        #expect(!constantTimeEqual([], [1]))
    }
}
