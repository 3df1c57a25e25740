/// The addresses of pages that people are sent to.
package protocol AccountsLinks: Sendable {
    func verification(token: String) -> String
    func administrator(token: String) -> String
}
