import AccessContract
import Messaging
import Shared
import TestSupport
import Testing

@Suite("The events of Access")
struct AccessEventsTests {
    private let user = SequentialIdentifiers.identifier(1)
    private let tenant = TenantID(SequentialIdentifiers.identifier(2))
    private let role = RoleID(SequentialIdentifiers.identifier(3))

    private func json(_ event: some DomainEvent) throws -> String {
        try EventCoding.encode(event)
    }

    private func again<Event: DomainEvent>(_ event: Event) throws -> Event {
        try EventCoding.decode(Event.self, from: EventCoding.encode(event))
    }

    @Test("their names and their source are those of the specification")
    func names() {
        #expect(RoleChanged.type == "role.changed")
        #expect(APIKeyCreated.type == "api_key.created")
        #expect(APIKeyRevoked.type == "api_key.revoked")
        #expect(ServiceChanged.type == "service.changed")
        #expect(QuotaExhausted.type == "quota.exhausted")
        #expect(QuotaThresholdReached.type == "quota.threshold_reached")
        #expect(RoleChanged.source == "/gapura/access")
    }

    @Test("a change of a role is about the role, one of somebody's roles about him")
    func roles() throws {
        let changed = try again(RoleChanged(role: role, of: tenant))
        #expect(changed.subject == role.value)
        #expect(changed.tenantID == tenant)
        #expect(changed.userID == nil)
        let assigned = try again(RoleChanged(rolesOf: user, in: nil))
        #expect(assigned.subject == user)
        #expect(assigned.roleID == nil)
        #expect(try json(assigned) == #"{"user_id":"\#(user)"}"#)
        #expect(throws: DecodingError.self) {
            try EventCoding.decode(RoleChanged.self, from: "{}")
        }
    }

    @Test("an event about a key names its owner and holds no secret")
    func keys() throws {
        let key = APIKeyID(SequentialIdentifiers.identifier(4))
        let maker = SequentialIdentifiers.identifier(9)
        let created = try again(
            APIKeyCreated(keyID: key, userID: user, tenantID: nil, kind: "personal", madeBy: maker))
        #expect(created.subject == key.value)
        #expect(created.userID == user)
        #expect(
            try json(created)
                == #"{"api_key_id":"\#(key)","kind":"personal","made_by":"\#(maker)","user_id":"\#(user)"}"#)
        let earlier = try EventCoding.decode(
            APIKeyCreated.self, from: #"{"api_key_id":"\#(key)","user_id":"\#(user)"}"#)
        #expect(earlier.userID == user && earlier.kind == nil && earlier.madeBy == nil)
        #expect(try again(APIKeyServicesNeeded(keyID: key, userID: user)).userID == user)
        let revoked = try again(APIKeyRevoked(keyID: key, userID: nil, tenantID: tenant, reason: "revoked"))
        #expect(revoked.reason == "revoked")
        #expect(revoked.tenantID == tenant)
    }

    @Test("an event about a key says who did it, if it was not the owner; one of a service account names it")
    func keysOfOthers() throws {
        let key = APIKeyID(SequentialIdentifiers.identifier(4))
        let account = ServiceAccountID(SequentialIdentifiers.identifier(5))
        let other = SequentialIdentifiers.identifier(9)
        let changed = try again(
            APIKeyChanged(keyID: key, userID: user, tenantID: nil, change: "rotated", changedBy: other))
        #expect(changed.change == "rotated" && changed.changedBy == other && changed.subject == key.value)
        #expect(
            try json(
                APIKeyRevoked(keyID: key, userID: nil, tenantID: nil, serviceAccountID: account, reason: "revoked"))
                == #"{"api_key_id":"\#(key)","reason":"revoked","service_account_id":"\#(account)"}"#)
        let earlier = try EventCoding.decode(
            APIKeyRevoked.self, from: #"{"api_key_id":"\#(key)","reason":"revoked"}"#)
        #expect(earlier.revokedBy == nil && earlier.serviceAccountID == nil)
        let made = try again(ServiceAccountChanged(account))
        #expect(made.subject == account.value && ServiceAccountChanged.type == "service_account.changed")
    }

    @Test("an event about a quota says whose, which limit and until when")
    func quota() throws {
        let quota = QuotaState(
            plan: "free", policy: "day", service: nil, limit: 50, used: 40,
            windowStart: Timestamp(seconds: 1_790_000_000), windowEnd: Timestamp(seconds: 1_790_086_400))
        let reached = try again(QuotaThresholdReached(holder: .user(user), quota: quota))
        #expect(reached.holder == .user(user))
        #expect(reached.quota == quota)
        #expect(reached.subject == user)
        let exhausted = try again(QuotaExhausted(holder: .tenant(tenant), quota: quota))
        #expect(exhausted.holder == .tenant(tenant))
        #expect(exhausted.subject == tenant.value)
        let account = ServiceAccountID(SequentialIdentifiers.identifier(5))
        let ofAccount = try again(QuotaExhausted(holder: .serviceAccount(account), quota: quota))
        #expect(ofAccount.holder == .serviceAccount(account) && ofAccount.quota == quota)
        #expect(try json(ofAccount).contains(#""service_account_id":"\#(account)""#))
        let expected =
            #"{"quota":{"limit":50,"plan":"free","policy":"day","used":40,"window_end":"2026-09-22T14:13:20.000Z","#
            + #""window_start":"2026-09-21T14:13:20.000Z"},"user_id":"\#(user)"}"#
        #expect(try json(reached) == expected)
    }
}
