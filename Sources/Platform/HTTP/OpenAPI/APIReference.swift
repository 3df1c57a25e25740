/// The OpenAPI document for people: what stands on a page of the API's documentation, in its order.
package struct APIReference: Sendable {
    package let title: String
    package let version: String
    /// The address that clients use, without a slash at the end.
    package let server: String
    /// By tag, in the order of the routes.
    package let groups: [Group]
    /// By name.
    package let schemas: [Schema]
    /// By status and code.
    package let problems: [ProblemUse]

    package struct Group: Sendable {
        package let tag: String
        package let calls: [Call]
    }

    /// One operation.
    package struct Call: Sendable {
        /// The operation's.
        package let id: String
        package let method: Method
        package let path: String
        package let summary: String
        package let description: String?
        package let security: Operation.Security
        package let isPage: Bool
        package let parameters: [FieldReference]
        package let body: Body?
        /// Without the refusals.
        package let answers: [Content]
        /// By status and code, with those of the mechanisms around the route.
        package let problems: [ProblemKind]
        package let curl: String
    }

    package struct Body: Sendable {
        package let schema: String
        package let mediaTypes: [String]
        package let isRequired: Bool
        package let fields: [FieldReference]
    }

    package struct Content: Sendable {
        package let status: Int
        package let description: String
        /// Nil if the answer has no body.
        package let mediaType: String?
        /// Nil for what is no JSON.
        package let schema: SchemaSummary?
        package let fields: [FieldReference]
    }

    package struct Schema: Sendable {
        package let name: String
        package let description: String?
        package let fields: [FieldReference]
    }

    /// A kind of refusal and the operations that can answer it.
    package struct ProblemUse: Sendable {
        package let kind: ProblemKind
        /// Empty for what is the router's answer, to no operation.
        package let operationIDs: [String]
    }
}
