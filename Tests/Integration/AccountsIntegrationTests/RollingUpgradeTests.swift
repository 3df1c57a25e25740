import AccountsApplication
import AccountsContract
import AccountsDomain
import DatabaseSupport
import Lifecycle
import SQL
import Shared
import TestSupport
import Testing

@testable import AccountsInfrastructure

/// A newer program migrates while processes of this version serve.
@Suite("A rolling upgrade")
struct RollingUpgradeTests {
    /// What a next version may bring: it only adds what this one can do without.
    private static func next(_ dialect: Dialect, _ version: Int) -> Migration {
        let text = dialect == .sqlite ? "TEXT" : "text"
        return Migration(
            module: "accounts", version: version, name: "next",
            sql: """
                ALTER TABLE users ADD COLUMN title \(text);
                ALTER TABLE sessions ADD COLUMN device_name \(text);
                ALTER TABLE refresh_tokens ADD COLUMN channel \(text) NOT NULL DEFAULT 'web';
                CREATE TABLE device_names (user_id \(text), name \(text));
                CREATE INDEX users_title ON users (title);
                """)
    }

    @Test("processes of this version go on while a newer one migrates, and both read what the other one wrote")
    func sideBySide() async throws {
        try await withAccountsHouse { house in
            let all = AccountsHouse.schemas.flatMap { $0.migrations(for: house.database.dialect) }
            let version = all.filter { $0.module == "accounts" }.count + 1
            let newer = Migrator(all + [Self.next(house.database.dialect, version)])
            let server = try await SimulatedServer(house: house, window: SimulatedServer.window)
            let migrated = Latch()
            let refreshesAfter = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 1...8 {
                    group.addTask {
                        let session = try await server.session()
                        var (token, after) = (session.first, 0)
                        while after < 20 {
                            if migrated.isOpen { after += 1 }
                            guard let next = try await session.present(token).token else {
                                Issue.record("a session was lost")
                                return after
                            }
                            token = next
                        }
                        return after
                    }
                }
                #expect(try await newer.up(house.database).map(\.version) == [version])
                migrated.open()
                var count = 0
                for try await refreshes in group { count += refreshes }
                return count
            }
            #expect(refreshesAfter == 8 * 20)
            let channels = try await house.database.read { transaction in
                try transaction.query("SELECT DISTINCT channel FROM refresh_tokens") { try $0.text(0) }
            }
            #expect(channels == ["web"])
            #expect(try await newer.status(house.database).allSatisfy { $0.state == .applied })
        }
    }

    @Test("this version does not migrate a database of a newer one, and says so")
    func older() async throws {
        try await withAccountsHouse { house in
            let all = AccountsHouse.schemas.flatMap { $0.migrations(for: house.database.dialect) }
            let version = all.filter { $0.module == "accounts" }.count + 1
            _ = try await Migrator(all + [Self.next(house.database.dialect, version)]).up(house.database)
            let refusal = await #expect(throws: MigrationRefusal.self) { try await Migrator(all).up(house.database) }
            #expect(refusal?.code == .schemaTooNew)
            #expect(refusal?.version == version)
        }
    }
}
