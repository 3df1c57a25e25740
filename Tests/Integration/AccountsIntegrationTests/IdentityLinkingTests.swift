import AccountsApplication
import AccountsContract
import AccountsDomain
import AccountsDoubles
import Crypto
import HTTP
import HTTPSupport
import JSON
import Shared
import TestSupport
import Testing

@testable import AccountsInfrastructure

@Suite("Accounts and those at other companies")
struct IdentityLinkingTests {
    @Test("a proved account is linked by authority, once; a second identity of the provider is another person's")
    func link() async throws {
        try await withAccountsHouse { house in
            let google = IdentityProviderDouble()
            google.vouch(for: .double())
            let process = try await FlowProcess(house, [google])
            let person = try await Person(house)
            #expect(try await FlowBrowser().signIn(process).status == 303)
            #expect(try await house.count("users") == 1)
            #expect(try await person.events("identity.linked") == 1)
            // The password stays: it was proved.
            _ = try await person.signIn()
            google.vouch(for: .double("subject-2"))
            #expect(try await FlowBrowser().signIn(process).refusal == "409 account_exists")
            #expect(try await house.count("identities") == 1)
            // The identity is known by its subject, whatever address its provider says now.
            google.vouch(for: .double(email: "other@example.com", trust: .none))
            let browser = FlowBrowser()
            #expect(try await browser.signIn(process).status == 303)
            let me = try await browser.get(process, "/me").json()
            #expect(me["email"]?.text == "ana@example.com")
            let list = try await browser.get(process, "/me/identities").json()
            #expect(list["identities"]?.elements?.map { $0["email"]?.text } == ["other@example.com"])
        }
    }

    @Test("what the provider only once checked, or not at all, opens no account that is there")
    func weak() async throws {
        try await withAccountsHouse { house in
            let google = IdentityProviderDouble()
            let process = try await FlowProcess(house, [google])
            _ = try await Person(house)
            for trust in [EmailTrust.verified, .none] {
                google.vouch(for: .double(trust: trust))
                #expect(try await FlowBrowser().signIn(process).refusal == "409 account_exists")
            }
            #expect(try await house.count("identities") == 0)
        }
    }

    @Test("authority proves a claim: the password, the identities and the sessions of before go")
    func claim() async throws {
        try await withAccountsHouse { house in
            let google = IdentityProviderDouble()
            let github = IdentityProviderDouble(.github, label: "GitHub", issuer: nil)
            let process = try await FlowProcess(house, [google, github])
            // Somebody begins with an address that Google checked long ago.
            google.vouch(for: .double("thief", trust: .verified))
            #expect(try await FlowBrowser().signIn(process).refusal == "403 email_not_verified")
            #expect(try await FlowBrowser().signIn(process).refusal == "403 email_not_verified")
            #expect(try await house.published().map(\.type) == ["user.created", "identity.linked"])
            github.vouch(for: .double("owner"))
            let browser = FlowBrowser()
            let state = try await browser.begin(process, "/github/login")
            #expect(await browser.comeBack(process, state, "github").status == 303)
            let list = try await browser.get(process, "/me/identities").json()
            #expect(list["identities"]?.elements?.map { $0["provider"]?.text } == ["github"])
            // The thief has no way in any more.
            #expect(try await FlowBrowser().signIn(process).refusal == "409 account_exists")
        }
    }

    @Test("an account made on a checked address is proved by mail; in another browser its identity goes")
    func unproved() async throws {
        for isSameBrowser in [true, false] {
            try await withAccountsHouse { house in
                let google = IdentityProviderDouble()
                google.vouch(for: .double(trust: .verified))
                let process = try await FlowProcess(house, [google])
                let browser = FlowBrowser()
                #expect(try await browser.signIn(process).refusal == "403 email_not_verified")
                #expect(browser.cookies["gapura_registration"] != nil)
                let id = try #require(try await house.latestLink(.verify))
                let link = try #require(try await house.work.read { try $0.validations.find(id) })
                let cookies =
                    isSameBrowser ? ["gapura_registration=\(browser.cookies["gapura_registration"]!)"] : []
                let text = process.signer.text(of: link)
                let page = await process.rest.send(.get, "/verify?token=\(text)", [("Accept", "text/html")])
                let done = await process.rest.submit("/verify", "token=\(text)", on: page, cookies: cookies)
                #expect(done.status == 303)
                #expect(try await house.count("identities") == (isSameBrowser ? 1 : 0))
                let response = try await FlowBrowser().signIn(process)
                #expect(isSameBrowser ? response.status == 303 : response.refusal == "409 account_exists")
            }
        }
    }

