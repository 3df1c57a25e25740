import AccountsApplication
import AccountsContract
import AccountsDomain
import Shared
import TestSupport
import Testing

/// What every pair of issuer and verifier of tokens must do.
package struct TokenBehaviour: Sendable, CustomTestStringConvertible {
    package typealias Subject = TokenIssuer & AccessTokenVerifier

    package let testDescription: String
    package let check: @Sendable (any Subject) async throws -> Void

    package static let all = [
        TokenBehaviour("an access token says whose it is, from its first moment to its last") { tokens async throws in
            let user = try Sample.account(1).user
            let session = Sample.session(1, of: 1)
            // NumericDate counts whole seconds.
            let now = Timestamp(seconds: 1_790_000_000)
            let token = try tokens.accessToken(for: user, in: session, at: now)
            let claims = AccessTokenClaims(userID: user.id, sessionID: session.id)
            #expect(token.lifetime > .zero)
            #expect(try await tokens.claims(of: token.text.reveal(), at: now) == claims)
            #expect(
                try await tokens.claims(of: token.text.reveal(), at: now + token.lifetime - .milliseconds(1)) == claims)
        },
        TokenBehaviour("an access token counts no more when its time is long over") { tokens async throws in
            let token = try tokens.accessToken(
                for: try Sample.account(1).user, in: Sample.session(1, of: 1), at: Sample.now)
            // A verifier may grant a minute for clocks that differ.
            let later = Sample.now + token.lifetime + .seconds(120)
            #expect(try await tokens.claims(of: token.text.reveal(), at: later) == nil)
        },
        TokenBehaviour("a text in which one character was changed, added or left out is no token") {
            tokens async throws in
            let token = try tokens.accessToken(
                for: try Sample.account(1).user, in: Sample.session(1, of: 1), at: Sample.now)
            let text = Array(token.text.reveal().utf8)
            for index in stride(from: 0, to: text.count, by: max(1, text.count / 60)) {
                var changed = text
                changed[index] = text[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
                #expect(try await tokens.claims(of: String(decoding: changed, as: UTF8.self), at: Sample.now) == nil)
                changed.remove(at: index)
                #expect(try await tokens.claims(of: String(decoding: changed, as: UTF8.self), at: Sample.now) == nil)
            }
            #expect(try await tokens.claims(of: token.text.reveal() + "A", at: Sample.now) == nil)
            #expect(try await tokens.claims(of: " " + token.text.reveal(), at: Sample.now) == nil)
        },
        TokenBehaviour(
            "anything else is no token",
            check: { tokens async throws in
                for text in ["", ".", "..", "a.b.c", "nonsense", String(repeating: "a", count: 20_000)] {
                    #expect(try await tokens.claims(of: text, at: Sample.now) == nil)
                }
                let refresh = tokens.refreshToken(for: Sample.session(1, of: 1), at: Sample.now)
                #expect(try await tokens.claims(of: refresh.text.reveal(), at: Sample.now) == nil)
            }),
        TokenBehaviour("a half-done sign-in has one token, which names it, and no other text does") { tokens in
            let id = MFAChallengeID(SequentialIdentifiers.identifier(9))
            let token = tokens.challengeToken(for: id)
            #expect(tokens.challengeToken(for: id).reveal() == token.reveal())
            #expect(tokens.read(challengeToken: token) == id)
            let other = tokens.challengeToken(for: MFAChallengeID(SequentialIdentifiers.identifier(10)))
            #expect(other.reveal() != token.reveal())
            for text in ["", "a", token.reveal() + "A", String(token.reveal().dropLast()), "A" + token.reveal()] {
                #expect(tokens.read(challengeToken: Secret(text)) == nil)
            }
            let refresh = tokens.refreshToken(for: Sample.session(1, of: 1), at: Sample.now)
            #expect(tokens.read(challengeToken: refresh.text) == nil)
        },
        TokenBehaviour("no two tokens are the same, even of one session and moment") { tokens async throws in
            let user = try Sample.account(1).user
            let session = Sample.session(1, of: 1)
            let access = try (1...20).map { _ in
                try tokens.accessToken(for: user, in: session, at: Sample.now).text.reveal()
            }
            let refresh = (1...20).map { _ in tokens.refreshToken(for: session, at: Sample.now) }
            #expect(Set(access).count == 20)
            #expect(Set(refresh.map { $0.text.reveal() }).count == 20)
            #expect(Set(refresh.map(\.record.jti)).count == 20)
            #expect(Set(refresh.map(\.record.hash)).count == 20)
        },
        TokenBehaviour("a refresh token's record names the session, does not outlive it and does not hold the token") {
            tokens async throws in
            let session = Sample.session(1, of: 1)
            let token = tokens.refreshToken(for: session, at: Sample.now)
            #expect(token.record.sessionID == session.id)
            #expect(token.record.generation == session.generation)
            #expect(token.record.createdAt == Sample.now)
            #expect(token.record.expiresAt > Sample.now)
            #expect(token.record.expiresAt <= session.expiresAt)
            #expect(!token.record.hash.isEmpty)
            #expect(!token.record.hash.elementsEqual(token.text.reveal().utf8))
        },
        TokenBehaviour("a successor is the same for the same parent and branch, and another one for any other") {
            tokens async throws in
            var session = Sample.session(1, of: 1)
            let parent = tokens.refreshToken(for: session, at: Sample.now).text
            let other = tokens.refreshToken(for: session, at: Sample.now).text
            session.generation = 1
            let texts = [parent, parent, other].map {
                tokens.successor(of: $0, for: session, at: Sample.now).text.reveal()
            }
            #expect(texts[0] == texts[1])
            #expect(texts[0] != texts[2])
            session.branch = 1
            let branch = tokens.successor(of: parent, for: session, at: Sample.now + .seconds(60))
            #expect(branch.text.reveal() != texts[0])
            #expect(branch.record.generation == 1)
            #expect(branch.record.expiresAt <= session.expiresAt)
        },
        TokenBehaviour("a genuine refresh token is read, first or successor, and leads to its record") {
            tokens async throws in
            var session = Sample.session(1, of: 1)
            let first = tokens.refreshToken(for: session, at: Sample.now)
            session.generation = 70_000
            let second = tokens.successor(of: first.text, for: session, at: Sample.now)
            for token in [first, second] {
                let reading = tokens.read(refreshToken: token.text)
                let record = token.record
                #expect(
                    reading
                        == RefreshTokenReading(
                            sessionID: session.id, generation: record.generation, hash: record.hash))
            }
        },
        TokenBehaviour("a refresh token that was changed anywhere, or is none, is not read") { tokens async throws in
            let token = tokens.refreshToken(for: Sample.session(1, of: 1), at: Sample.now)
            let text = Array(token.text.reveal().utf8)
            for index in text.indices {
                var changed = text
                changed[index] = text[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
                #expect(tokens.read(refreshToken: Secret(String(decoding: changed, as: UTF8.self))) == nil)
            }
            let access = try tokens.accessToken(
                for: try Sample.account(1).user, in: Sample.session(1, of: 1), at: Sample.now)
            for other in ["", "nonsense", token.text.reveal() + "A", access.text.reveal()] {
                #expect(tokens.read(refreshToken: Secret(other)) == nil)
            }
        },
    ]

    init(_ name: String, check: @escaping @Sendable (any Subject) async throws -> Void) {
        testDescription = name
        self.check = check
    }
}
