/// From where and with what somebody calls.
package struct ClientInfo: Sendable, Equatable {
    package let address: NetworkAddress
    package let userAgent: String?
    /// A device on which the owner of the account in question has signed in before, by its signed cookie.
    package let knownDevice: Identifier?

    /// - Parameter userAgent: kept up to 256 characters.
    package init(address: NetworkAddress, userAgent: String?, knownDevice: Identifier? = nil) {
        self.address = address
        self.knownDevice = knownDevice
        self.userAgent = userAgent.map { String($0.prefix(256)) }
    }

    /// For the erasable part of the audit log.
    package var personal: [String: String] {
        var personal = ["address": address.description]
        personal["user_agent"] = userAgent
        return personal
    }
}