    @Test("a blocked account is not linked, and a known identity of one does not sign in")
    func blocked() async throws {
        try await withAccountsHouse { house in
            let google = IdentityProviderDouble()
            google.vouch(for: .double())
            let process = try await FlowProcess(house, [google])
            let person = try await Person(house)
            let (userID, now) = (person.userID, house.clock.now)
            func block(_ reason: String?) async throws {
                try await house.work.write { context in
                    var user = try #require(try context.users.lock(userID)).user
                    user.setBlock(reason.map { UserBlock(reason: $0, until: nil) }, at: now)
                    try context.users.update(user)
                }
            }
            try await block("spam")
            #expect(try await FlowBrowser().signIn(process).refusal == "403 account_blocked")
            #expect(try await house.count("identities") == 0)
            try await block(nil)
            #expect(try await FlowBrowser().signIn(process).status == 303)
            try await block("spam")
            #expect(try await FlowBrowser().signIn(process).refusal == "403 account_blocked")
        }
    }

    @Test("where registration is closed nobody gets an account, and those who have one get in")
    func closed() async throws {
        try await withAccountsHouse { house in
            let google = IdentityProviderDouble()
            google.vouch(for: .double("stranger", email: "new@example.com"))
            let process = try await FlowProcess(house, [google], ["RATE_LIMIT": "off", "REGISTRATION": "closed"])
            _ = try await Person(house)
            #expect(try await FlowBrowser().signIn(process).refusal == "403 registration_closed")
            let body: JSONValue = ["email": "new@example.com", "password": "correct horse"]
            #expect(await process.rest.post("/register", body).refusal == "403 registration_closed")
            google.vouch(for: .double())
            #expect(try await FlowBrowser().signIn(process).status == 303)
            #expect(try await house.count("users") == 1)
        }
    }

