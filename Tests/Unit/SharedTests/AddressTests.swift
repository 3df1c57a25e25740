import Shared
import Testing

@Suite("E-mail addresses")
struct EmailAddressTests {
    @Test(
        "an ASCII dot-atom and a host of labels is one",
        arguments: [
            "ana@example.com", "a@b.co", "first.last+tag@sub.example.co.uk", "!#$%&'*+-/=?^_`{|}~@example.com",
            "ANA@EXAMPLE.COM", "a@xn--bcher-kva.example", "a@1.com", "1@1.c2",
            String(repeating: "a", count: 64) + "@example.com", "a..b@docomo.ne.jp", "abc.@ezweb.ne.jp",
            "a...@example.com",
        ])
    func addresses(_ text: String) throws {
        let address = try #require(EmailAddress(text))
        #expect(address.text == text)
        #expect(address.key == text.lowercased())
    }

    @Test(
        "anything else is none",
        arguments: [
            "", "@", "ana", "ana@", "@example.com", "ana@example", "ana@example.", "ana@.example.com",
            "ana@example..com",
            ".ana@example.com", ".@example.com", "a b@example.com", "a@b@example.com",
            "\"a b\"@example.com",
            "ana@[192.0.2.1]", "ana@192.0.2.1", "ana@-a.com", "ana@a-.com", "ana@exa_mple.com", "\u{E9}@example.com",
            "ana@ex\u{E4}mple.com", "ana@example.com\n", " ana@example.com", "ana@example.com\u{0}", "ana,@example.com",
            String(repeating: "a", count: 65) + "@example.com", "a@" + String(repeating: "b", count: 64) + ".com",
            "a@" + String(repeating: "abcdefg.", count: 31) + "abcde",
        ])
    func notAddresses(_ text: String) {
        #expect(EmailAddress(text) == nil)
    }

    @Test("two texts that differ in case are one address, and both texts are kept")
    func sameAddress() throws {
        let (lower, upper) = (
            try #require(EmailAddress("ana@example.com")), try #require(EmailAddress("Ana@Example.COM"))
        )
        #expect(lower == upper)
        #expect(Set([lower, upper]).count == 1)
        #expect(upper.text == "Ana@Example.COM")
    }

    @Test("an address that is no dot-atom is quoted in mails, and no other")
    func mailForm() throws {
        let forms = [
            "a..b@docomo.ne.jp": #""a..b"@docomo.ne.jp"#, "abc.@ezweb.ne.jp": #""abc."@ezweb.ne.jp"#,
            "a.b@example.com": "a.b@example.com", "ana@example.com": "ana@example.com",
        ]
        for (text, form) in forms { #expect(try #require(EmailAddress(text)).mailForm == form) }
    }

    @Test("an address prints masked")
    func masked() throws {
        let address = try #require(EmailAddress("ana.lima@example.com"))
        #expect("\(address)" == "a***@example.com")
    }
}

@Suite("Network addresses")
struct NetworkAddressTests {
    @Test(
        "are read and written in their canonical form (RFC 5952)",
        arguments: [
            ("192.0.2.1", "192.0.2.1"), ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"), ("::", "::"),
            ("::1", "::1"),
            ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"), ("2001:db8::0:1:0:0:1", "2001:db8::1:0:0:1"),
            ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("1::", "1::"), ("0:0:1::", "0:0:1::"),
            ("fe80::1:2:3:4", "fe80::1:2:3:4"),
            ("::ffff:192.0.2.1", "192.0.2.1"), ("::ffff:c000:201", "192.0.2.1"),
            ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"),
            ("1:2:3:4:5:6:192.0.2.1", "1:2:3:4:5:6:c000:201"),
        ])
    func text(_ text: String, _ canonical: String) throws {
        let address = try #require(NetworkAddress(text: text))
        #expect(address.description == canonical)
        #expect(NetworkAddress(text: canonical) == address)
    }

    @Test(
        "anything else is none",
        arguments: [
            "", "1", "1.2.3", "1.2.3.4.5", "256.0.0.1", "01.2.3.4", "1.2.3.-4", "1.2.3.+4", "1.2.3.4 ", "0x7f.0.0.1",
            ":", ":::",
            "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "12345::", "g::",
            "fe80::1%eth0",
            "[::1]", "::1.2.3", "1.2.3.4::", "1.2.3.4::1", "::1.2.3.4:5", "1:2:3:4:5:6:7:1.2.3.4", ":1", "1:",
            "localhost",
        ])
    func notText(_ text: String) {
        #expect(NetworkAddress(text: text) == nil)
    }

    @Test("a mapped IPv4 address is that IPv4 address")
    func mapped() {
        #expect(NetworkAddress(ipv6High: 0, low: 0xFFFF_7F00_0001) == .loopback)
        #expect(NetworkAddress(ipv6High: 0, low: 0xFFFF_7F00_0001).isIPv4)
        #expect(!NetworkAddress(ipv6High: 0, low: 0x7F00_0001).isIPv4)
    }

    @Test(
        "loopback is 127.0.0.0/8 and ::1",
        arguments: [
            ("127.0.0.1", true), ("127.255.0.1", true), ("::1", true), ("::ffff:127.0.0.1", true), ("128.0.0.1", false),
            ("::2", false), ("::7f00:1", false),
        ])
    func loopback(_ text: String, _ expected: Bool) throws {
        #expect(try #require(NetworkAddress(text: text)).isLoopback == expected)
    }

    @Test("limits count by the whole IPv4 address and the /64 of an IPv6 one")
    func limitPrefix() throws {
        #expect(try #require(NetworkAddress(text: "192.0.2.1")).limitPrefix.description == "192.0.2.1/32")
        #expect(
            try #require(NetworkAddress(text: "2001:db8:1:2:3:4:5:6")).limitPrefix.description == "2001:db8:1:2::/64")
    }

    @Test(
        "a network contains the addresses that share its first bits, of its own family",
        arguments: [
            ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false), ("192.0.2.1", "192.0.2.1", true),
            ("192.0.2.1", "192.0.2.2", false), ("0.0.0.0/0", "8.8.8.8", true), ("0.0.0.0/0", "::1", false),
            ("2001:db8::/33", "2001:db8:7fff::1", true), ("2001:db8::/33", "2001:db8:8000::1", false),
            ("2001:db8::/65", "2001:db8::7fff:0:0:1", true), ("2001:db8::/65", "2001:db8::8000:0:0:1", false),
            ("::/0", "fe80::1", true),
            ("::1", "::1", true), ("10.1.2.3/8", "10.9.9.9", true),
        ])
    func contains(_ network: String, _ address: String, _ expected: Bool) throws {
        let prefix = try #require(NetworkPrefix(text: network))
        #expect(prefix.contains(try #require(NetworkAddress(text: address))) == expected)
    }

    @Test(
        "what is no network is none",
        arguments: [
            "", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8/8", "::/129", "10.0.0.0/ 8",
            "x/8",
        ])
    func notNetworks(_ text: String) {
        #expect(NetworkPrefix(text: text) == nil)
    }
}
