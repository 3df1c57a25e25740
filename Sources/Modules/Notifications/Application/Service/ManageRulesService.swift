import NotificationsDomain
import Shared

/// The rules that turn events into messages: which there are, and which are switched off.
package struct ManageRulesService: Sendable {
    package enum Outcome: Sendable, Equatable {
        case changed(RuleSet)
        /// These are none.
        case unknown(indices: [Int])
        /// These cannot be switched off.
        case required(indices: [Int])
    }

    /// One rule, as a request has it.
    package struct Switch: Sendable, Equatable {
        package let eventType: String
        package let template: String
        package let isEnabled: Bool

        package init(eventType: String, template: String, isEnabled: Bool) {
            self.eventType = eventType
            self.template = template
            self.isEnabled = isEnabled
        }

        fileprivate var rule: Rule? {
            Rule.shipped.first { $0.eventType == eventType && $0.template.rawValue == template }
        }
    }

    private let work: any NotificationsWork
    private let clock: any WallClock

    package init(work: any NotificationsWork, clock: any WallClock) {
        self.work = work
        self.clock = clock
    }

    package func read() async throws -> RuleSet { try await work.read { RuleSet(try $0.rules.switched()) } }

    /// Rules that are not named stay as they are. The last word about one counts.
    package func change(_ switches: [Switch], by principal: Principal) async throws -> Outcome {
        let unknown = switches.indices.filter { switches[$0].rule == nil }
        guard unknown.isEmpty else { return .unknown(indices: unknown) }
        let required = switches.indices.filter { !switches[$0].isEnabled && switches[$0].rule?.isRequired == true }
        guard required.isEmpty else { return .required(indices: required) }
        let wanted = switches.reduce(into: [Rule: Bool]()) { wanted, one in
            if let rule = one.rule { wanted[rule] = one.isEnabled }
        }
        let now = clock.now
        return try await work.write { context in
            let before = RuleSet(try context.rules.switched())
            let changed = Rule.shipped.filter { rule in wanted[rule].map { $0 != before.isEnabled(rule) } ?? false }
            guard !changed.isEmpty else { return .changed(before) }
            for rule in changed {
                let isEnabled = !before.isEnabled(rule)
                try context.rules.set(rule, isEnabled: isEnabled, at: now)
                let action = isEnabled ? "notification_rule.enabled" : "notification_rule.disabled"
                try context.audit(
                    .done(action, on: "notification_rule:\(rule.eventType):\(rule.template.rawValue)", by: principal))
            }
            try context.rules.changed(at: now)
            return .changed(RuleSet(try context.rules.switched()))
        }
    }
}
