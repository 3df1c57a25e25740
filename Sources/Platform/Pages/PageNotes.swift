import Crypto
import HTTP
import Shared

/// What the next page says once, such as that something is done: after a form the browser is led on by 303, so the page
/// that answers is another request. A sealed cookie carries it, so that nothing of it is in an address.
package struct PageNote: Sendable, Equatable {
    /// The page that shows it, by its template.
    package let page: String
    /// A key of that page's words, or of the common ones.
    package let word: String
    /// What the word or the page needs, such as an address or a key that is shown once.
    package let values: [String: String]

    package init(_ word: String, on page: String, _ values: [String: String] = [:]) {
        self.page = page
        self.word = word
        self.values = values
    }
}

struct PageNotes: Sendable {
    let masterKey: MasterKey
    let isSecure: Bool

    private static let context = "pages/note/1"
    private static let lifetime: Duration = .seconds(120)
    private var cookieName: String { isSecure ? "__Host-gapura_note" : "gapura_note" }

    /// - Throws: `InternalFailure`.
    func cookie(_ note: PageNote) throws -> Cookie {
        let parts = [note.page, note.word] + note.values.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] }
        let text = parts.map(PercentCoding.encode).joined(separator: "&")
        let sealed = try masterKey.wrap(Array(text.utf8), boundTo: Self.context)
        return Cookie(
            name: cookieName, value: Base64URL.encode(sealed), maxAge: Self.lifetime, isSecure: isSecure)
    }

    /// The note of a page, if the browser brought one.
    func note(for page: String, of request: Request) -> PageNote? {
        guard let sealed = request.cookie(cookieName).flatMap({ Base64URL.decode($0) }), sealed.count < 4_096,
            let bytes = try? masterKey.unwrap(sealed, boundTo: Self.context).reveal()
        else { return nil }
        let parts = bytes.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false)
            .compactMap { PercentCoding.decode(Array($0).span) }
        guard parts.count >= 2, parts.count % 2 == 0, parts[0] == page else { return nil }
        let pairs = stride(from: 2, to: parts.count, by: 2).map { (parts[$0], parts[$0 + 1]) }
        return PageNote(parts[1], on: page, Dictionary(pairs) { first, _ in first })
    }

    var cleared: Cookie { Cookie(name: cookieName, value: "", maxAge: .zero, isSecure: isSecure) }
}
