import AccountsApplication
import AccountsContract
import AccountsDomain
import Shared
import TestSupport
import Testing

extension AccountsWorkBehaviour {
    static let signIn = [
        AccountsWorkBehaviour("a code comes back as it was stored and as it was updated") { subject in
            try await subject.work.add(try Sample.account(1))
            var code = Sample.code(1, of: 1)
            let stored = code
            try await subject.work.write { try $0.signInCodes.insert(stored) }
            #expect(try await subject.work.read { try $0.signInCodes.find(stored.id) } == stored)
            code.attempts = 3
            code.ownerAttempts = 4
            code.usedAt = Sample.now + .seconds(1)
            let updated = code
            try await subject.work.write { try $0.signInCodes.update(updated) }
            #expect(try await subject.work.read { try $0.signInCodes.find(updated.id) } == updated)
            #expect(try await subject.work.read { try $0.signInCodes.find(Sample.codeID(2)) } == nil)
        },
        AccountsWorkBehaviour("a code needs its user") { subject async throws in
            await subject.expectViolation {
                try await subject.work.write { try $0.signInCodes.insert(Sample.code(1, of: 1)) }
            }
        },
        AccountsWorkBehaviour("the latest code is the user's newest, used or not") { subject in
            try await subject.work.add(try Sample.account(1), try Sample.account(2))
            let later = Sample.now + .seconds(60)
            var newest = Sample.code(1, of: 1, createdAt: later)
            newest.usedAt = later
            let codes = [Sample.code(5, of: 1), newest, Sample.code(6, of: 2, createdAt: later + .seconds(1))]
            try await subject.work.write { context in
                for code in codes { try context.signInCodes.insert(code) }
            }
            #expect(
                try await subject.work.read { try $0.signInCodes.latest(of: Sample.userID(1), at: later) } == codes[1])
            #expect(try await subject.work.read { try $0.signInCodes.latest(of: Sample.userID(3), at: later) } == nil)
        },
        AccountsWorkBehaviour("a code that a clock made which was ahead does not stand before the others, nor counts") {
            subject in
            try await subject.work.add(try Sample.account(1))
            var ahead = Sample.code(1, of: 1, createdAt: Sample.now + .seconds(86_400))
            ahead.attempts = 5
            let codes = [ahead, Sample.code(2, of: 1)]
            try await subject.work.write { context in
                for code in codes { try context.signInCodes.insert(code) }
            }
            let (latest, guesses) = try await subject.work.read { context in
                (
                    try context.signInCodes.latest(of: Sample.userID(1), at: Sample.now),
                    try context.signInCodes.attempts(
                        of: Sample.userID(1), by: .stranger, since: Sample.now - .seconds(86_400), at: Sample.now)
                )
            }
            #expect(latest == codes[1] && guesses == 0)
        },
        AccountsWorkBehaviour("an address is quiet until its moment, in any case of letters, or until it is removed") {
            subject in
            let address = try #require(EmailAddress("Ana@example.com"))
            let same = try #require(EmailAddress("ana@EXAMPLE.com"))
            let end = Sample.now + .seconds(60)
            func isQuiet(at moment: Timestamp) async throws -> Bool {
                try await subject.work.read { try $0.quietAddresses.isQuiet(same, at: moment) }
            }
            #expect(try await !isQuiet(at: Sample.now))
            try await subject.work.write { try $0.quietAddresses.add(address, until: Sample.now + .seconds(1)) }
            try await subject.work.write { try $0.quietAddresses.add(same, until: end) }
            #expect(try await isQuiet(at: end - .milliseconds(1)))
            #expect(try await !isQuiet(at: end))
            try await subject.work.write { _ = try $0.removeExpired(at: end, limit: 10) }
            #expect(try await isQuiet(at: Sample.now))
            try await subject.work.write { _ = try $0.removeExpired(at: end + .milliseconds(1), limit: 10) }
            #expect(try await !isQuiet(at: Sample.now))
            try await subject.work.write { try $0.quietAddresses.add(address, until: end) }
            try await subject.work.write { try $0.quietAddresses.remove(same) }
            #expect(try await !isQuiet(at: Sample.now))
        },
        AccountsWorkBehaviour("cancelling takes the user's open codes, and leaves used ones and others' alone") {
            subject in
            try await subject.work.add(try Sample.account(1), try Sample.account(2))
            var used = Sample.code(1, of: 1)
            used.usedAt = Sample.now
            let codes = [used, Sample.code(2, of: 1), Sample.code(3, of: 2)]
            let later = Sample.now + .seconds(1)
            try await subject.work.write { context in
                for code in codes { try context.signInCodes.insert(code) }
                try context.signInCodes.cancelAll(of: Sample.userID(1), at: later)
            }
            let found = try await subject.work.read { context in
                try codes.map { try context.signInCodes.find($0.id)?.usedAt }
            }
            #expect(found == [Sample.now, later, nil])
        },
        AccountsWorkBehaviour("guesses of a kind are added up over the user's codes from a moment on") { subject in
            try await subject.work.add(try Sample.account(1), try Sample.account(2))
            let numbers: [(UInt64, UInt64, Duration, Int)] = [
                (1, 1, .zero, 5), (2, 1, .seconds(60), 3), (3, 1, .milliseconds(-1), 4), (4, 2, .zero, 2),
            ]
            try await subject.work.write { context in
                for (number, user, age, attempts) in numbers {
                    var code = Sample.code(number, of: user, createdAt: Sample.now + age)
                    code.attempts = attempts
                    code.ownerAttempts = 10 * attempts
                    try context.signInCodes.insert(code)
                }
            }
            func count(_ user: UInt64, _ guesser: SignInCode.Guesser) async throws -> Int {
                try await subject.work.read {
                    try $0.signInCodes.attempts(
                        of: Sample.userID(user), by: guesser, since: Sample.now, at: Sample.now + .seconds(60))
                }
            }
            #expect(try await count(1, .stranger) == 8)
            #expect(try await count(1, .owner) == 80)
            #expect(try await count(3, .stranger) == 0)
        },
        AccountsWorkBehaviour("failures are kept by their key, saved again and removed") { subject in
            var failures = Sample.failures("account:ana@example.com", count: 1)
            for (count, lockedUntil) in [(1, nil), (10, Sample.now + .seconds(900)), (1, nil)] as [(Int, Timestamp?)] {
                failures.count = count
                failures.lockedUntil = lockedUntil
                failures.lastFailure = Sample.now + .seconds(count)
                failures.pending = count - 1
                failures.lastBeginning = count == 1 ? nil : Sample.now + .seconds(2 * count)
                let saved = failures
                try await subject.work.write { try $0.signInFailures.save(saved) }
                #expect(try await subject.work.read { try $0.signInFailures.find(saved.key) } == saved)
            }
            #expect(try await subject.work.read { try $0.signInFailures.find("account:ana") } == nil)
            for _ in 1...2 {
                try await subject.work.write { try $0.signInFailures.remove("account:ana@example.com") }
                #expect(
                    try await subject.work.read { try $0.signInFailures.find("account:ana@example.com") } == nil)
            }
        },
        AccountsWorkBehaviour("failures are removed by the beginning of their key, wherein no character is special") {
            subject in
            let keys = [
                "device:a_b%@x:1", "device:a_b%@x:2", "device:acb%@x:1", "device:a_bc@x:1", "d", "\u{FC}\u{FC}:1",
            ]
            try await subject.work.write { context in
                for key in keys { try context.signInFailures.save(Sample.failures(key, count: 1)) }
                try context.signInFailures.removeAll(keysBeginningWith: "device:a_b%@x:")
                try context.signInFailures.removeAll(keysBeginningWith: "\u{FC}\u{FC}:")
            }
            let kept = try await subject.work.read { context in
                try keys.filter { try context.signInFailures.find($0) != nil }
            }
            #expect(kept == ["device:acb%@x:1", "device:a_bc@x:1", "d"])
        },
        AccountsWorkBehaviour("deleting an account takes its codes along") { subject in
            try await subject.work.add(try Sample.account(1), try Sample.account(2))
            try await subject.work.write { context in
                for number in 1...2 as ClosedRange<UInt64> {
                    try context.signInCodes.insert(Sample.code(number, of: number))
                }
                try context.users.delete(Sample.userID(1))
            }
            #expect(try await subject.work.read { try $0.signInCodes.find(Sample.codeID(1)) } == nil)
            #expect(try await subject.work.read { try $0.signInCodes.find(Sample.codeID(2)) } != nil)
        },
    ]
}

extension Sample {
    static func codeID(_ number: UInt64) -> SignInCodeID {
        SignInCodeID(SequentialIdentifiers.identifier(4_000 + number))
    }

    static func code(_ number: UInt64, of user: UInt64, createdAt: Timestamp = now) -> SignInCode {
        SignInCode(
            id: codeID(number), userID: userID(user), address: EmailAddress("User@example.com")!,
            createdAt: createdAt, expiresAt: createdAt + SignInCode.lifetime)
    }

    static func failures(_ key: String, count: Int, lastFailure: Timestamp = now) -> SignInFailures {
        SignInFailures(key: key, windowStart: now, count: count, lastFailure: lastFailure)
    }
}
