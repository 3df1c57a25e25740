/// Somebody who signs in at the sandbox.
struct SandboxPerson: Sendable, Equatable {
    /// As it stands in URLs, and their subject.
    let id: String
    let number: Int
    let givenName: String
    let familyName: String
    /// What they are good for, for the page.
    let note: String
    var email: String?
    var isVerified = true
    /// Of a Workspace, as Google has it.
    var hostedDomain: String?

    static let all = [
        SandboxPerson(
            id: "ana", number: 1_001, givenName: "Ana", familyName: "Wijaya", note: "Her address is proved there",
            email: "ana@example.com"),
        SandboxPerson(
            id: "budi", number: 1_002, givenName: "Budi", familyName: "Santoso",
            note: "His address is not proved there",
            email: "budi@example.com", isVerified: false),
        SandboxPerson(
            id: "citra", number: 1_003, givenName: "Citra", familyName: "Lestari", note: "She gives no address"),
        SandboxPerson(
            id: "dewi", number: 1_004, givenName: "Dewi", familyName: "Kusuma",
            note: "Her address is that of an account here: any that you type", email: "dewi@example.com"),
        SandboxPerson(
            id: "eka", number: 1_005, givenName: "Eka", familyName: "Pratama", note: "A member of a Google Workspace",
            email: "eka@workspace.example", hostedDomain: "workspace.example"),
        SandboxPerson(
            id: "fajar", number: 1_006, givenName: "Fajar", familyName: "Hidayat",
            note: "Has another name at each sign-in, and stays the same person", email: "fajar@example.com"),
    ]

    /// The one who is renamed.
    static let renamed = "fajar"
    /// The one whose address is chosen.
    static let chosen = "dewi"
}
