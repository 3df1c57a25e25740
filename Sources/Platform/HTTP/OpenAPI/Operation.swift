import JSON

/// How a route is told in the OpenAPI document.
package struct Operation: Sendable {
    /// Who may call.
    package enum Security: Sendable {
        case everyone
        /// A bearer token or the session cookie.
        case signedIn
        /// The same, or a program's API key.
        case signedInOrKey
        /// A program's API key alone.
        case key
    }

    /// Unique, lowerCamelCase: clients are generated from it.
    package let id: String
    package private(set) var summary: String
    package let tag: String
    package private(set) var security: Security
    /// Whether people see it in a browser: refusals are pages then, unless the caller asks for JSON.
    package let isPage: Bool
    /// Whether gateways ask here about requests of their clients: forwarded headers are the matter, not the way.
    package let isForGateways: Bool
    package private(set) var answers: [Answer]
    package private(set) var body: Body?
    package private(set) var query: [Fields.Description] = []
    /// Fields of the request's head that change what it does.
    package let headers: [HeaderParameter]
    /// Whether all that it reads is lenient; see `LenientInput`.
    private var hasLenientInputs: Bool?
    /// Of its module.
    private(set) var words: APIWords = [:]
    /// Whether it takes an `Idempotency-Key`.
    package private(set) var isIdempotent = false

    /// A field of the head, which may be absent.
    package struct HeaderParameter: Sendable {
        package let name: String
        package let example: String

        package init(_ name: String, example: String) {
            self.name = name
            self.example = example
        }

        var schema: JSONObject { ["type": "string", "examples": [.string(example)]] }
    }

    package struct Body: Sendable {
        package let name: String
        package let schema: JSONObject
        /// As a form, which knows no null.
        package let formSchema: JSONObject
        /// None for text.
        package let formats: [BodyFormat]
        /// Nil for what has fields.
        package let textType: String?
        package let isRequired: Bool

        package var mediaTypes: [String] { formats.map(\.rawValue) + [textType].compactMap { $0 } }

        /// What can be wrong with it.
        fileprivate var problems: [ProblemKind] {
            [.bodyTooLarge, .unsupportedMediaType] + (textType == nil ? [.validationFailed] : [])
                + (formats.contains(.json) ? [.badJSON] : []) + (formats.contains(.form) ? [.badForm] : [])
        }
    }

    /// Whether no browser ever calls it.
    package var isForPrograms: Bool { isForGateways || security == .key }

    /// - Parameter answers: every answer of the route itself; those of the mechanisms it uses are added.
    package init(
        _ id: String, _ summary: String, tag: String, security: Security = .everyone, isPage: Bool = false,
        isForGateways: Bool = false, headers: [HeaderParameter] = [], answers: [Answer] = []
    ) {
        self.id = id
        self.summary = summary
        self.tag = tag
        self.security = security
        self.isPage = isPage
        self.isForGateways = isForGateways
        self.headers = headers
        self.answers = answers
    }

    /// Whether members and parameters that it does not name are passed over. Of what nobody is let in to, and nothing
    /// is read of, they always are.
    package var ignoresUnknown: Bool { hasLenientInputs ?? (security == .everyone) }

    package func withBody<T: Input>(
        _ type: T.Type, formats: [BodyFormat] = [.json], isRequired: Bool = true
    ) -> Operation {
        var copy = self
        copy.hasLenientInputs = type.ignoresUnknown
        copy.body = Body(
            name: String(describing: type), schema: Fields.schema(of: type),
            formSchema: Fields.schema(of: type, isForm: true), formats: formats, textType: nil,
            isRequired: isRequired)
        return copy
    }

    package func withBody(_ text: TextBody) -> Operation {
        var copy = self
        copy.body = Body(
            name: text.name, schema: text.schema, formSchema: [:], formats: [], textType: text.mediaType,
            isRequired: true)
        return copy
    }

    package func withQuery<T: Input>(_ type: T.Type) -> Operation {
        var copy = self
        copy.hasLenientInputs = type.ignoresUnknown
        copy.query = Fields.describe(type)
        return copy
    }

    /// For the mechanism that makes this answer.
    package func answering(_ answer: Answer) -> Operation {
        var copy = self
        copy.answers.insert(answer, at: 0)
        return copy
    }

    /// For the mechanism that lets only some call; to be told so alone keeps nobody away.
    ///
    /// - Parameters:
    ///   - note: for people, after the summary.
    ///   - refusals: of the mechanism, beside those of the way in which a caller is known.
    package func secured(_ security: Security, note: String, refusals: [ProblemKind]) -> Operation {
        var copy = self
        copy.security = security
        copy.summary += note
        copy.answers += refusals.map { .problem($0) }
        return copy
    }

    /// For the mechanism that gives an `Idempotency-Key` its effect; the flag alone gives it none.
    package func idempotent() -> Operation {
        var copy = self
        copy.isIdempotent = true
        return copy
    }

    func described(by words: APIWords) -> Operation {
        var copy = self
        copy.words = words
        return copy
    }

    /// Every refusal, by status and code: the route's own and those of the mechanisms around it.
    var problems: [ProblemKind] {
        let own = answers.compactMap { answer in
            if case .problem(let kind) = answer.content { kind } else { nil }
        }
        return Set(own + mechanismProblems).sorted(by: ProblemKind.isBefore)
    }

    /// What the mechanisms around the route can answer.
    package var mechanismProblems: [ProblemKind] {
        var kinds: [ProblemKind] = [.badRequest, .internalError, .unavailable, .shuttingDown]
        if let body { kinds += body.problems }
        if !query.isEmpty { kinds.append(.validationFailed) }
        if isIdempotent { kinds += [.idempotencyKeyInvalid, .idempotencyKeyInUse, .idempotencyKeyReused] }
        if security != .everyone { kinds.append(.unauthenticated) }
        if security == .signedIn || security == .signedInOrKey { kinds.append(.originNotAllowed) }
        return kinds
    }
}

/// One answer of a route.
package struct Answer: Sendable {
    package enum Content: Sendable {
        case none
        case json(name: String, schema: JSONObject, components: [String: JSONObject])
        case other(mediaType: String)
        case problem(ProblemKind)
    }

    package let status: Int
    package let description: String
    package let content: Content

    package static func json<T: Output>(_ status: Int, _: T.Type, _ description: String) -> Answer {
        Answer(
            status: status, description: description,
            content: .json(name: T.shape.name, schema: T.shape.schema, components: T.shape.components))
    }

    /// A document that has no shape of ours, such as a JWK set.
    package static func document(_ status: Int, schema: JSONObject, _ description: String) -> Answer {
        Answer(status: status, description: description, content: .json(name: "", schema: schema, components: [:]))
    }

    package static func media(_ status: Int, _ mediaType: String, _ description: String) -> Answer {
        Answer(status: status, description: description, content: .other(mediaType: mediaType))
    }

    package static func empty(_ status: Int, _ description: String) -> Answer {
        Answer(status: status, description: description, content: .none)
    }

    package static func problem(_ kind: ProblemKind) -> Answer {
        Answer(status: kind.status, description: kind.title, content: .problem(kind))
    }
}
