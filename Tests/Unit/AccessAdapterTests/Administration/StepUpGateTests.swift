import AccountsContract
import AccountsContractDoubles
import Authorization
import HTTP
import JSON
import Shared
import TestSupport
import Testing

@Suite("The gate asks for fresh proofs and for second factors")
struct StepUpGateTests {
    let house: AdministrationHouse

    init() throws { house = try AdministrationHouse() }

    private static let demand = StepUpDemand(needsSecondFactor: true, maxAge: .seconds(600))

    @Test("a key is made after a fresh proof only, and the answer says which")
    func freshProof() async throws {
        let ana = try house.signIn()
        house.accounts.demand(Self.demand, of: ana.userID)
        let refused = await ana.post("/api-keys", ["name": "k", "services": ["*"]])
        #expect(refused.status == 401)
        #expect(
            refused["WWW-Authenticate"]
                == #"Bearer error="insufficient_user_authentication", acr_values="aal2", max_age=600"#)
        // What ends a key that has leaked must not wait for anything.
        #expect(await ana.delete("/api-keys/\(house.identifiers.next() as Identifier)").status == 404)
        house.accounts.demand(nil, of: ana.userID)
        #expect(await ana.post("/api-keys", ["name": "k", "services": ["*"]]).status == 201)
    }

    @Test("whoever may write on the platform has to enrol, wherever a right is used; readers do not")
    func administration() async throws {
        let writer = try house.signIn("roles:read", "services:write")
        let reader = try house.signIn("roles:read", "access:explain", "orders:write")
        for person in [writer, reader] { house.accounts.obstruct(.enrolmentNeeded, of: person.userID) }
        #expect(await writer.get("/roles").status == 403)
        #expect(await reader.get("/roles").status == 200)
        // What is one's own stays open.
        #expect(await writer.get("/api-keys").status == 200)
        house.accounts.obstruct(.stepUpNeeded(Self.demand), of: writer.userID)
        #expect(await writer.get("/roles").status == 401)
        house.accounts.obstruct(nil, of: writer.userID)
        #expect(await writer.get("/roles").status == 200)
    }
}
