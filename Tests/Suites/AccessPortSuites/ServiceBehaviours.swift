import AccessApplication
import AccessContract
import AccessDomain
import Shared
import Testing

extension AccessWorkBehaviour {
    static let services = [
        AccessWorkBehaviour("a service is found as it was stored, with every route") { subject in
            let full = try Sample.service(1, "one", rules: try Sample.fullRules())
            let plain = try Sample.service(2, "3d_two-x")
            try await subject.work.write { context throws in
                for service in [full, plain] {
                    let isInserted = try context.services.insert(service)
                    #expect(isInserted)
                }
            }
            try await subject.work.read { context throws in
                #expect(try context.services.find(full.slug) == full)
                #expect(try context.services.find(plain.slug) == plain)
                #expect(try context.services.find(try Sample.slug("three")) == nil)
                #expect(try context.services.all() == [plain, full])
            }
        },
        AccessWorkBehaviour("a slug is taken once; the one that has it stays") { subject in
            let first = try Sample.service(1, "one")
            try await subject.work.write { context throws in
                let isFirst = try context.services.insert(first)
                let isSecond = try context.services.insert(try Sample.service(2, "one"))
                #expect(isFirst && !isSecond)
            }
            #expect(try await subject.work.read { try $0.services.all() } == [first])
        },
        AccessWorkBehaviour("an audience is taken by whichever service has it, but not for that one") { subject in
            let service = try Sample.service(1, "one")
            try await subject.work.write { context throws in
                _ = try context.services.insert(service)
                #expect(try context.services.isAudienceTaken("one", except: ServiceID(Sample.id(2))))
                #expect(try !context.services.isAudienceTaken("one", except: service.id))
                #expect(try !context.services.isAudienceTaken("two", except: ServiceID(Sample.id(2))))
            }
        },
        AccessWorkBehaviour("a service takes other rules, is switched off, and removed") { subject in
            let service = try Sample.service(1, "one")
            try await subject.work.write { _ = try $0.services.insert(service) }
            var changed = service.with(try Sample.fullRules(), at: Sample.now + .seconds(1))
            changed = changed.with(isActive: false, at: changed.updatedAt)
            let next = changed
            try await subject.work.write { context throws in
                #expect(try context.services.lock(next.slug) == service)
                try context.services.update(next)
            }
            #expect(try await subject.work.read { try $0.services.find(next.slug) } == next)
            try await subject.work.write { try $0.services.delete(next.id) }
            #expect(try await subject.work.read { try $0.services.all() } == [])
        },
    ]
}
