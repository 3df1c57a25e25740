import Commands
import Composition
import JSON
import NotificationsApplication
import NotificationsDomain
import Shared

struct ListSuppressionsCommand: Command {
    let name = "notifications suppressions list"
    let summary = "List the addresses that get no mail, and why."
    let details = "Their servers refused them, or staff added them."
    let printsData = true
    let notifications: Provided<NotificationsModule>

    func run(_ invocation: Invocation) async throws -> ExitCode {
        try await invocation.open()
        let suppressions = try notifications.get().suppressions
        var after: ByName?
        var entries: [JSONValue] = []
        repeat {
            let page = try await suppressions.list(PageRequest(limit: PageLimits.range.upperBound, after: after))
            for suppression in page.items {
                if invocation.wantsJSON {
                    entries.append(suppression.json)
                } else {
                    Console.write(suppression.line)
                }
            }
            after = page.next
        } while after != nil
        if invocation.wantsJSON {
            Console.write(String(decoding: JSONValue.array(entries).serialized, as: UTF8.self))
        }
        return .success
    }
}

struct AddSuppressionCommand: Command {
    let name = "notifications suppressions add"
    let parameters = ["ADDRESS"]
    let summary = "Send an address nothing more, not even what its account needs."
    let details = "It counts from the next mail on, in every process. REASON is shown to staff."
    let options = [CommandOption(name: "--reason", value: "REASON")]
    let notifications: Provided<NotificationsModule>

    func run(_ invocation: Invocation) async throws -> ExitCode {
        let address = try EmailAddress.argument(invocation.values[0])
        let reason = invocation.options["--reason"] ?? AddSuppressionBody.reason
        if let objection = NameCharacters.objection(to: reason, AddSuppressionBody.reasonLengths) {
            throw CommandFailure(code: .usage, message: "REASON \(objection)")
        }
        try await invocation.open()
        _ = try await notifications.get().suppressions.add(address, reason: reason, by: .system)
        Console.write("added \(address.text)")
        return .success
    }
}

struct RemoveSuppressionCommand: Command {
    let name = "notifications suppressions remove"
    let parameters = ["ADDRESS"]
    let summary = "Send an address mails again."
    let details = "It counts from the next mail on. Exit code 1 if the address is not suppressed."
    let notifications: Provided<NotificationsModule>

    func run(_ invocation: Invocation) async throws -> ExitCode {
        let address = try EmailAddress.argument(invocation.values[0])
        try await invocation.open()
        guard try await notifications.get().suppressions.remove(address, by: .system) == .done(true) else {
            Console.writeError("gapura: this address is not suppressed: \(address.text)")
            return .failure
        }
        Console.write("removed \(address.text)")
        return .success
    }
}

extension EmailAddress {
    fileprivate static func argument(_ text: String) throws -> EmailAddress {
        guard let address = EmailAddress(text) else {
            throw CommandFailure(code: .usage, message: "ADDRESS is no e-mail address: \(text)")
        }
        return address
    }
}

extension MailSuppression {
    fileprivate var line: String { "\(address.text)  \(createdAt)  \(isManual ? "staff: " : "")\(reason)" }

    fileprivate var json: JSONValue {
        [
            "address": .string(address.text), "reason": .string(reason), "by_staff": .bool(isManual),
            "created_at": .string(createdAt.description),
        ]
    }
}
