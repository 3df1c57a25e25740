import AccessApplication
import AccessContract
import AccessDomain
import Crypto
import Shared
import TestSupport
import Testing

@testable import AccessInfrastructure

@Suite("Refusals that explain themselves")
struct SealedDecisionTests {
    private let seal: SealedDecision
    private let now = Timestamp(milliseconds: 1_790_000_000_123)

    init() throws {
        seal = SealedDecision(masterKey: try Self.masterKey(1))
    }

    private static func masterKey(_ bytes: UInt8...) throws -> MasterKey {
        try MasterKey(keys: bytes.map { Secret([UInt8](repeating: $0, count: MasterKey.byteCount)) })
    }

    private func record(
        _ denial: DenialReason, service: String = "cvmaker", caller: Caller? = nil, binding: BindingLimit? = nil,
        missing: Permission? = nil, route: String? = nil
    ) -> DecisionRecord {
        let decision = Decision(
            id: DecisionID(SequentialIdentifiers.identifier(7)), denial: denial, caller: caller, binding: binding,
            decidedAt: now)
        return DecisionRecord(
            decision: decision, service: service, credential: .accessToken, source: .request, method: .delete,
            route: route, missing: missing)
    }

    private func caller(_ plan: PlanCode = .free, tenant: Bool = false) -> Caller {
        Caller(
            kind: .user, userID: SequentialIdentifiers.identifier(900),
            tenantID: tenant ? TenantID(SequentialIdentifiers.identifier(901)) : nil, plan: plan)
    }

    @Test("every reason, source and kind is read again as it was")
    func everyReason() throws {
        for reason in DenialReason.allCases {
            let first = record(reason, caller: caller(), missing: Permission("docs:delete"), route: "/docs/{id}")
            #expect(seal.open(try seal.seal(first)) == first)
        }
        #expect(Set(SealedNames.reasons) == Set(DenialReason.allCases.map(\.rawValue)))
        let limit = BindingLimit(policy: "service-day", limit: 50, used: 50, window: WindowUnit.day.window(at: now))
        let exhausted = record(.quotaExhausted, caller: caller(tenant: true), binding: limit, route: "/x")
        #expect(seal.open(try seal.seal(exhausted)) == exhausted)
        let account = ServiceAccountID(SequentialIdentifiers.identifier(900))
        let robot = record(.accountBlocked, caller: Caller(serviceAccount: account, plan: .pro))
        #expect(seal.open(try seal.seal(robot)) == robot)
        let nobody = record(.missingCredential, caller: .anonymous)
        #expect(seal.open(try seal.seal(nobody)) == nobody)
    }

    @Test("it has under 200 plain characters, whatever the record says; what has no room is left out")
    func length() throws {
        let long = String(repeating: "a", count: 63)
        let limit = BindingLimit(
            policy: "service-day", limit: .max, used: .max, window: WindowUnit.month.window(at: now))
        let full = record(
            .quotaExhausted, service: long, caller: caller(.enterprise, tenant: true), binding: limit,
            missing: Permission("\(long):\(long)"), route: "/" + String(repeating: "\u{e9}", count: 300))
        let text = try seal.seal(full)
        #expect(text.utf8.count < 200)
        #expect(
            text.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x61...0x7A).contains($0 | 0x20) || $0 == 0x5F || $0 == 0x2D
            })
        let read = try #require(seal.open(text))
        #expect(read.decision.binding?.limit == .max && read.decision.caller?.userID == full.decision.caller?.userID)
        #expect(read.missing == nil && read.route == nil)
    }

    @Test("nobody makes one or changes one, and one sealed by an older master key is still read")
    func authentic() throws {
        let first = record(.permissionDenied, caller: caller())
        let text = try seal.seal(first)
        for index in text.utf8.indices {
            var bytes = Array(text.utf8)
            let place = text.utf8.distance(from: text.utf8.startIndex, to: index)
            bytes[place] = bytes[place] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            #expect(seal.open(String(decoding: bytes, as: UTF8.self)) == nil, "\(place)")
        }
        for other in ["", "d_", "d_AAAA", String(text.dropFirst(2)), text + "AAAA", first.decision.id.description] {
            #expect(seal.open(other) == nil)
        }
        #expect(SealedDecision(masterKey: try Self.masterKey(2)).open(text) == nil)
        #expect(SealedDecision(masterKey: try Self.masterKey(2, 1)).open(text) == first)
    }
}
