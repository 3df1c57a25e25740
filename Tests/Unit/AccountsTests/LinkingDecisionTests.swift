import AccountsContract
import AccountsDomain
import Shared
import TestSupport
import Testing

@Suite("What follows from an identity: every row of the table")
struct LinkingDecisionTests {
    private static let now = Timestamp(seconds: 1_790_000_000)

    private static func holder(
        isVerified: Bool = true, hasOther: Bool = false, _ change: (inout User) -> Void = { _ in }
    ) throws -> LinkingDecision.Holder {
        var user = User(
            id: UserID(SequentialIdentifiers.identifier(1)), email: try #require(EmailAddress("ana@example.com")),
            username: nil, passwordHash: nil, isVerified: isVerified, registeredFrom: nil, createdAt: now,
            updatedAt: now)
        change(&user)
        return LinkingDecision.Holder(user: user, hasIdentityOfProvider: hasOther)
    }

    private func decide(
        isKnown: Bool = false, _ trust: EmailTrust, _ holder: LinkingDecision.Holder? = nil, mayProvision: Bool = true
    ) -> LinkingDecision {
        LinkingDecision(
            isKnown: isKnown, trust: trust, holder: holder, mayProvision: mayProvision, at: Self.now)
    }

    private static let trusts: [EmailTrust] = [.none, .verified, .authoritative]

    @Test("a known identity signs in, whatever its provider says of an address", arguments: trusts)
    func known(_ trust: EmailTrust) throws {
        let holders = [
            nil, try Self.holder(), try Self.holder(isVerified: false), try Self.holder(hasOther: true),
            try Self.holder { $0.deactivate(byOwner: true, at: Self.now) },
        ]
        for holder in holders { #expect(decide(isKnown: true, trust, holder, mayProvision: false) == .signIn) }
    }

    @Test("a new one without an account makes one: proved, to be proved, or none before an address is proved")
    func newcomer() {
        #expect(decide(.authoritative) == .provision(isProved: true))
        #expect(decide(.verified) == .provision(isProved: false))
        #expect(decide(.none) == .askForAddress)
    }

    @Test("where registration is closed nobody gets an account, but may still prove an address of one")
    func closed() {
        #expect(decide(.authoritative, mayProvision: false) == .refuse(.registrationClosed))
        #expect(decide(.verified, mayProvision: false) == .refuse(.registrationClosed))
        #expect(decide(.none, mayProvision: false) == .askForAddress)
    }

    @Test("a proved account is linked by authority alone")
    func proved() throws {
        #expect(decide(.authoritative, try Self.holder()) == .link)
        #expect(decide(.authoritative, try Self.holder(), mayProvision: false) == .link)
        #expect(decide(.verified, try Self.holder()) == .refuse(.accountExists))
        #expect(decide(.none, try Self.holder()) == .refuse(.accountExists))
    }

    @Test("an account that has another identity of the provider is another person's", arguments: trusts)
    func reusedAddress(_ trust: EmailTrust) throws {
        #expect(decide(trust, try Self.holder(hasOther: true)) == .refuse(.accountExists))
    }

    @Test("a claim that nobody has proved gives way to authority alone")
    func claim() throws {
        let claim = try Self.holder(isVerified: false)
        #expect(decide(.authoritative, claim) == .proveAndLink)
        #expect(decide(.authoritative, try Self.holder(isVerified: false, hasOther: true)) == .proveAndLink)
        #expect(decide(.verified, claim) == .refuse(.accountExists))
        #expect(decide(.none, claim) == .refuse(.accountExists))
    }

    @Test("a blocked or inactive account is not linked, and says so as after a right password", arguments: trusts)
    func obstructed(_ trust: EmailTrust) throws {
        let end = Self.now + .seconds(60)
        for isVerified in [true, false] {
            let blocked = try Self.holder(isVerified: isVerified) {
                $0.setBlock(UserBlock(reason: "spam", until: end), at: Self.now)
            }
            #expect(decide(trust, blocked) == .refuse(.obstructed(.blocked(until: end))))
            let inactive = try Self.holder(isVerified: isVerified) { $0.deactivate(byOwner: true, at: Self.now) }
            #expect(decide(trust, inactive) == .refuse(.obstructed(.inactive)))
        }
    }
}
