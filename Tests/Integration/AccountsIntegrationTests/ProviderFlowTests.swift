import AccountsApplication
import AccountsContract
import AccountsDomain
import AccountsDoubles
import HTTP
import HTTPSupport
import JSON
import Shared
import Synchronization
import TestSupport
import Testing

@testable import AccountsInfrastructure

@Suite("Signing in with other companies")
struct ProviderFlowTests {
    @Test("there and back: an account, an identity, a session that says how it was opened")
    func signIn() async throws {
        try await withAccountsHouse { house in
            let google = IdentityProviderDouble()
            google.vouch(
                for: .double(
                    claims: IdentityClaims(givenName: "Ana", familyName: "Lima", picture: "https://i.example/a")))
            let process = try await FlowProcess(house, [google])
            let browser = FlowBrowser()
            let response = try await browser.signIn(process, "/google/login?return_to=/account?tab=keys")
            #expect(response.status == 303)
            #expect(response["Location"] == "/account?tab=keys")
            #expect(browser.cookies["gapura_session"] != nil)
            let me = await browser.get(process, "/me")
            #expect(try me.json()["email"]?.text == "ana@example.com")
            #expect(try me.json()["provider"]?.text == "google")
            #expect(try me.json()["profile"]?["first_name"]?.text == "Ana")
            #expect(try me.json()["is_verified"]?.flag == true)
            let id = try #require(try me.json()["id"]?.text)
            let userID = try #require(UserID(text: id))
            let sessions = try await house.work.read { try $0.sessions.all(of: userID) }
            #expect(sessions.map(\.proof.methods) == [[.federated]])
            let identities = try await house.work.read { try $0.identities.all(of: userID) }
            #expect(sessions.map(\.identityID) == identities.map(\.id))
            let request = try #require(google.exchanged.first)
            #expect(request.redirectURI == "http://localhost:8080/auth/social/callback/google")
            #expect(request.verifier.reveal().utf8.count == 43)
            #expect(
                try await house.published().map(\.type) == [
                    "user.created", "identity.linked", "user.verified", "user.logged_in",
                ])
        }
    }

    @Test("100 first callbacks of one person at once make one account, one event of each kind, one identity")
    func manyAtOnce() async throws {
        try await withAccountsHouse { house in
            let google = IdentityProviderDouble()
            google.vouch(for: .double())
            let processes = [
                try await FlowProcess(house, [google]), try await FlowProcess(house, [google]),
            ]
            let responses = try await atOnce(100) { number in
                try await FlowBrowser().signIn(processes[number % 2])
            }
            #expect(responses.allSatisfy { $0.status == 303 })
            #expect(try await house.count("users") == 1)
            #expect(try await house.count("identities") == 1)
            #expect(try await house.count("sessions") == 100)
            let events = try await house.published().map(\.type)
            #expect(events.count { $0 == "user.created" } == 1)
            #expect(events.count { $0 == "identity.linked" } == 1)
        }
    }

    @Test(
        "one callback twice at once on two processes: one exchange, one session, the same answer with the same cookies")
    func twice() async throws {
        try await withAccountsHouse { house in
            let google = IdentityProviderDouble()
            google.answer { _, _ in
                try? await Task.sleep(for: .milliseconds(300))
                return .success(.double())
            }
            let processes = [
                try await FlowProcess(house, [google]), try await FlowProcess(house, [google]),
            ]
            let browser = FlowBrowser()
            let state = try await browser.begin(processes[0])
            let cookies = browser.cookies
            let responses = try await atOnce(6) { number in
                await FlowBrowser(cookies).comeBack(processes[number % 2], state)
            }
            #expect(Set(responses.map(\.status)) == [303])
            #expect(Set(responses.map { $0.cookies.sorted() }).count == 1)
            #expect(google.exchanged.count == 1)
            #expect(try await house.count("sessions") == 1)
            // A reload within a minute gets it too; later it is over, and the code is not used again.
            #expect(await FlowBrowser(cookies).comeBack(processes[1], state).status == 303)
            house.clock.advance(by: .seconds(61))
            #expect(await FlowBrowser(cookies).comeBack(processes[1], state).refusal == "400 invalid_state")
            #expect(google.exchanged.count == 1)
            // Whoever has the address alone has nothing.
            #expect(await FlowBrowser().comeBack(processes[0], state).refusal == "400 invalid_state")
        }
    }

    @Test("a failure is the same failure for everybody who brings the flow, and leaves nothing")
    func failure() async throws {
        try await withAccountsHouse { house in
            let faults: [(ProviderFault, String)] = [
                (.unavailable(retryAfter: .seconds(7)), "502 provider_unavailable"),
                (.rejected(reason: "nonce"), "502 provider_rejected"), (.notAllowed, "403 provider_not_allowed"),
                (.misconfigured("x"), "502 provider_unavailable"),
            ]
            for (fault, refusal) in faults {
                let google = IdentityProviderDouble()
                google.fail(fault)
                let process = try await FlowProcess(house, [google])
                let browser = FlowBrowser()
                let state = try await browser.begin(process)
                let responses = try await atOnce(4) { _ in await browser.comeBack(process, state) }
                #expect(Set(responses.map(\.refusal)) == [refusal])
                #expect(google.exchanged.count == 1)
            }
            #expect(try await house.count("users") == 0)
            #expect(try await house.count("sessions") == 0)
            #expect(try await house.published().isEmpty)
        }
    }

    @Test("two tabs are two flows; the second one's session takes the place of the first one's")
    func tabs() async throws {
        try await withAccountsHouse { house in
            let google = IdentityProviderDouble()
            google.vouch(for: .double())
            let process = try await FlowProcess(house, [google])
            let browser = FlowBrowser()
            let (first, second) = (try await browser.begin(process), try await browser.begin(process))
            #expect(first != second)
            #expect(browser.cookies(startingWith: "gapura_flow_").count == 2)
            #expect(await browser.comeBack(process, second).status == 303)
            #expect(await browser.comeBack(process, first).status == 303)
            let email = try #require(EmailAddress("ana@example.com"))
            let account = try #require(try await house.work.read { try $0.users.find(email: email) })
            let sessions = try await house.work.read { try $0.sessions.all(of: account.user.id) }
            #expect(sessions.count { $0.revokedAt == nil } == 1)
            #expect(sessions.compactMap(\.revocationReason) == [.renewed])
        }
    }

    @Test("of more than five flows the oldest is given up")
    func limit() async throws {
        try await withAccountsHouse { house in
            let process = try await FlowProcess(house, [IdentityProviderDouble()])
            let browser = FlowBrowser()
            var states: [String] = []
            for _ in 0..<7 {
                states.append(try await browser.begin(process))
                house.clock.advance(by: .seconds(1))
            }
            #expect(browser.cookies(startingWith: "gapura_flow_").count == 5)
            #expect(await browser.comeBack(process, states[1]).refusal == "400 invalid_state")
            house.clock.advance(by: .seconds(600))
            _ = try await browser.begin(process)
            #expect(browser.cookies(startingWith: "gapura_flow_").count == 1)
        }
    }

    @Test("a browser that only looks ahead begins nothing and uses nothing up")
    func prefetch() async throws {
        try await withAccountsHouse { house in
            let google = IdentityProviderDouble()
            google.vouch(for: .double())
            let process = try await FlowProcess(house, [google])
            let browser = FlowBrowser()
            let headers = [("Sec-Purpose", "prefetch;prerender"), ("Purpose", "prefetch"), ("X-Moz", "prefetch")]
            for header in headers {
                #expect(await browser.get(process, "/google/login", [header]).status == 204)
            }
            #expect(browser.cookies.isEmpty)
            let state = try await browser.begin(process)
            for header in headers {
                let response = await browser.get(
                    process, "/auth/social/callback/google?state=\(state)&code=c", [header])
                #expect(response.status == 204)
            }
            let head = await process.rest.send(.head, "/auth/social/callback/google?state=\(state)&code=c")
            #expect(head.status == 204)
            #expect(google.exchanged.isEmpty)
            #expect(try await house.count("social_flows") == 0)
            #expect(await browser.comeBack(process, state).status == 303)
        }
    }

    @Test("a callback that is not this browser's is refused, and nothing is changed")
    func strangers() async throws {
        try await withAccountsHouse { house in
            let providers = [
                IdentityProviderDouble(), IdentityProviderDouble(.github, label: "GitHub", issuer: nil),
                IdentityProviderDouble(
                    ProviderName(openID: "acme"), label: "Acme",
                    capabilities: ProviderCapabilities(nonce: true, pkce: true, announcesIssuer: true)),
            ]
            let process = try await FlowProcess(house, providers)
            let browser = FlowBrowser()
            let state = try await browser.begin(process)
            let acme = try await browser.begin(process, "/oidc/acme/login")
            let path = "/auth/social/callback/google"
            let targets = [
                path, "\(path)?code=c", "\(path)?state=\(state)", "\(path)?state=\(state)&code=c&error=x",
                "\(path)?state=\(state)&state=\(state)&code=c", "\(path)?state=\(state)&code=c&code=d",
                "\(path)?state=\(state)x&code=c", "\(path)?state=\(acme)&code=c",
                "/auth/social/callback/github?state=\(state)&code=c",
                "/auth/social/callback/other?state=\(state)&code=c",
                "\(path)?state=\(state)&code=c&iss=https://evil.example",
                "/auth/social/callback/acme?state=\(acme)&code=c",
            ]
            for target in targets { #expect(await browser.get(process, target).refusal == "400 invalid_state") }
            #expect(await FlowBrowser().comeBack(process, state).refusal == "400 invalid_state")
            house.clock.advance(by: .seconds(600))
            #expect(await browser.comeBack(process, state).refusal == "400 invalid_state")
            #expect(providers.flatMap(\.exchanged).isEmpty)
            #expect(try await house.count("social_flows") == 0)
        }
    }

    @Test("who says no at the company comes back quietly; what the company says is not shown")
    func denied() async throws {
        try await withAccountsHouse { house in
            let process = try await FlowProcess(house, [IdentityProviderDouble()])
            let browser = FlowBrowser()
            let cases: [(String, Int, String?)] = [
                ("access_denied", 303, "/sign-in?cancelled=google&return_to=%2Fx"), ("server_error", 502, nil),
                ("invalid_scope", 502, nil), ("login_required", 400, nil),
            ]
            for (error, status, location) in cases {
                let state = try await browser.begin(process, "/google/login?return_to=/x")
                let response = await browser.get(
                    process, "/auth/social/callback/google?state=\(state)&error=\(error)&error_description=hello")
                #expect(response.status == status)
                #expect(response["Location"] == location)
                #expect(!response.html.contains("hello"))
            }
        }
    }

    @Test("a start that leads nowhere is refused before anything begins")
    func starts() async throws {
        try await withAccountsHouse { house in
            let process = try await FlowProcess(house, [IdentityProviderDouble()])
            let browser = FlowBrowser()
            let challenge = String(repeating: "A", count: 43)
            let cases = [
                ("/github/login", "404 provider_unknown"), ("/oidc/acme/login", "404 provider_unknown"),
                ("/google/login?return_to=https://evil.example/", "400 invalid_return_to"),
                ("/google/login?return_to=//evil.example", "400 invalid_return_to"),
                ("/google/login?return_to=/sign-in", "400 invalid_return_to"),
                ("/google/login?return_to=com.example.app:/done", "400 invalid_return_to"),
                ("/google/login?return_to=/x&code_challenge=\(challenge)", "400 invalid_return_to"),
                ("/google/login?code_challenge=\(challenge)", "400 invalid_return_to"),
                ("/google/login?return_to=com.example.app:/done&code_challenge=x", "422 validation_failed"),
                (
                    "/google/login?return_to=com.example.app:/done&code_challenge_method=plain&code_challenge=\(challenge)",
                    "422 validation_failed"
                ),
            ]
            for (target, refusal) in cases { #expect(await browser.get(process, target).refusal == refusal) }
            #expect(browser.cookies.isEmpty)
        }
    }

    @Test("a provider that hangs holds nothing: 100 password sign-ins end before it does")
    func hanging() async throws {
        try await withAccountsHouse { house in
            let isReleased = Released()
            let google = IdentityProviderDouble()
            google.answer { _, _ in
                while !isReleased.value { try? await Task.sleep(for: .milliseconds(10)) }
                return .failure(.unavailable(retryAfter: nil))
            }
            let process = try await FlowProcess(house, [google])
            let person = try await Person(house)
            let hasEnded = Released()
            let browsers = (0..<20).map { _ in FlowBrowser() }
            async let waiting = withThrowingTaskGroup(of: Response.self) { group in
                for browser in browsers { group.addTask { try await browser.signIn(process) } }
                var responses: [Response] = []
                for try await response in group { responses.append(response) }
                hasEnded.release()
                return responses
            }
            while google.exchanged.count < 20 { try await Task.sleep(for: .milliseconds(5)) }
            // One after the other: of one account, so many at once would be guesses.
            do {
                for _ in 0..<100 { _ = try await person.signIn() }
            } catch {
                isReleased.release()
                throw error
            }
            #expect(!hasEnded.value)
            isReleased.release()
            #expect(try await waiting.allSatisfy { $0.refusal == "502 provider_unavailable" })
        }
    }
}

/// Something that happens once, and that tasks look at.
private final class Released: Sendable {
    private let state = Mutex(false)

    var value: Bool { state.withLock { $0 } }
    func release() { state.withLock { $0 = true } }
}
