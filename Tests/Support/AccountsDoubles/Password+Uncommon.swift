import AccountsDomain
import Shared

extension Password {
    /// Where no password is common.
    package init(normalized text: String, for address: EmailAddress?) throws(Weakness) {
        try self.init(normalized: text, for: address, isCommon: { _ in false })
    }
}
