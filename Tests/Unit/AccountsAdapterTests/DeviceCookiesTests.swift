import AccountsContract
import AccountsDomain
import Crypto
import HTTP
import Shared
import TestSupport
import Testing

@testable import AccountsInfrastructure

@Suite("Known devices")
struct DeviceCookiesTests {
    private let cookies = DeviceCookies(secret: Secret([UInt8](repeating: 5, count: 32)), isSecure: true)
    private let ana = DeviceCookiesTests.owner(1)
    private let session = SequentialIdentifiers.identifier(77)

    private static func owner(_ number: UInt64, epoch: Int = 0, email: String? = nil) -> DeviceOwner {
        DeviceOwner(
            userID: UserID(SequentialIdentifiers.identifier(number)), epoch: epoch,
            email: EmailAddress(email ?? "u\(number)@example.com")!)
    }

    private func request(_ value: String? = nil) -> Request {
        Request(
            method: .post, path: "/login",
            headers: Headers(value.map { [("Cookie", "gapura_device=\($0)")] } ?? []))
    }

    private func remembered(_ owner: DeviceOwner, _ value: String? = nil) -> String {
        cookies.cookie(remembering: owner, of: request(value), session: session).value
    }

    @Test("a device is known for the account that was signed in to on it, and for no other")
    func known() {
        #expect(cookies.knownDevice(of: request(), for: ana) == nil)
        let value = remembered(ana)
        #expect(cookies.knownDevice(of: request(value), for: ana) == session)
        #expect(cookies.knownDevice(of: request(value), for: Self.owner(2)) == nil)
    }

    @Test("a device stays known when the account's address changes, and no longer when it forgets its devices")
    func epochs() {
        let value = remembered(ana)
        let moved = Self.owner(1, email: "new@example.com")
        #expect(cookies.knownDevice(of: request(value), for: moved) == session)
        let later = Self.owner(1, epoch: 1)
        #expect(cookies.knownDevice(of: request(value), for: later) == nil)
        #expect(cookies.knownDevice(of: request(remembered(later, value)), for: later) == session)
    }

    @Test("an app names its device in a header, by the text of the cookie")
    func header() {
        let app = Request(
            method: .post, path: "/login", headers: Headers([("X-Gapura-Device", remembered(ana))]))
        #expect(cookies.namesDevice(app))
        #expect(cookies.knownDevice(of: app, for: ana) == session)
        #expect(!cookies.namesDevice(request()))
    }

    @Test("a device that 0.1.0 remembered by the address is known until the account forgets its devices")
    func rememberedByAddress() {
        let device = SequentialIdentifiers.identifier(9)
        let key = HMACKey(Secret([UInt8](repeating: 5, count: 32)))
        let tag = Base64URL.encode(key.authenticate(device.bytes + Array(ana.email.key.utf8)).prefix(16))
        let value = "\(Base64URL.encode(device.bytes)).\(tag)"
        #expect(cookies.knownDevice(of: request(value), for: ana) == device)
        #expect(cookies.knownDevice(of: request(value), for: Self.owner(1, epoch: 1)) == nil)
        #expect(cookies.knownDevice(of: request(value), for: Self.owner(2)) == nil)
    }

    @Test("a device keeps its name through all sign-ins, and remembers five accounts, the last used")
    func fiveAccounts() {
        var value: String?
        for number in [1, 2, 3, 4, 5, 1, 6] as [UInt64] { value = remembered(Self.owner(number), value) }
        let known = (1...6 as ClosedRange<UInt64>).map { cookies.knownDevice(of: request(value), for: Self.owner($0)) }
        #expect(known == [session, nil, session, session, session, session])
        #expect(value?.utf8.count ?? 0 < 200)
    }

    @Test("a cookie that was changed, put together or made by another installation proves nothing")
    func forged() {
        let mine = remembered(ana).split(separator: ".").map(String.init)
        let theirs = cookies.cookie(
            remembering: Self.owner(2), of: request(), session: SequentialIdentifiers.identifier(78)
        ).value.split(separator: ".")
        let other = DeviceCookies(secret: Secret([UInt8](repeating: 6, count: 32)), isSecure: true)
        let values = [
            "", ".", mine[0], "\(mine[0]).", "\(theirs[0]).\(mine[1])", ".\(mine[1])", "nonsense.\(mine[1])",
            "\(mine[0]).\(mine[1])A", "\(mine[0]).\(mine[1].dropLast())",
            other.cookie(remembering: ana, of: request(), session: session).value,
            ([mine[0]] + Array(repeating: "x", count: 5) + [mine[1]]).joined(separator: "."),
        ]
        for value in values { #expect(cookies.knownDevice(of: request(value), for: ana) == nil, "\(value)") }
    }

    @Test("a forged cookie is replaced, and what stood in it is not taken over as good")
    func replaced() {
        let value = remembered(ana, "nonsense.x.y")
        #expect(cookies.knownDevice(of: request(value), for: ana) != nil)
        #expect(!value.contains("x.y"))
    }

    @Test("the cookie is not for scripts, and names nobody")
    func attributes() {
        let header = cookies.cookie(remembering: ana, of: request(), session: session).header
        for attribute in ["HttpOnly", "Secure", "SameSite=Lax"] { #expect(header.contains(attribute)) }
        #expect(!header.contains("u1"))
    }
}
