import Testing

@Suite("The architecture")
struct ArchitectureTests {
    @Test("is kept by every file of the repository", arguments: Rule.all)
    func repository(rule: Rule) throws {
        let tree = try SourceTree.repository()
        #expect(tree.files.count > 50, "the repository was not found")
        for violation in rule.violations(tree) { Issue.record("\(violation)") }
    }

    @Test("is guarded by rules that find exactly what is planted in a bad tree", arguments: Rule.all)
    func badTree(rule: Rule) throws {
        let bad = try BadTree()
        let planted = bad.planted[rule.name, default: []]
        let found = rule.violations(bad.tree).map { "\($0.path):\($0.line)" }
        #expect(!planted.isEmpty)
        #expect(found.sorted() == planted.sorted())
    }

    @Test("has no two rules of one name, and nothing is planted for a rule that does not exist")
    func names() throws {
        let names = Rule.all.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(Set(try BadTree().planted.keys) == Set(names))
    }
}
