import Shared

/// Addresses whose owner has said "this was not me". They get no mails but those of an account that has proved them.
package protocol QuietAddressRepository {
    func add(_ address: EmailAddress, until end: Timestamp) throws
    func isQuiet(_ address: EmailAddress, at now: Timestamp) throws -> Bool
    func remove(_ address: EmailAddress) throws
}
