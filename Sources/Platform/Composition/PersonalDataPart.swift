import HTTP
import JSON
import Shared

/// What one module holds about a person, for that person to have. What a module erases it erases when it hears that the
/// account is gone: an event, so that it happens for certain, once, in a transaction of the module's own.
package struct PersonalDataPart: Sendable {
    /// Names it in the export.
    package let name: String
    /// On one consistent view of the module's store; an empty object if it holds nothing.
    package let export: @Sendable (_ person: Identifier) async throws -> JSONValue

    package init<Answer: Output>(
        _ name: String, _ export: @escaping @Sendable (_ person: Identifier) async throws -> Answer
    ) {
        self.name = name
        self.export = { person in try JSONValue(parsing: Response.json(try await export(person)).body) }
    }
}
