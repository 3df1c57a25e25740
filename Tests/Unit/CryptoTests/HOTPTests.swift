import Crypto
import Shared
import Testing

@Suite("One-time passwords")
struct HOTPTests {
    @Test("the codes are those of RFC 4226, appendix D")
    func rfc4226() {
        let secret = Secret(Array("12345678901234567890".utf8))
        let codes = (0..<10).map { HOTP.code(secret: secret, counter: $0) }
        #expect(
            codes == [
                "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489",
            ])
    }

    @Test("the last six digits are those of RFC 6238, appendix B, also far in the future")
    func rfc6238() {
        let secret = Secret(Array("12345678901234567890".utf8))
        let times: [UInt64] = [59, 1_111_111_109, 1_111_111_111, 1_234_567_890, 2_000_000_000, 20_000_000_000]
        let codes = times.map { HOTP.code(secret: secret, counter: $0 / 30) }
        #expect(codes == ["287082", "081804", "050471", "005924", "279037", "353130"])
    }

    @Test("base32 is that of RFC 4648, § 10, without its padding")
    func base32() {
        let texts = ["", "f", "fo", "foo", "foob", "fooba", "foobar"]
        #expect(
            texts.map { Base32.encode(Array($0.utf8)) }
                == ["", "MY", "MZXQ", "MZXW6", "MZXW6YQ", "MZXW6YTB", "MZXW6YTBOI"])
        // 0 to 7, five bits each.
        #expect(Base32.encodeCrockford([0x00, 0x44, 0x32, 0x14, 0xC7]) == "01234567")
    }
}
