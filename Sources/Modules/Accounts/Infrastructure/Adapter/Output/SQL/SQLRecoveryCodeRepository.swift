import AccountsApplication
import AccountsContract
import AccountsDomain
import SQL
import Shared

struct SQLRecoveryCodeRepository: RecoveryCodeRepository {
    let transaction: any SQLTransaction

    func left(of userID: UserID) throws -> Int {
        try transaction.first(
            "SELECT count(*) FROM recovery_codes WHERE user_id = \(userID) AND used_at IS NULL"
        ) { try $0.integer(0) } ?? 0
    }

    func replaceAll(of userID: UserID, by codes: [RecoveryCode]) throws {
        try transaction.submit("DELETE FROM recovery_codes WHERE user_id = \(userID)")
        for code in codes {
            try transaction.submit(
                """
                INSERT INTO recovery_codes (id, user_id, batch, code_hash, created_at, used_at)
                VALUES (\(code.id), \(code.userID), \(code.batch), \(code.hash), \(code.createdAt), \(code.usedAt))
                """)
        }
    }

    func use(_ hash: [UInt8], of userID: UserID, at now: Timestamp) throws -> Bool {
        try transaction.execute(
            """
            UPDATE recovery_codes SET used_at = \(now)
            WHERE user_id = \(userID) AND code_hash = \(hash) AND used_at IS NULL
            """) == 1
    }
}
