/// The addresses of pages that people are sent to.
package protocol AccountsLinks: Sendable {
    func verification(token: String) -> String
    func newPassword(token: String) -> String
    func magicLink(token: String) -> String
    func emailChange(token: String) -> String
    func emailUndo(token: String) -> String
    func factorReset(token: String) -> String
    func reactivation(token: String) -> String
    func administrator(token: String) -> String
}
