import AccountsContract
import AccountsDomain
import Shared
import Testing

@Suite("A common password")
struct CommonPasswordTests {
    private let isCommon: (String) -> Bool = { ["iloveyou", "ana@example.com", "gr\u{FC}\u{DF}gott"].contains($0) }

    @Test("is refused in any case", arguments: ["iloveyou", "ILoveYou", "ILOVEYOU", "GR\u{DC}\u{DF}Gott"])
    func refused(text: String) {
        #expect(throws: Password.Weakness.common) { try Password(normalized: text, for: nil, isCommon: isCommon) }
    }

    @Test("is refused as a whole only", arguments: ["iloveyou2", " iloveyou", "iloveyo\u{200B}u"])
    func parts(text: String) throws {
        let password = try Password(normalized: text, for: nil, isCommon: isCommon)
        #expect(password.text.reveal() == text)
    }

    @Test("that is the address is refused for that")
    func address() {
        let address = EmailAddress("ana@example.com")
        #expect(throws: Password.Weakness.sameAsAddress) {
            try Password(normalized: "Ana@example.com", for: address, isCommon: isCommon)
        }
    }
}
