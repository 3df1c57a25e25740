import AccessApplication
import AccessContract
import AccessDomain
import AccessDoubles
import AccountsContract
import AccountsContractDoubles
import Shared
import TestSupport
import Testing

@Suite("How somebody stands")
struct StandingReaderTests {
    private let work = InMemoryAccessWork()
    private let accounts = AccountsFacadeDouble()
    private let clock = ManualClock()
    private let ana = DecisionScene.ana

    private var reader: StandingReader { StandingReader(work: work, accounts: accounts, catalog: .standard) }

    private func account(isActive: Bool = true, isAdministrator: Bool = false, block: UserBlock? = nil) throws {
        accounts.set(
            UserStanding(
                userID: UserID(ana), address: try #require(EmailAddress("ana@example.com")), isActive: isActive,
                isVerified: true, isAdministrator: isAdministrator, block: block))
    }

    private func grant(_ plan: PlanCode, until: Timestamp?) {
        let entitlement = Entitlement(
            id: EntitlementID(SequentialIdentifiers.identifier(700)), subject: .user(ana),
            grant: EntitlementGrant(plan: plan, since: clock.now, until: until), version: 1, updatedAt: clock.now)
        work.arrange { $0.entitlements[.user(DecisionScene.ana)] = entitlement }
    }

    @Test("nobody stands without an account")
    func nobody() async throws {
        #expect(try await reader.standing(of: ana, at: clock.now) == nil)
    }

    @Test("a service account stands by its own roles and its own plan, whatever Accounts knows")
    func serviceAccounts() async throws {
        let id = ServiceAccountID(SequentialIdentifiers.identifier(950))
        #expect(try await reader.standing(ofServiceAccount: id, at: clock.now) == nil)
        let role = Role(
            id: RoleID(SequentialIdentifiers.identifier(1)), tenantID: nil, name: "editor",
            permissions: PermissionSet([Permission("docs:write")].compactMap { $0 }), createdAt: clock.now,
            updatedAt: clock.now)
        let subject = EntitlementSubject.serviceAccount(id)
        let entitlement = Entitlement(
            id: EntitlementID(SequentialIdentifiers.identifier(700)), subject: subject,
            grant: EntitlementGrant(plan: .pro, since: clock.now, until: clock.now + .seconds(60)), version: 1,
            updatedAt: clock.now)
        let now = clock.now
        work.arrange { store in
            store.serviceAccounts[id] = ServiceAccount(
                id: id, name: "robot", isActive: false, createdAt: now, updatedAt: now)
            store.roles[role.id] = role
            store.serviceAccountRoles[id] = [role.id]
            store.entitlements[subject] = entitlement
        }
        let standing = try #require(try await reader.standing(ofServiceAccount: id, at: now))
        #expect(!standing.isActive && standing.roles == ["editor"] && standing.plan.plan == .pro)
        #expect(standing.plan.validUntil == now + .seconds(60))
        #expect(standing.rights.passes(try #require(Permission("docs:write")), .ofTests))
    }

    @Test("rights come from platform roles, and an administrator has all of them")
    func rights() async throws {
        let role = Role(
            id: RoleID(SequentialIdentifiers.identifier(1)), tenantID: nil, name: "editor",
            permissions: PermissionSet([Permission("docs:write")].compactMap { $0 }), isBuiltIn: false,
            createdAt: clock.now, updatedAt: clock.now)
        let ofTenant = Role(
            id: RoleID(SequentialIdentifiers.identifier(2)), tenantID: DecisionScene.tenant, name: "owner",
            permissions: PermissionSet([Permission("bills:write")].compactMap { $0 }), isBuiltIn: false,
            createdAt: clock.now, updatedAt: clock.now)
        work.arrange { store in
            for role in [role, ofTenant] { store.roles[role.id] = role }
            store.userRoles[DecisionScene.ana] = [role.id, ofTenant.id]
        }
        try account()
        let plain = try #require(try await reader.standing(of: ana, at: clock.now)).standing
        #expect(plain.roles == ["editor"] && plain.isGood && plain.plan.plan == .free)
        #expect(plain.rights.passes(try #require(Permission("docs:write")), .ofTests))
        #expect(!plain.rights.passes(try #require(Permission("bills:write")), .ofTests))
        try account(isAdministrator: true)
        let admin = try #require(try await reader.standing(of: ana, at: clock.now)).standing
        #expect(admin.roles == ["admin", "editor"])
        #expect(admin.rights.passes(try #require(Permission("bills:write")), .ofTests))
    }

    @Test("who is blocked or inactive does not stand, and a block is over by itself")
    func blocked() async throws {
        try account(isActive: false)
        #expect(try await reader.standing(of: ana, at: clock.now)?.standing.isGood == false)
        let end = clock.now + .seconds(60)
        try account(block: UserBlock(reason: "abuse", until: end))
        let reading = try #require(try await reader.standing(of: ana, at: clock.now))
        #expect(!reading.standing.isGood && reading.validUntil == end)
        let later = try #require(try await reader.standing(of: ana, at: end))
        #expect(later.standing.isGood && later.validUntil == nil)
    }

    @Test("a standing is read again when its plan or its block ends, whichever is first")
    func validity() async throws {
        let (first, second) = (clock.now + .seconds(60), clock.now + .seconds(120))
        grant(.pro, until: first)
        try account(block: UserBlock(reason: "abuse", until: second))
        #expect(try await reader.standing(of: ana, at: clock.now)?.validUntil == first)
        grant(.pro, until: second)
        try account(block: UserBlock(reason: "abuse", until: first))
        let reading = try #require(try await reader.standing(of: ana, at: clock.now))
        #expect(reading.validUntil == first && reading.standing.plan.plan == .pro)
    }
}
