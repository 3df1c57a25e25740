import AccessDomain
import SQL
import Shared

/// The rows of `device_merges`, inside a unit of work.
struct SQLDeviceMergeTable {
    let transaction: any SQLTransaction

    func holds(_ merge: DeviceMerge) throws -> Bool {
        try transaction.first(
            """
            SELECT 1 FROM device_merges
            WHERE device = \(merge.device) AND user_id = \(merge.user) AND day = \(merge.day)
            """
        ) { _ in true } ?? false
    }

    /// - Returns: false if it was there before.
    func insert(_ merge: DeviceMerge) throws -> Bool {
        try transaction.execute(
            """
            INSERT INTO device_merges (device, user_id, day) VALUES (\(merge.device), \(merge.user), \(merge.day))
            ON CONFLICT (device, user_id, day) DO NOTHING
            """) == 1
    }
}
