import HTTP

/// The words of the OpenAPI document for the routes of __Module__.
extension APIWords {
    static let ofModule: APIWords = [
        "create__Entity__": "No two have the same title.",
        "read__Entity__": "Everyone can read it.",
        ".title": "Its title.",
    ]
}
