import Shared
import TestSupport
import Testing

@Suite("Bytes as text")
struct EncodingTests {
    @Test(
        "base64url is RFC 4648's without padding",
        arguments: [
            ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
            ("foobar", "Zm9vYmFy"),
        ])
    func base64URL(_ plain: String, _ encoded: String) {
        #expect(Base64URL.encode(plain.utf8) == encoded)
        #expect(Base64URL.decode(encoded) == Array(plain.utf8))
        #expect(Base64URL.encodeBytes(plain.utf8) == Array(encoded.utf8))
    }

    @Test("base64url has - and _ for the last two values")
    func alphabet() {
        #expect(Base64URL.encode([0xFB, 0xFF, 0xBF] as [UInt8]) == "-_-_")
        #expect(Base64URL.decode("-_-_") == [0xFB, 0xFF, 0xBF])
    }

    @Test(
        "one value has one text: padding, foreign characters and bits left over are refused",
        arguments: ["Zg==", "Zg=", "Z", "Zm9vY", "Zh", "Zm9", "Zm+v", "Zm/v", "Zm 8", "Zm8\n", "\u{E9}\u{E9}"])
    func strict(_ text: String) {
        #expect(Base64URL.decode(text) == nil)
    }

    @Test("any bytes come back the same", arguments: 0..<100)
    func roundTrip(_ count: Int) {
        let bytes = SeededRandom(seed: UInt64(count)).bytes(count)
        #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes)
        let hex = Hex.encode(bytes)
        #expect(hex.utf8.count == 2 * count)
        let digits = hex.utf8.compactMap(Hex.value)
        #expect(stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] } == bytes)
    }

    @Test("random bytes are as many as asked for, and differ")
    func random() {
        let source = SystemRandomSource()
        for count in [0, 1, 7, 8, 9, 33] { #expect(source.bytes(count).count == count) }
        #expect(source.bytes(32) != source.bytes(32))
    }
}

@Suite("Secrets, logs and pages")
struct ValueTests {
    private struct Credentials { let password: Secret<String> }

    @Test("a secret is not printed, interpolated, dumped or reflected")
    func secret() {
        let secret = Secret("hunter2")
        var dumped = ""
        dump(Credentials(password: secret), to: &dumped)
        for text in [
            "\(secret)", String(describing: secret), String(reflecting: Credentials(password: secret)), dumped,
        ] {
            #expect(!text.contains("hunter2"))
        }
        #expect(secret.reveal() == "hunter2")
    }

    @Test("a logger writes its level and above, with its own fields before the line's")
    func logger() {
        let sink = RecordingLogSink()
        let logger = sink.logger(level: .warning).with("service", "test")
        logger.debug("a")
        logger.info("b")
        logger.warning("c", ["count": 3])
        logger.error("d", ["address": "\(EmailAddress("ana@example.com")!)"])
        #expect(sink.messages == ["c", "d"])
        #expect(sink.entries[0].fields.map(\.name) == ["service", "count"])
        #expect(sink.entries[0]["count"] == .integer(3))
        #expect(sink.entries[1]["address"] == .text("a***@example.com"))
    }

    @Test("levels are ordered")
    func levels() {
        #expect(LogLevel.allCases.sorted() == [.debug, .info, .warning, .error])
    }

    @Test("failures say what is missing, for the log")
    func failures() {
        #expect("\(Unavailable("database", reason: "disk full"))" == "database unavailable: disk full")
        #expect(Unavailable("x", reason: "y").retryAfter == .seconds(1))
        #expect("\(InternalFailure("no row"))" == "no row")
    }
}
