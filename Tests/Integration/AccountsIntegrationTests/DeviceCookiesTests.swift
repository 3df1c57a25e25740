import HTTP
import Shared
import TestSupport
import Testing

@testable import AccountsInfrastructure

@Suite("Known devices")
struct DeviceCookiesTests {
    private let cookies = DeviceCookies(
        secret: Secret([UInt8](repeating: 5, count: 32)), identifiers: SequentialIdentifiers(), isSecure: true)
    private let ana = EmailAddress("ana@example.com")!

    private func request(_ value: String? = nil) -> Request {
        Request(
            method: .post, path: "/login",
            headers: Headers(value.map { [("Cookie", "gapura_device=\($0)")] } ?? []))
    }

    private func email(_ number: Int) throws -> EmailAddress { try #require(EmailAddress("u\(number)@example.com")) }

    @Test("a device is known for the account that was signed in to on it, in any case, and for no other")
    func known() throws {
        #expect(cookies.knownDevice(of: request(), for: ana) == nil)
        let value = cookies.cookie(remembering: ana, of: request()).value
        let device = cookies.knownDevice(of: request(value), for: ana)
        #expect(device == SequentialIdentifiers.identifier(1))
        #expect(cookies.knownDevice(of: request(value), for: try #require(EmailAddress("ANA@example.com"))) == device)
        #expect(cookies.knownDevice(of: request(value), for: try email(1)) == nil)
    }

    @Test("a device keeps its name through all sign-ins, and remembers five accounts, the last used")
    func fiveAccounts() throws {
        var value: String?
        for number in [1, 2, 3, 4, 5, 1, 6] {
            value = cookies.cookie(remembering: try email(number), of: request(value)).value
        }
        let known = try (1...6).map { cookies.knownDevice(of: request(value), for: try email($0)) }
        let device = SequentialIdentifiers.identifier(1)
        #expect(known == [device, nil, device, device, device, device])
        #expect(value?.utf8.count ?? 0 < 200)
    }

    @Test("a cookie that was changed, put together or made by another installation proves nothing")
    func forged() throws {
        let mine = cookies.cookie(remembering: ana, of: request()).value.split(separator: ".").map(String.init)
        let theirs = cookies.cookie(remembering: try email(1), of: request()).value.split(separator: ".")
        let other = DeviceCookies(
            secret: Secret([UInt8](repeating: 6, count: 32)), identifiers: SequentialIdentifiers(), isSecure: true)
        let values = [
            "", ".", mine[0], "\(mine[0]).", "\(theirs[0]).\(mine[1])", ".\(mine[1])", "nonsense.\(mine[1])",
            "\(mine[0]).\(mine[1])A", "\(mine[0]).\(mine[1].dropLast())",
            other.cookie(remembering: ana, of: request()).value,
            ([mine[0]] + Array(repeating: "x", count: 5) + [mine[1]]).joined(separator: "."),
        ]
        for value in values { #expect(cookies.knownDevice(of: request(value), for: ana) == nil, "\(value)") }
    }

    @Test("a forged cookie is replaced, and what stood in it is not taken over as good")
    func replaced() throws {
        let value = cookies.cookie(remembering: ana, of: request("nonsense.x.y")).value
        #expect(cookies.knownDevice(of: request(value), for: ana) != nil)
        #expect(!value.contains("x.y"))
    }

    @Test("the cookie is not for scripts, and names nobody")
    func attributes() {
        let header = cookies.cookie(remembering: ana, of: request()).header
        for attribute in ["HttpOnly", "Secure", "SameSite=Lax"] { #expect(header.contains(attribute)) }
        #expect(!header.contains("ana"))
    }
}
