import AccountsApplication
import AccountsDomain
import Shared
import Testing

extension AccountsWorkBehaviour {
    static let users = [
        AccountsWorkBehaviour("an account comes back as it was stored, with everything and with nothing optional") {
            subject in
            let accounts = [try Sample.account(1), try Sample.fullAccount(2)]
            for account in accounts { try await subject.work.add(account) }
            for account in accounts {
                let found = try await subject.work.find(account.user.id)
                #expect(found == account)
                #expect(found?.user.email.text == account.user.email.text)
            }
        },
        AccountsWorkBehaviour("an account is found by its address in any case") { subject in
            let account = try Sample.account(1, email: "Ana.Lima@Example.com")
            try await subject.work.add(account)
            for text in ["ana.lima@example.com", "ANA.LIMA@EXAMPLE.COM"] {
                let address = try #require(EmailAddress(text))
                #expect(try await subject.work.read { try $0.users.find(email: address) } == account)
            }
        },
        AccountsWorkBehaviour("what is not there is nil") { subject in
            let address = try #require(EmailAddress("nobody@example.com"))
            #expect(try await subject.work.find(Sample.userID(1)) == nil)
            #expect(try await subject.work.read { try $0.users.find(email: address) } == nil)
            #expect(try await subject.work.write { try $0.users.lock(Sample.userID(1)) } == nil)
        },
        AccountsWorkBehaviour("a taken address, in any case, is refused and changes nothing") { subject in
            let first = try Sample.account(1, email: "ana@example.com")
            try await subject.work.add(first)
            let second = try Sample.account(2, email: "ANA@Example.com", role: .admin)
            #expect(try await subject.work.write { try $0.users.insert(second) } == false)
            #expect(try await subject.work.find(Sample.userID(1)) == first)
            #expect(try await subject.work.find(Sample.userID(2)) == nil)
            #expect(try await subject.work.write { try $0.users.lockAdministrators() } == 0)
        },
        AccountsWorkBehaviour("of many who take one address at once, one gets it") { subject in
            let winners = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 1...20 as ClosedRange<UInt64> {
                    let account = try Sample.account(number, email: "ana@example.com")
                    group.addTask { try await subject.work.write { try $0.users.insert(account) } }
                }
                var winners = 0
                for try await isInserted in group where isInserted { winners += 1 }
                return winners
            }
            #expect(winners == 1)
        },
        AccountsWorkBehaviour("an update changes the user and neither the profile nor others") { subject in
            var account = try Sample.fullAccount(1)
            let other = try Sample.account(2)
            try await subject.work.add(account, other)
            account.user.email = try #require(EmailAddress("new@example.com"))
            account.user.username = nil
            account.user.passwordHash = nil
            account.user.isVerified = false
            account.user.deactivate(byOwner: true, at: Sample.now)
            account.user.block = nil
            account.user.locale = "en"
            account.user.role = nil
            account.user.updatedAt = Sample.now + .seconds(9)
            let changed = account
            try await subject.work.write { try $0.users.update(changed.user) }
            #expect(try await subject.work.find(account.user.id) == account)
            #expect(try await subject.work.find(other.user.id) == other)
        },
        AccountsWorkBehaviour("an update to a taken address fails and changes nothing") { subject in
            let account = try Sample.account(1)
            let other = try Sample.account(2)
            try await subject.work.add(account, other)
            var changed = account.user
            changed.email = other.user.email
            let user = changed
            await subject.expectViolation { try await subject.work.write { try $0.users.update(user) } }
            #expect(try await subject.work.find(account.user.id) == account)
        },
        AccountsWorkBehaviour("there is an administrator while a user has the role") { subject in
            #expect(try await subject.work.write { try $0.users.lockAdministrators() } == 0)
            var account = try Sample.account(1)
            try await subject.work.add(account)
            for role in [.admin, .admin, nil] as [PlatformRole?] {
                account.user.role = role
                let user = account.user
                try await subject.work.write { try $0.users.update(user) }
                #expect(try await subject.work.write { try $0.users.lockAdministrators() } == (role == .admin ? 1 : 0))
            }
        },
        AccountsWorkBehaviour("locking finds what find finds") { subject in
            let account = try Sample.fullAccount(1)
            try await subject.work.add(account)
            #expect(try await subject.work.write { try $0.users.lock(account.user.id) } == account)
        },
        AccountsWorkBehaviour("deleting takes everything of the account along, and nothing of others") { subject in
            let work = subject.work
            for number in 1...2 as ClosedRange<UInt64> {
                try await work.add(try Sample.account(number, role: .admin))
                try await work.add(Sample.session(number, of: number))
                let validation = Sample.validation(number, of: number)
                try await work.write { try $0.validations.insert(validation) }
            }
            try await work.write { try $0.users.delete(Sample.userID(1)) }
            #expect(try await work.find(Sample.userID(1)) == nil)
            #expect(try await work.find(Sample.sessionID(1)) == nil)
            #expect(try await work.find(Sample.validationID(1)) == nil)
            #expect(try await work.find(Sample.userID(2)) != nil)
            #expect(try await work.find(Sample.sessionID(2)) != nil)
            #expect(try await work.find(Sample.validationID(2)) != nil)
            // The address is free again.
            try await work.add(try Sample.account(3, email: "user1@example.com"))
        },
        AccountsWorkBehaviour(
            "a place has the password hash of the account that follows it, and behind the last of the first"
        ) { subject in
            #expect(try await subject.work.read { try $0.users.passwordHash(at: "000000000000") } == nil)
            for (number, hash) in [(0x10, "$a"), (0x2F, "$b"), (0x30, nil), (0x4A, "$c")] as [(UInt64, String?)] {
                var account = try Sample.account(number)
                account.user.passwordHash = hash
                try await subject.work.add(account)
            }
            for (place, hash) in [
                ("000000000000", "$a"), ("000000000010", "$a"), ("000000000011", "$b"), ("00000000002f", "$b"),
                ("000000000030", "$c"), ("00000000004a", "$c"), ("00000000004b", "$a"), ("ffffffffffff", "$a"),
            ] {
                #expect(try await subject.work.read { try $0.users.passwordHash(at: place) } == hash)
            }
        },
        AccountsWorkBehaviour("deleting the administrator leaves none, and deleting nobody is nothing") { subject in
            try await subject.work.add(try Sample.account(1, role: .admin))
            for number in [2, 1, 1] as [UInt64] {
                try await subject.work.write { try $0.users.delete(Sample.userID(number)) }
            }
            #expect(try await subject.work.write { try $0.users.lockAdministrators() } == 0)
        },
    ]
}
