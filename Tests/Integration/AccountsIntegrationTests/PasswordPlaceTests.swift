import AccountsApplication
import AccountsDomain
import SQL
import Shared
import Testing

@testable import AccountsInfrastructure

@Suite("An address without a password")
struct PasswordPlaceTests {
    /// Of `correct horse`, by PyPI's bcrypt.
    private static let bcrypt = "$2b$04$uguAzfRVf.xfB9f4uySFtOdeSIffswfy62/Ei7JOWRgvIHV8VxJs."

    @Test("is compared with an imported hash as often as there are imported hashes, and always with the same one")
    func share() async throws {
        try await withAccountsHouse { house in
            let importUsers = ImportUsersService(work: house.work, clock: house.clock, identifiers: house.identifiers)
            let own = try await house.hasher.hash(Secret("correct horse"))
            let users = try (0..<200).map { number in
                ImportedUser(
                    email: try #require(EmailAddress("user\(number)@example.com")),
                    passwordHash: Secret(number % 4 == 0 ? Self.bcrypt : own), isVerified: true)
            }
            #expect(try await importUsers(users, by: nil).allSatisfy { $0 == .created })
            let places = try (0..<400).map { number in
                house.hasher.place(of: try #require(EmailAddress("nobody\(number)@example.com")))
            }
            #expect(Set(places).count == places.count)
            let hashes = try await house.work.read { context in
                try places.map { try context.users.passwordHash(at: $0) }
            }
            let share = Double(hashes.count { $0 == Self.bcrypt }) / Double(hashes.count)
            #expect((0.08...0.45).contains(share))
            let again = try await house.work.read { context in
                try places.map { try context.users.passwordHash(at: $0) }
            }
            #expect(again == hashes)
        }
    }

    @Test("has a place that depends on the secret, and not on the case of its letters")
    func secret() async throws {
        try await withAccountsHouse { house in
            let address = try #require(EmailAddress("nobody@example.com"))
            let place = house.hasher.place(of: address)
            #expect(place == house.hasher.place(of: try #require(EmailAddress("NOBODY@example.com"))))
            #expect(place.utf8.count == 12 && place.utf8.allSatisfy { Hex.value(of: $0) != nil })
            let other = Argon2PasswordHasher(hashing: house.passwordHashing, placeSecret: Secret([2]))
            #expect(other.place(of: address) != place)
        }
    }

    @Test("is found by an index, however many accounts there are")
    func index() async throws {
        try await withAccountsHouse { house in
            for condition in ["AND \(SQLUserRepository.place) >= \("00ff00ff00ff")", ""] as [Statement] {
                let statement = SQLUserRepository.passwordHashes(condition)
                let plan = try await house.database.write { transaction in
                    switch house.database.dialect {
                    case .sqlite: return try transaction.query("EXPLAIN QUERY PLAN \(statement)") { try $0.text(3) }
                    case .postgres:
                        try transaction.execute("SET LOCAL enable_seqscan = off")
                        return try transaction.query("EXPLAIN \(statement)") { try $0.text(0) }
                    }
                }.joined(separator: "\n")
                #expect(plan.contains("users_by_place"), "\(plan)")
                #expect(!plan.contains("TEMP B-TREE") && !plan.contains("Sort"), "\(plan)")
            }
        }
    }
}
