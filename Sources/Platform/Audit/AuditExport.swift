import JSON
import Shared

/// The chain as lines of JSON: where it begins, then each sealed line with its place and its hash. Without personal
/// data, which has an end.
enum AuditExport {
    static func beginning(of writer: String, at checkpoint: AuditCheckpoint?) -> JSONValue {
        [
            "writer": .string(writer), "position": .integer(Int64(checkpoint?.position ?? 0)),
            "hash": .string(Hex.encode(checkpoint?.hash ?? [])), "seal": .string(Hex.encode(checkpoint?.tag ?? [])),
        ]
    }

    static func line(_ sealed: SealedLine) -> JSONValue {
        let line = sealed.line
        return [
            "position": .integer(Int64(sealed.position)), "id": .string(line.id.description),
            "time": .string(line.time.description), "action": .string(line.action), "outcome": .string(line.outcome),
            "reason": line.reason.map { .string($0) } ?? .null, "actor": .string(line.actor),
            "subject": line.subject.map { .string($0) } ?? .null, "count": .integer(Int64(line.count)),
            "hash": .string(Hex.encode(sealed.hash)),
        ]
    }

    static func checkpoint(_ value: JSONValue) -> (writer: String, checkpoint: AuditCheckpoint?)? {
        guard let writer = value["writer"]?.text, let position = value["position"]?.integer, position >= 0,
            let hash = value["hash"]?.text.flatMap({ Hex.decode($0) }),
            let tag = value["seal"]?.text.flatMap({ Hex.decode($0) })
        else { return nil }
        return (writer, position == 0 ? nil : AuditCheckpoint(position: Int(position), hash: hash, tag: tag))
    }

    static func sealed(_ value: JSONValue) -> SealedLine? {
        guard let position = value["position"]?.integer, let id = value["id"]?.text.flatMap({ Identifier($0) }),
            let time = value["time"]?.text.flatMap({ Timestamp(text: $0) }), let action = value["action"]?.text,
            let outcome = value["outcome"]?.text, let actor = value["actor"]?.text,
            let count = value["count"]?.integer, let hash = value["hash"]?.text.flatMap({ Hex.decode($0) })
        else { return nil }
        let line = AuditChain.Line(
            id: id, time: time, action: action, outcome: outcome, reason: value["reason"]?.text, actor: actor,
            subject: value["subject"]?.text, count: Int(count))
        return SealedLine(line: line, position: Int(position), hash: hash)
    }
}
