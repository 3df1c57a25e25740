import AccessDomain
import JSON
import SQL
import Shared

/// How Access keeps lists in a column: as JSON.
enum AccessColumns {
    static func json(_ texts: [String]) -> String {
        String(decoding: JSONValue.array(texts.map { .string($0) }).serialized, as: UTF8.self)
    }

    static func json(_ permissions: PermissionSet) -> String { json(permissions.permissions.map(\.description)) }

    static func texts(_ json: String) throws -> [String] {
        try elements(json).map { element in
            guard let text = element.text else { throw InternalFailure("a list of texts has something else in it") }
            return text
        }
    }

    static func permissions(_ json: String) throws -> PermissionSet {
        PermissionSet(try texts(json).map(permission))
    }

    static func permission(_ text: String) throws -> Permission {
        guard let permission = Permission(text) else { throw InternalFailure("a stored permission is none") }
        return permission
    }

    static func plan(_ text: String) throws -> PlanCode {
        guard let plan = PlanCode(text) else { throw InternalFailure("a stored plan's code is none") }
        return plan
    }

    static func elements(_ json: String) throws -> [JSONValue] {
        guard let elements = try JSONValue(parsing: Array(json.utf8)).elements else {
            throw InternalFailure("a stored list is none")
        }
        return elements
    }
}
