import AccountsApplication
import AccountsContract
import AccountsDomain
import Shared
import Testing

extension AccountsWorkBehaviour {
    static let userSearch = [
        AccountsWorkBehaviour("a search without a filter finds everybody, the newest id first, after a given one") {
            subject in
            for number in [2, 4, 1, 3] as [UInt64] { try await subject.work.add(try Sample.account(number)) }
            #expect(try await subject.search(UserFilter()) == [4, 3, 2, 1])
            #expect(try await subject.search(UserFilter(), limit: 2) == [4, 3])
            #expect(try await subject.search(UserFilter(), after: 3) == [2, 1])
            #expect(try await subject.search(UserFilter(), after: 1) == [])
        },
        AccountsWorkBehaviour("what is found is whole") { subject in
            let account = try Sample.fullAccount(1)
            try await subject.work.add(account)
            let found = try await subject.work.read {
                try $0.users.search(UserFilter(), after: nil, limit: 9, at: Sample.now)
            }
            #expect(found == [account])
        },
        AccountsWorkBehaviour("text is found anywhere in the address or the user name, ASCII letters in either case") {
            subject in
            try await subject.addNamed(1, "Ana.Lima@example.com", nil)
            try await subject.addNamed(2, "budi@example.com", "LIMAO")
            try await subject.addNamed(3, "citra@test.example", "\u{00C9}mile 100%_x")
            #expect(try await subject.search(UserFilter(text: "lima")) == [2, 1])
            #expect(try await subject.search(UserFilter(text: "LIMA@")) == [1])
            #expect(try await subject.search(UserFilter(text: "limao")) == [2])
            #expect(try await subject.search(UserFilter(text: "MILE")) == [3])
            #expect(try await subject.search(UserFilter(text: "\u{00C9}mile")) == [3])
            // Only ASCII letters have two cases, on every store.
            #expect(try await subject.search(UserFilter(text: "\u{00E9}mile")) == [])
            #expect(try await subject.search(UserFilter(text: "nobody")) == [])
            #expect(try await subject.search(UserFilter(text: "")) == [3, 2, 1])
        },
        AccountsWorkBehaviour("text is taken as it is: it has no wildcards and no quotes") { subject in
            try await subject.addNamed(1, "ana@example.com", "100%_x")
            try await subject.addNamed(2, "budi@example.com", "100 x")
            #expect(try await subject.search(UserFilter(text: "%")) == [1])
            #expect(try await subject.search(UserFilter(text: "0%_x")) == [1])
            #expect(try await subject.search(UserFilter(text: "' OR 1 = 1 --")) == [])
            #expect(try await subject.search(UserFilter(text: "a*a")) == [])
        },
        AccountsWorkBehaviour("each filter has two sides, and several hold together") { subject in
            try await subject.work.add(try Sample.account(1))
            for number in 2...6 as ClosedRange<UInt64> {
                var account = try Sample.account(number)
                switch number {
                case 2: account.user.isActive = false
                case 3: account.user.isVerified = true
                case 4: account.user.block = UserBlock(reason: "spam", until: nil)
                case 5: account.user.role = .admin
                default:
                    account.user.role = .admin
                    account.user.isVerified = true
                }
                try await subject.work.add(account)
            }
            #expect(try await subject.search(UserFilter(isActive: false)) == [2])
            #expect(try await subject.search(UserFilter(isActive: true)) == [6, 5, 4, 3, 1])
            #expect(try await subject.search(UserFilter(isVerified: true)) == [6, 3])
            #expect(try await subject.search(UserFilter(isVerified: false)) == [5, 4, 2, 1])
            #expect(try await subject.search(UserFilter(isBlocked: true)) == [4])
            #expect(try await subject.search(UserFilter(isBlocked: false)) == [6, 5, 3, 2, 1])
            #expect(try await subject.search(UserFilter(isAdministrator: true)) == [6, 5])
            #expect(try await subject.search(UserFilter(isAdministrator: false)) == [4, 3, 2, 1])
            let verifiedAdministrators = UserFilter(text: "user", isVerified: true, isAdministrator: true)
            #expect(try await subject.search(verifiedAdministrators) == [6])
            #expect(try await subject.search(verifiedAdministrators, after: 6) == [])
        },
        AccountsWorkBehaviour("a block counts until its end, and one without an end always") { subject in
            let later = Sample.now + .milliseconds(1)
            let blocks: [UserBlock?] = [
                UserBlock(reason: "spam", until: Sample.now), UserBlock(reason: "spam", until: later),
                UserBlock(reason: "spam", until: nil), UserBlock(storedReason: nil, until: later), nil,
            ]
            for (number, block) in zip(1...9 as ClosedRange<UInt64>, blocks) {
                var account = try Sample.account(number)
                account.user.block = block
                try await subject.work.add(account)
                #expect(try await subject.work.find(account.user.id) == account)
            }
            #expect(try await subject.search(UserFilter(isBlocked: true)) == [4, 3, 2])
            #expect(try await subject.search(UserFilter(isBlocked: false)) == [5, 1])
        },
    ]
}

extension AccountsWorkSubject {
    /// The numbers of those found.
    fileprivate func search(_ filter: UserFilter, after: UInt64? = nil, limit: Int = 9) async throws -> [UInt64] {
        let last = after.map(Sample.userID)
        let found = try await work.read { try $0.users.search(filter, after: last, limit: limit, at: Sample.now) }
        return found.compactMap { account in (1...9).first { Sample.userID($0) == account.user.id } }
    }

    fileprivate func addNamed(_ number: UInt64, _ email: String, _ username: String?) async throws {
        var account = try Sample.account(number, email: email)
        account.user.username = username
        try await work.add(account)
    }
}
