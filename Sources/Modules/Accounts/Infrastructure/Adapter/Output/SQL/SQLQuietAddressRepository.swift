import AccountsApplication
import SQL
import Shared

struct SQLQuietAddressRepository: QuietAddressRepository {
    let transaction: any SQLTransaction

    func add(_ address: EmailAddress, until end: Timestamp) throws {
        try transaction.submit(
            """
            INSERT INTO quiet_addresses (address_key, until) VALUES (\(address.key), \(end))
            ON CONFLICT (address_key) DO UPDATE SET until = excluded.until
            """)
    }

    func isQuiet(_ address: EmailAddress, at now: Timestamp) throws -> Bool {
        try transaction.first(
            "SELECT 1 FROM quiet_addresses WHERE address_key = \(address.key) AND until > \(now)"
        ) { try $0.integer(0) } != nil
    }

    func remove(_ address: EmailAddress) throws {
        try transaction.submit("DELETE FROM quiet_addresses WHERE address_key = \(address.key)")
    }
}
