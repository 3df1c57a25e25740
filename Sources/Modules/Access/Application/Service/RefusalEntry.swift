import AccessContract
import AccessDomain
import Shared

/// Refused decisions as a line of the audit log: how it is written, and how it is read again.
package enum RefusalEntry {
    private static let action = "access.decide"
    private static let user = "user:"
    private static let serviceAccount = "service_account:"
    private static let service = "service:"

    static func entry(
        of caller: FollowUpBatch.RefusedCaller, _ refusals: FollowUpBatch.RefusalCount
    ) -> AuditEntry {
        let decisions = refusals.decisions
        var personal: [String: String] = [:]
        if let first = decisions.first { personal["decision_id"] = first.description }
        if let address = refusals.address { personal["address"] = address.description }
        let actor =
            caller.user.map { "\(Self.user)\($0)" } ?? caller.serviceAccount.map { "\(Self.serviceAccount)\($0)" }
        return .refused(
            action, because: caller.reason.rawValue, by: actor ?? "anonymous",
            on: caller.service.map { "\(Self.service)\($0)" }, personal: personal,
            references: decisions.map(\.value))
    }

    /// Nil for a line about something else.
    package static func refusal(_ record: AuditRecord) -> RecordedRefusal? {
        guard record.entry.action == action,
            let reason = record.entry.reason.flatMap({ DenialReason(rawValue: $0) })
        else { return nil }
        return RecordedRefusal(
            entryID: record.id, reason: reason,
            service: rest(of: record.subject, after: service).flatMap { ServiceSlug(String($0)) },
            userID: rest(of: record.entry.actor, after: user).flatMap { Identifier($0) },
            serviceAccountID: rest(of: record.entry.actor, after: serviceAccount).flatMap {
                ServiceAccountID(text: $0)
            },
            recordedAt: record.entry.time, count: record.entry.count)
    }

    private static func rest(of text: String?, after prefix: String) -> Substring? {
        guard let text, text.hasPrefix(prefix) else { return nil }
        return text.dropFirst(prefix.count)
    }
}
