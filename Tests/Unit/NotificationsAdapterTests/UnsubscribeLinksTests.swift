import Crypto
import NotificationsApplication
import NotificationsDomain
import Shared
import TestSupport
import Testing

@testable import NotificationsInfrastructure

@Suite("Links that unsubscribe, and digests of addresses")
struct UnsubscribeLinksTests {
    private static func masterKey(_ seeds: UInt8...) throws -> MasterKey {
        try MasterKey(keys: seeds.map { Secret([UInt8](repeating: $0, count: MasterKey.byteCount)) })
    }

    private let subject = UnsubscribeSubject(userID: SequentialIdentifiers.identifier(7), kind: .usage)

    private func token(_ links: SealedUnsubscribeLinks) throws -> String {
        String(try #require(links.link(subject).split(separator: "=").last))
    }

    @Test("a link leads back to who ends what, and is the same each time")
    func roundTrip() throws {
        let links = SealedUnsubscribeLinks(appURL: "https://gapura.test", try Self.masterKey(1))
        #expect(links.link(subject).hasPrefix("https://gapura.test/unsubscribe?token="))
        #expect(links.link(subject) == links.link(subject))
        let token = try token(links)
        #expect(links.subject(of: token) == subject)
        #expect(token.utf8.count <= SealedUnsubscribeLinks.tokenLengthMax)
        #expect(!token.contains(subject.userID.description))
    }

    @Test("another person's, another kind's or a changed token is none of ours")
    func forged() throws {
        let links = SealedUnsubscribeLinks(appURL: "", try Self.masterKey(1))
        let parts = try token(links).split(separator: ".").map(String.init)
        let other = Base64URL.encode(SequentialIdentifiers.identifier(8).bytes)
        let forged = [
            "\(other).\(parts[1]).\(parts[2])", "\(parts[0]).webhooks.\(parts[2])", "\(parts[0]).\(parts[1])",
            "\(parts[0]).\(parts[1]).", "\(parts[0]).\(parts[1]).\(parts[2])A", "..", "",
            "\(parts[0]).security.\(parts[2])",
        ]
        for token in forged { #expect(links.subject(of: token) == nil, "\(token)") }
        let elsewhere = SealedUnsubscribeLinks(appURL: "", try Self.masterKey(2))
        #expect(elsewhere.subject(of: try token(links)) == nil)
    }

    @Test("a security kind has no link that counts, whoever signs it")
    func security() throws {
        let links = SealedUnsubscribeLinks(appURL: "", try Self.masterKey(1))
        let link = links.link(UnsubscribeSubject(userID: subject.userID, kind: .security))
        #expect(links.subject(of: String(try #require(link.split(separator: "=").last))) == nil)
    }

    @Test("links of before the master key was changed still count")
    func rotation() throws {
        let old = try token(SealedUnsubscribeLinks(appURL: "", try Self.masterKey(1)))
        let links = SealedUnsubscribeLinks(appURL: "", try Self.masterKey(2, 1))
        #expect(links.subject(of: old) == subject)
        #expect(try token(links) != old)
    }

    @Test("an address has one digest in any case, and none that is anybody else's")
    func digest() throws {
        let digester = HMACAddressDigester(try Self.masterKey(1))
        let address = try #require(EmailAddress("Ana@Example.com"))
        let digest = digester.digest(address)
        #expect(digest.bytes.count == 16)
        #expect(digester.digest(try #require(EmailAddress("ana@example.com"))) == digest)
        #expect(digester.digest(try #require(EmailAddress("ani@example.com"))) != digest)
        #expect(HMACAddressDigester(try Self.masterKey(2)).digest(address) != digest)
    }
}
