import AccessApplication
import AccessDomain
import Authorization
import HTTP
import JSON
import Lists
import Shared

/// The audit log.
struct AuditRoutes: Sendable {
    let search: any AuditLogSearch
    let gate: any Gate
    let cursors: ListCursors

    var routes: [Route] {
        [
            Route(
                list: "/audit",
                Operation("searchAuditLog", "Lines of the audit log, the newest first", tag: "Audit log"),
                needs: .permission(AccessPermission.auditRead), gate: gate, cursors: cursors, reads: AuditQuery.self
            ) { _, query, part, _ in
                try await search(query.filter, part).map { AuditRecordAnswer(record: $0) }
            }
        ]
    }
}

struct AuditQuery: ListQuery {
    let filter: AuditFilter
    let page: PageQuery

    init(_ fields: inout Fields) {
        filter = AuditFilter(
            subject: fields.optional("subject", .text(1...200)), actor: fields.optional("actor", .text(1...200)),
            action: fields.optional("action", .text(1...100)), from: fields.optional("from", .moment),
            to: fields.optional("to", .moment))
        page = PageQuery(&fields)
    }
}

struct AuditRecordAnswer: Output {
    let record: AuditRecord

    static let shape = Shape<AuditRecordAnswer>("AuditRecord") { shape in
        shape.member("id", .text) { $0.record.id.description }
        shape.member("time", .timestamp) { $0.record.entry.time }
        shape.member("actor", .text) { $0.record.entry.actor }
        shape.member("action", .text) { $0.record.entry.action }
        shape.nullable("subject", .text) { $0.record.subject }
        shape.member("outcome", .text) { $0.record.entry.outcome }
        shape.nullable("reason", .text) { $0.record.entry.reason }
        shape.member("count", .integer) { Int64($0.record.entry.count) }
        shape.member("personal", .texts) { $0.record.entry.personal }
    }
}

extension OutputType where Value == [String: String] {
    /// Texts by name.
    fileprivate static var texts: OutputType {
        OutputType(schema: ["type": "object", "additionalProperties": ["type": "string"]]) { texts, writer in
            writer.object { writer in
                for (name, text) in texts.sorted(by: { $0.key < $1.key }) {
                    writer.key(name)
                    writer.string(text)
                }
            }
        }
    }
}
