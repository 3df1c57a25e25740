import Templates
import Testing

@Suite("A template")
struct TemplateTests {
    private func render(
        _ source: String, _ values: TemplateValues = [:], as format: TemplateFormat = .html,
        partials: [String: String] = [:]
    ) throws(TemplateError) -> String {
        try Template(source, name: "test", format: format, partials: partials).render(values)
    }

    @Test("prints texts, sections, lists and nested values")
    func values() throws {
        let source =
            "{{name}}: {{#on}}yes{{/on}}{{^on}}no{{/on}} {{#items}}[{{id}} of {{name}}]{{/items}} {{user.city}}"
        let values: TemplateValues = [
            "name": "Gapura", "on": true, "items": .list([["id": "1"], ["id": "2"]]),
            "user": .nested(["city": "Solo"]),
        ]
        #expect(try render(source, values) == "Gapura: yes [1 of Gapura][2 of Gapura] Solo")
    }

    @Test("escapes a value in HTML, so that it is neither an element nor the end of an attribute")
    func escapesHTML() throws {
        let rendered = try render("<a title=\"{{x}}\">{{x}}</a>", ["x": "<b>\"'&"])
        #expect(rendered == "<a title=\"&lt;b&gt;&quot;&apos;&amp;\">&lt;b&gt;&quot;&apos;&amp;</a>")
    }

    @Test("leaves a value as it is in text")
    func leavesText() throws {
        #expect(try render("{{x}}", ["x": "<b>\"'& {{y}}"], as: .text) == "<b>\"'& {{y}}")
    }

    @Test("keeps every byte of a value, U+0000 and what lies outside ASCII included")
    func keepsBytes() throws {
        #expect(try render("ä{{x}}ö", ["x": "a\u{0}é\u{1F642}"], as: .text) == "äa\u{0}é\u{1F642}ö")
    }

    @Test("names every value that is missing")
    func missingValues() throws {
        let template = try Template("{{a}} {{b}} {{#c}}{{d}}{{/c}} {{^e}}{{/e}} {{f.g}}", name: "mail")
        #expect(throws: TemplateError(template: "mail", reason: .missing("b, c, e, f.g"))) {
            try template.render(["a": "1", "f": .nested([:])])
        }
    }

    @Test("does not need the values of a section that is not rendered")
    func skippedSection() throws {
        #expect(try render("{{#a}}{{b}}{{/a}}.", ["a": false]) == ".")
        #expect(try render("{{#a}}{{b}}{{/a}}.", ["a": .list([])]) == ".")
    }

    @Test("takes an empty text for false as a section, and prints nothing for it")
    func emptyText() throws {
        #expect(try render("({{a}}){{#a}}yes{{/a}}{{^a}}no{{/a}}", ["a": ""]) == "()no")
    }

    @Test("leaves out the line of a section tag that stands alone")
    func standaloneLines() throws {
        #expect(try render("one\n{{#a}}\ntwo\n{{/a}}\nthree\n", ["a": true], as: .text) == "one\ntwo\nthree\n")
    }

    @Test(
        "refuses what is not well-formed",
        arguments: ["{{", "{{a", "{{#a}}", "{{/a}}", "{{#a}}{{/b}}", "{{#a}}{{#b}}{{/a}}{{/b}}"])
    func malformed(source: String) {
        do {
            _ = try Template(source, name: "bad")
            Issue.record("was read")
        } catch {
            guard case .malformed(let detail) = error.reason else {
                Issue.record("\(error)")
                return
            }
            #expect(!detail.isEmpty)
        }
    }

    @Test(
        "refuses tags that would print a value without escaping",
        arguments: [
            "{{{a}}}", "{{&a}}", "{{ & a}}", "{{ {a} }}", "{{=<% %>=}}<%{a}%>", "{{\n= | | =}}", "{{{\u{301}a}}}",
        ])
    func forbiddenTags(source: String) throws {
        do {
            _ = try Template(source, name: "bad")
            Issue.record("was read")
        } catch {
            guard case .forbiddenTag = error.reason else {
                Issue.record("\(error)")
                return
            }
        }
        // A partial is no way around it.
        #expect(throws: TemplateError.self) { try Template("{{> p}}", name: "bad", partials: ["p": source]) }
    }

    @Test("puts partials in, which see the same values")
    func partials() throws {
        let partials = ["content": "<p>{{x}}</p>{{> foot}}\n", "foot": "<i>{{y}}</i>\n"]
        let rendered = try render("<main>{{> content}}</main>\n", ["x": "<", "y": "&"], partials: partials)
        #expect(rendered == "<main><p>&lt;</p><i>&amp;</i></main>\n")
    }

    @Test("refuses a partial that is not there, and partials without end")
    func badPartials() {
        #expect(throws: TemplateError(template: "t", reason: .unknownPartial("nav"))) {
            try Template("{{> nav }}", name: "t")
        }
        #expect(throws: TemplateError(template: "t", reason: .nestedTooDeeply)) {
            try Template("{{> a}}", name: "t", partials: ["a": "{{> b}}", "b": "{{> a}}"])
        }
    }

    @Test("can be rendered by many tasks at once")
    func concurrentRendering() async throws {
        let template = try Template("{{#items}}{{n}},{{/items}}", name: "t")
        let rendered = await withTaskGroup(of: (Int, String?).self) { group in
            for number in 0..<50 {
                group.addTask {
                    let items = (0..<number).map { TemplateValues(["n": .text(String($0))]) }
                    return (number, try? template.render(["items": .list(items)]))
                }
            }
            var all: [Int: String] = [:]
            for await (number, text) in group { all[number] = text }
            return all
        }
        for number in 0..<50 {
            #expect(rendered[number] == (0..<number).map { "\($0)," }.joined())
        }
    }
}