    @Test("somebody signed in links a company, and removes it again; the last way in stays")
    func ownIdentities() async throws {
        try await withAccountsHouse { house in
            let google = IdentityProviderDouble()
            let process = try await FlowProcess(house, [google])
            let person = try await Person(house)
            let browser = FlowBrowser(["gapura_session": person.signedIn.accessToken.text.reveal()])
            google.vouch(for: .double(email: "private@example.com", trust: .none))
            let begun = await browser.post(process, "/me/identities/google/link", ["return_to": "/x"])
            #expect(begun.status == 200)
            let address = try #require(try begun.json()["authorize_url"]?.text)
            let state = try FlowBrowser.state(in: address)
            // Another session cannot finish it.
            let other = FlowBrowser(browser.cookies.merging(["gapura_session": "other"]) { $1 })
            #expect(await other.comeBack(process, state).refusal == "400 invalid_state")
            let done = await browser.comeBack(process, state)
            #expect(done.status == 303)
            #expect(done["Location"] == "/x")
            let again = try FlowBrowser.state(
                in: try #require(
                    try await browser.post(process, "/me/identities/google/link").json()["authorize_url"]?.text))
            #expect(await browser.comeBack(process, again).status == 303)
            let list = try await browser.get(process, "/me/identities").json()
            #expect(list["sign_in_methods"]?["password"]?.flag == true)
            #expect(list["sign_in_methods"]?["mailed_code"]?.flag == true)
            #expect(list["sign_in_methods"]?["identities"]?.integer == 1)
            let id = try #require(list["identities"]?.elements?.first?["id"]?.text)
            // It signs in now; that session ends with it.
            let elsewhere = FlowBrowser()
            #expect(try await elsewhere.signIn(process).status == 303)
            #expect(await elsewhere.get(process, "/me").status == 200)
            #expect(await browser.delete(process, "/me/identities/\(id)").status == 204)
            #expect(await browser.delete(process, "/me/identities/\(id)").status == 404)
            #expect(await browser.get(process, "/me").status == 200)
            let session = try await house.work.read {
                try $0.sessions.all(of: person.userID).first { $0.identityID != nil }
            }
            #expect(session?.revocationReason == .identityUnlinked)
            #expect(try await person.events("identity.unlinked") == 1)
            let actions = try await house.auditedActions()
            #expect(actions.contains("identity.linked") && actions.contains("identity.unlinked"))
        }
    }

    @Test("an identity of another account is taken, also in a race")
    func taken() async throws {
        try await withAccountsHouse { house in
            let google = IdentityProviderDouble()
            google.vouch(for: .double(email: nil, trust: .none))
            let process = try await FlowProcess(house, [google])
            let people = [try await Person(house), try await Person(house, "ben@example.com")]
            let responses = try await atOnce(2) { number in
                let browser = FlowBrowser(["gapura_session": people[number].signedIn.accessToken.text.reveal()])
                let begun = await browser.post(process, "/me/identities/google/link")
                let state = try FlowBrowser.state(in: try #require(try begun.json()["authorize_url"]?.text))
                return await browser.comeBack(process, state)
            }
            #expect(responses.map(\.status).sorted() == [303, 409])
            #expect(responses.compactMap(\.code) == ["identity_taken"])
            #expect(try await house.count("identities") == 1)
        }
    }

    @Test("the last way to sign in stays")
    func last() async throws {
        try await withAccountsHouse { house in
            let google = IdentityProviderDouble()
            google.vouch(for: .double(trust: .verified))
            let process = try await FlowProcess(house, [google])
            #expect(try await FlowBrowser().signIn(process).refusal == "403 email_not_verified")
            let email = try #require(EmailAddress("ana@example.com"))
            let user = try #require(try await house.work.read { try $0.users.find(email: email) }).user
            let identity = try #require(try await house.work.read { try $0.identities.all(of: user.id) }.first)
            let opened = Session(
                id: house.identifiers.next(), userID: user.id, userAgent: nil, address: nil,
                createdAt: house.clock.now, lastUsed: house.clock.now, expiresAt: house.clock.now + .seconds(600))
            let token = RefreshTokenRecord(
                sessionID: opened.id, jti: opened.id.value, hash: [UInt8](repeating: 7, count: 32), generation: 0,
                createdAt: house.clock.now, expiresAt: opened.expiresAt)
            try await house.work.write { try $0.sessions.insert(opened, refreshToken: token) }
            let caller = SessionCaller(userID: user.id, sessionID: opened.id)
            let removal = try await process.useCases.manageIdentities.remove(
                identity.id, caller, client: Person.client)
            #expect(removal == .lastMethod)
            #expect(try await house.count("identities") == 1)
        }
    }

    @Test("without an address that counts nothing is made before one is proved by a code")
    func addressNeeded() async throws {
        try await withAccountsHouse { house in
            let google = IdentityProviderDouble()
            google.vouch(for: .double(email: "claimed@example.com", trust: .none))
            let process = try await FlowProcess(house, [google])
            let browser = FlowBrowser()
            #expect(try await browser.signIn(process).refusal == "409 email_required")
            #expect(try await house.count("users") == 0)
            #expect(browser.cookies["gapura_identity"] != nil)
            let body: JSONValue = ["email": "ana@example.com"]
            #expect(await FlowBrowser().post(process, "/login/address", body).refusal == "400 invalid_state")
            #expect(await browser.post(process, "/login/address", body).status == 202)
            #expect(try await house.count("identities") == 0)
            let wrong: JSONValue = ["email": "ana@example.com", "code": "000000"]
            let digits = try await code(house, process)
            if digits != "000000" {
                #expect(
                    await browser.post(process, "/login/address/confirm", wrong).refusal == "401 invalid_code")
            }
            let right: JSONValue = ["email": "ana@example.com", "code": .string(digits)]
            #expect(await browser.post(process, "/login/address/confirm", right).status == 200)
            #expect(browser.cookies["gapura_identity"] == nil)
            let me = try await browser.get(process, "/me").json()
            #expect(me["email"]?.text == "ana@example.com")
            #expect(me["is_verified"]?.flag == true)
            // From now on the identity is known.
            #expect(try await FlowBrowser().signIn(process).status == 303)
            #expect(try await house.count("users") == 1)
        }
    }

    private func code(_ house: AccountsHouse, _ process: FlowProcess) async throws -> String {
        let email = try #require(EmailAddress("ana@example.com"))
        let now = house.clock.now
        let code = try await house.work.read { context in
            try context.signInCodes.latest(of: try #require(try context.users.find(email: email)).user.id, at: now)
        }
        return process.signer.digits(of: try #require(code))
    }

    @Test("an app gets a code, no token in an address, and its tokens for the code once")
    func app() async throws {
        try await withAccountsHouse { house in
            let google = IdentityProviderDouble()
            google.vouch(for: .double())
            let process = try await FlowProcess(house, [google])
            let verifier = String(repeating: "v", count: 43)
            let challenge = Base64URL.encode(SHA256.hash(Array(verifier.utf8)))
            let start = "/google/login?return_to=com.example.app:/done&code_challenge=\(challenge)"
            func code() async throws -> String {
                let response = try await FlowBrowser().signIn(process, start)
                #expect(response.status == 303)
                let location = try #require(response["Location"])
                #expect(location.hasPrefix("com.example.app:/done?code="))
                #expect(response.cookies.allSatisfy { $0.hasPrefix("gapura_flow_") })
                return String(location.dropFirst("com.example.app:/done?code=".utf8.count))
            }
            @Sendable func exchange(_ code: String, _ verifier: String) async -> Response {
                await process.rest.post(
                    "/login/exchange", ["code": .string(code), "code_verifier": .string(verifier)],
                    [("X-Token-Delivery", "body")])
            }
            let first = try await code()
            #expect(try await house.count("sessions") == 0)
            #expect(await exchange(first, String(repeating: "w", count: 43)).refusal == "401 invalid_code")
            let responses = try await atOnce(10) { _ in await exchange(first, verifier) }
            #expect(responses.count { $0.status == 200 } == 1)
            #expect(responses.count { $0.refusal == "401 invalid_code" } == 9)
            let answer = try #require(responses.first { $0.status == 200 })
            let token = try #require(try answer.json()["access_token"]?.text)
            #expect(await process.rest.get("/me", [("Authorization", "Bearer \(token)")]).status == 200)
            let late = try await code()
            house.clock.advance(by: .seconds(60))
            #expect(await exchange(late, verifier).refusal == "401 invalid_code")
            #expect(await exchange("nothing", verifier).refusal == "401 invalid_code")
            #expect(try await house.count("sessions") == 1)
        }
    }

    @Test("a person's identities are in the export, and go with the account")
    func personalData() async throws {
        try await withAccountsHouse { house in
            let google = IdentityProviderDouble()
            google.vouch(for: .double(claims: IdentityClaims(name: "Ana Lima")))
            let process = try await FlowProcess(house, [google])
            let browser = FlowBrowser()
            #expect(try await browser.signIn(process).status == 303)
            let export = try await browser.get(process, "/me/export").json()
            let identity = try #require(export["identities"]?.elements?.first)
            #expect(identity["subject"]?.text == "subject-1")
            #expect(identity["name"]?.text == "Ana Lima")
            let id = try #require(export["user"]?["id"]?.text)
            let userID = try #require(UserID(text: id))
            try await house.work.write { try $0.users.delete(userID) }
            #expect(try await house.count("identities") == 0)
        }
    }

    @Test("the companies that are configured are public, in the order of their buttons")
    func providers() async throws {
        try await withAccountsHouse { house in
            let process = try await FlowProcess(
                house,
                [IdentityProviderDouble(), IdentityProviderDouble(ProviderName(openID: "acme"), label: "Acme GmbH")])
            let list = try #require(
                try await process.rest.get("/auth/providers").json()["providers"]?.elements)
            #expect(list.map { $0["name"]?.text } == ["google", "oidc:acme"])
            #expect(list.map { $0["label"]?.text } == ["Google", "Acme GmbH"])
            #expect(list.map { $0["login_path"]?.text } == ["/google/login", "/oidc/acme/login"])
        }
    }

    @Test("a fresh proof at a linked company renews the session's; an old one, or another person's, does not")
    func stepUp() async throws {
        try await withAccountsHouse { house in
            let google = IdentityProviderDouble(
                capabilities: ProviderCapabilities(nonce: true, pkce: true, refreshesAuthTime: true))
            let github = IdentityProviderDouble(.github, label: "GitHub", issuer: nil)
            google.vouch(for: .double())
            let process = try await FlowProcess(house, [google, github])
            let browser = FlowBrowser()
            #expect(try await browser.signIn(process).status == 303)
            #expect(await browser.post(process, "/step-up/github").refusal == "404 provider_unknown")
            house.clock.advance(by: .seconds(700))
            func back(_ subject: String, _ authTime: Timestamp?) async throws -> Response {
                google.vouch(for: .double(subject, authTime: authTime))
                let begun = await browser.post(process, "/step-up/google", ["return_to": "/account"])
                let state = try FlowBrowser.state(in: try #require(try begun.json()["authorize_url"]?.text))
                return await browser.comeBack(process, state)
            }
            let (now, old) = (house.clock.now, house.clock.now + .seconds(-600))
            #expect(try await back("subject-1", nil).refusal == "502 provider_rejected")
            #expect(try await back("subject-1", old).refusal == "502 provider_rejected")
            #expect(try await back("subject-2", now).refusal == "400 invalid_state")
            let done = try await back("subject-1", now)
            #expect(done.status == 303)
            #expect(done["Location"] == "/account")
            #expect(google.exchanged.last?.maxAge == .zero)
            let email = try #require(EmailAddress("ana@example.com"))
            let account = try #require(try await house.work.read { try $0.users.find(email: email) })
            let sessions = try await house.work.read { try $0.sessions.all(of: account.user.id) }
            #expect(sessions.map(\.proof.at) == [now])
            #expect(await browser.get(process, "/me").status == 200)
        }
    }
}
