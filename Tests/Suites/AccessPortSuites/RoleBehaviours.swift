import AccessApplication
import AccessContract
import AccessDomain
import Shared
import Testing

extension AccessWorkBehaviour {
    static let roles = [
        AccessWorkBehaviour("admin and support are always there, with the rights that the program gives them") {
            subject in
            let roles = try await subject.work.read { try $0.roles.all() }
            #expect(roles == [BuiltInRole.admin, .support].compactMap(\.platformRole))
            let id = try #require(BuiltInRole.support.platformID)
            let support = try #require(try await subject.work.read { try $0.roles.find(id) })
            #expect(support.isBuiltIn && support.permissions == BuiltInRole.support.permissions)
        },
        AccessWorkBehaviour("a built-in role is assigned and locked as any other") { subject in
            let support = try #require(BuiltInRole.support.platformRole)
            let user = Sample.id(50)
            for _ in 0..<2 {
                try await subject.work.write { context throws in
                    #expect(try context.roles.lock(support.id) == support)
                    try context.roles.setRoles(of: user, to: [support.id], at: Sample.now)
                }
            }
            try await subject.work.read { context throws in
                #expect(try context.roles.roles(of: user) == [support])
                #expect(try context.roles.holderCount(support.id) == 1)
                #expect(try context.roles.all().count == 2)
            }
        },
        AccessWorkBehaviour("a role is found as it was stored, changed, and removed with its assignments") { subject in
            let role = Sample.role(1, "editor", "documents:read", "shop:*")
            let user = Sample.id(50)
            try await subject.work.write { context throws in
                let isInserted = try context.roles.insert(role)
                #expect(isInserted)
                try context.roles.setRoles(of: user, to: [role.id], at: Sample.now)
            }
            #expect(try await subject.work.read { try $0.roles.find(role.id) } == role)
            #expect(try await subject.work.read { try $0.roles.all().map(\.name) } == ["admin", "editor", "support"])
            var changed = role
            changed.name = "author"
            changed.permissions = .empty
            changed.updatedAt = Sample.now + .seconds(1)
            let next = changed
            try await subject.work.write { context throws in
                #expect(try context.roles.lock(role.id) == role)
                let isUpdated = try context.roles.update(next)
                #expect(isUpdated)
            }
            #expect(try await subject.work.read { try $0.roles.find(role.id) } == next)
            try await subject.work.write { try $0.roles.delete(role.id) }
            #expect(try await subject.work.read { try $0.roles.find(role.id) } == nil)
            #expect(try await subject.work.read { try $0.roles.roles(of: user) } == [])
        },
        AccessWorkBehaviour("a name is taken once on the platform and once in each tenant") { subject in
            try await subject.work.write { context throws in
                let results = [
                    try context.roles.insert(Sample.role(1, "editor")),
                    try context.roles.insert(Sample.role(2, "editor")),
                    try context.roles.insert(Sample.role(3, "editor", tenant: 90)),
                    try context.roles.insert(Sample.role(4, "editor", tenant: 91)),
                    try context.roles.insert(Sample.role(5, "editor", tenant: 90)),
                    try context.roles.insert(Sample.role(6, "author")),
                    try context.roles.update(Sample.role(6, "editor")),
                    try context.roles.update(Sample.role(6, "writer")),
                    try context.roles.insert(Sample.role(7, "support")),
                    try context.roles.update(Sample.role(6, "admin")),
                ]
                #expect(results == [true, false, true, true, false, true, false, true, false, false])
            }
            let names = try await subject.work.read { try $0.roles.all().map(\.name) }
            #expect(names == ["admin", "editor", "support", "writer"])
        },
        AccessWorkBehaviour("somebody has the roles that were set last, and roles know how many hold them") { subject in
            let (one, two, three) = (Sample.role(1, "one"), Sample.role(2, "two"), Sample.role(3, "three"))
            let (ana, budi) = (Sample.id(50), Sample.id(51))
            try await subject.work.write { context throws in
                for role in [one, two, three] { _ = try context.roles.insert(role) }
                try context.roles.setRoles(of: ana, to: [two.id, one.id], at: Sample.now)
                try context.roles.setRoles(of: budi, to: [one.id], at: Sample.now)
            }
            #expect(try await subject.work.read { try $0.roles.roles(of: ana) } == [one, two])
            #expect(
                try await subject.work.read { try $0.roles.assignments() } == [
                    RoleAssignment(userID: ana, role: one), RoleAssignment(userID: ana, role: two),
                    RoleAssignment(userID: budi, role: one),
                ])
            try await subject.work.write { context throws in
                #expect(try context.roles.lockRoles(of: ana) == [one, two])
                try context.roles.setRoles(of: ana, to: [one.id, three.id], at: Sample.now)
                #expect(try context.roles.roles(of: ana) == [one, three])
                #expect(try context.roles.holderCount(one.id) == 2)
                #expect(try context.roles.holderCount(two.id) == 0)
                try context.roles.setRoles(of: ana, to: [], at: Sample.now)
            }
            #expect(try await subject.work.read { try $0.roles.roles(of: ana) } == [])
            #expect(try await subject.work.read { try $0.roles.roles(of: budi) } == [one])
        },
        AccessWorkBehaviour("those are found that list exactly a permission, but for the built-in ones") { subject in
            let named = Sample.role(1, "named", "access:check:one", "a:b")
            let others = [
                Sample.role(2, "every", "access:check"), Sample.role(3, "other", "access:check:one2"),
                Sample.role(4, "all", "*:*"),
            ]
            let check = Permission.check(try Sample.slug("one"))
            try await subject.work.write { context throws in
                for role in [named] + others { _ = try context.roles.insert(role) }
                #expect(try context.roles.lockAll(granting: check) == [named])
            }
        },
    ]
}
