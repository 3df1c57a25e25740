import AccountsApplication
import AccountsContract
import AccountsDomain
import Shared
import Testing

/// What every `ValidationTokenSigner` must do.
package struct ValidationTokenSignerBehaviour: Sendable, CustomTestStringConvertible {
    package let testDescription: String
    package let check: @Sendable (any ValidationTokenSigner) throws -> Void

    package static let all = [
        ValidationTokenSignerBehaviour("a token's text is always the same, names its id and is genuine") { signer in
            for token in [Sample.validation(1, of: 1), Sample.validation(2, of: nil, purpose: .administrator)] {
                let text = signer.text(of: token)
                #expect(signer.text(of: token) == text)
                #expect(signer.id(in: text) == token.id)
                #expect(signer.isGenuine(text, for: token))
            }
        },
        ValidationTokenSignerBehaviour("a used token keeps its text, so that its page can say so") { signer in
            var used = Sample.validation(1, of: 1)
            let text = signer.text(of: used)
            used.usedAt = Sample.now
            #expect(signer.isGenuine(text, for: used))
        },
        ValidationTokenSignerBehaviour("the text is good for nothing else: no other id, user, purpose, address or time")
        {
            signer in
            let token = Sample.validation(1, of: 1)
            let text = signer.text(of: token)
            for other in others(than: token) {
                #expect(!signer.isGenuine(text, for: other))
                #expect(signer.text(of: other) != text)
            }
        },
        ValidationTokenSignerBehaviour("a changed text is not genuine, wherever it was changed") { signer in
            let token = Sample.validation(1, of: 1)
            let text = Array(signer.text(of: token).utf8)
            for index in text.indices {
                var changed = text
                changed[index] = text[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
                #expect(!signer.isGenuine(String(decoding: changed, as: UTF8.self), for: token))
            }
            for changed in [text.dropLast(), text + [UInt8(ascii: "A")], []] {
                #expect(!signer.isGenuine(String(decoding: changed, as: UTF8.self), for: token))
            }
        },
        ValidationTokenSignerBehaviour("a text that names no id has none") { signer in
            for text in ["", ".", "nonsense", "a.b", String(repeating: "A", count: 10_000)] {
                #expect(signer.id(in: text) == nil)
            }
        },
        ValidationTokenSignerBehaviour("a text needs no escape in a web address") { signer in
            let text = signer.text(of: Sample.validation(1, of: 1))
            #expect(
                text.utf8.allSatisfy { byte in
                    let character = Character(Unicode.Scalar(byte))
                    return byte < 0x80 && (character.isLetter || character.isNumber || "-._~".contains(character))
                })
        },
        ValidationTokenSignerBehaviour("a code has six digits, always the same, and others for any other code") {
            signer in
            let codes = (1...50).map { Sample.code($0, of: 1) }
            let digits = codes.map { signer.digits(of: $0) }
            #expect(digits.allSatisfy { $0.utf8.count == 6 && $0.utf8.allSatisfy { (48...57).contains($0) } })
            #expect(codes.map { signer.digits(of: $0) } == digits)
            #expect(Set(digits).count > 45)
            var guessed = codes[0]
            guessed.attempts = 5
            guessed.usedAt = Sample.now
            #expect(signer.digits(of: guessed) == digits[0])
        },
    ]

    init(_ name: String, check: @escaping @Sendable (any ValidationTokenSigner) throws -> Void) {
        testDescription = name
        self.check = check
    }

    /// Tokens that differ from this one in one thing each.
    private static func others(than token: ValidationToken) -> [ValidationToken] {
        func copy(
            id: ValidationID? = nil, userID: UserID? = nil, purpose: ValidationToken.Purpose? = nil,
            address: EmailAddress? = nil, expiresAt: Timestamp? = nil
        ) -> ValidationToken {
            ValidationToken(
                id: id ?? token.id, userID: userID ?? token.userID, purpose: purpose ?? token.purpose,
                address: address ?? token.address, createdAt: token.createdAt,
                expiresAt: expiresAt ?? token.expiresAt)
        }
        return [
            copy(id: Sample.validationID(9)), copy(userID: Sample.userID(9)), copy(purpose: .administrator),
            copy(address: EmailAddress("other@example.com")), copy(expiresAt: token.expiresAt + .milliseconds(1)),
        ]
    }
}

/// What every `AccountsLinks` must do.
package struct AccountsLinksBehaviour: Sendable, CustomTestStringConvertible {
    package let testDescription: String
    package let check: @Sendable (any AccountsLinks) throws -> Void

    package static let all = [
        AccountsLinksBehaviour("a link is a web address that ends in its token") { links in
            for link in all(links, token: "abc-._~123") {
                #expect(link.hasPrefix("https://") || link.hasPrefix("http://"))
                #expect(link.hasSuffix("?token=abc-._~123"))
            }
        },
        AccountsLinksBehaviour("no character of a token can change the address around it") { links in
            for link in all(links, token: "a&b=c#d/e?f g%\u{00E9}") {
                #expect(link.hasSuffix("?token=a%26b%3Dc%23d%2Fe%3Ff%20g%25%C3%A9"))
            }
        },
        AccountsLinksBehaviour("each kind of link leads to a page of its own") { links in
            #expect(Set(all(links, token: "t")).count == 5)
        },
    ]

    private static func all(_ links: any AccountsLinks, token: String) -> [String] {
        [
            links.verification(token: token), links.newPassword(token: token), links.magicLink(token: token),
            links.emailChange(token: token), links.administrator(token: token),
        ]
    }

    init(_ name: String, check: @escaping @Sendable (any AccountsLinks) throws -> Void) {
        testDescription = name
        self.check = check
    }
}
