import AccountsApplication
import AccountsContract
import AccountsDomain
import AccountsDoubles
import AuthorizationDoubles
import Composition
import HTTP
import HTTPSupport
import JSON
import Shared
import Synchronization
import TestSupport
import Testing

@testable import AccountsInfrastructure

/// One process over a house's database, with providers that vouch for whomever a test says.
struct FlowProcess: Sendable {
    let house: AccountsHouse
    let useCases: AccountsUseCases
    let signer: HMACValidationTokenSigner
    let rest: RESTClient

    static let redirects = "https://shop.example.com/app,com.example.app:/done"

    init(
        _ house: AccountsHouse, _ providers: [any IdentityProvider],
        _ values: [String: String] = ["RATE_LIMIT": "off"]
    ) async throws {
        self.house = house
        let values = values.merging(["REDIRECT_URLS": Self.redirects]) { given, _ in given }
        let settings = try AccountsHouse.settings(values)
        let dependencies = try house.dependencies()
        let adapters = try await AccountsAdapters(settings, dependencies)
        var ports = adapters.ports
        ports.providers = IdentityProviders(providers)
        let useCases = AccountsUseCases(ports, settings, dependencies)
        let gate = GateDouble(origins: dependencies.origins) { token in
            try await useCases.facade.caller(accessToken: token).map { caller in
                Principal(
                    .session(caller.sessionID.value), of: caller.userID.value, permissions: .empty,
                    client: Person.client)
            }
        }
        self.useCases = useCases
        signer = adapters.signer
        rest = RESTClient(AccountsRoutes.all(useCases, ports, settings, dependencies, gate))
    }
}

/// A browser: it keeps cookies.
final class FlowBrowser: Sendable {
    private let jar = Mutex<[String: String]>([:])

    init(_ cookies: [String: String] = [:]) { jar.withLock { $0 = cookies } }

    var cookies: [String: String] { jar.withLock { $0 } }

    func cookies(startingWith prefix: String) -> [String] { cookies.keys.filter { $0.hasPrefix(prefix) } }

    func get(_ process: FlowProcess, _ target: String, _ headers: [(String, String)] = []) async -> Response {
        keep(await process.rest.get(target, headers + [("Accept", "application/json")] + cookieHeader))
    }

    func post(_ process: FlowProcess, _ path: String, _ body: JSONValue = .null) async -> Response {
        keep(
            await process.rest.post(
                path, body, [("Accept", "application/json"), ("Origin", AccountsHouse.appURL)] + cookieHeader))
    }

    func delete(_ process: FlowProcess, _ path: String) async -> Response {
        keep(await process.rest.send(.delete, path, [("Origin", AccountsHouse.appURL)] + cookieHeader))
    }

    /// Goes to the provider.
    ///
    /// - Returns: the state that comes back.
    func begin(_ process: FlowProcess, _ target: String = "/google/login") async throws -> String {
        let response = await get(process, target)
        try #require(response.status == 302)
        return try Self.state(in: try #require(response["Location"]))
    }

    static func state(in address: String) throws -> String {
        let rest = try #require(address.components(after: "state="))
        return String(rest.prefix { $0 != "&" })
    }

    /// There and back.
    func signIn(_ process: FlowProcess, _ target: String = "/google/login") async throws -> Response {
        let state = try await begin(process, target)
        return await comeBack(process, state)
    }

    func comeBack(_ process: FlowProcess, _ state: String, _ provider: String = "google") async -> Response {
        await get(process, "/auth/social/callback/\(provider)?state=\(state)&code=c-\(state)")
    }

    private var cookieHeader: [(String, String)] {
        let cookies = cookies
        return cookies.isEmpty ? [] : [("Cookie", cookies.map { "\($0.key)=\($0.value)" }.joined(separator: "; "))]
    }

    private func keep(_ response: Response) -> Response {
        jar.withLock { jar in
            for cookie in response.cookies {
                let pair = cookie.prefix { $0 != ";" }
                let name = String(pair.prefix { $0 != "=" })
                let isOver = cookie.contains("Max-Age=0;")
                jar[name] = isOver ? nil : String(pair.dropFirst(name.count + 1))
            }
        }
        return response
    }
}

extension String {
    /// What is behind the first occurrence of a text.
    fileprivate func components(after text: String) -> Substring? {
        var rest = self[...]
        while !rest.isEmpty {
            if rest.hasPrefix(text) { return rest.dropFirst(text.count) }
            rest = rest.dropFirst()
        }
        return nil
    }
}
