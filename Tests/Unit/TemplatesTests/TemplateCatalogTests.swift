import Shared
import Templates
import Testing

@Suite("The catalog of templates")
struct TemplateCatalogTests {
    private let catalog = TemplateCatalog(appName: "Gate") { path in
        ["page.mustache": "<ul>{{> row}}</ul>", "row.mustache": "{{#rows}}<li>{{name}}</li>{{/rows}}\n"][path]
    }

    @Test("a template includes the partials that it is given by their paths")
    func partials() throws {
        let values: TemplateValues = ["rows": .list([["name": "a"], ["name": "<b>"]])]
        let html = try catalog.render("page.mustache", format: .html, partials: ["row": "row.mustache"], values)
        #expect(html == "<ul><li>a</li><li>&lt;b&gt;</li></ul>")
    }

    @Test("a partial that is not there is a failure that names it")
    func missingPartial() {
        let failure = #expect(throws: InternalFailure.self) {
            try catalog.render("page.mustache", format: .html, partials: ["row": "gone.mustache"], [:])
        }
        #expect(failure.map { "\($0)".contains("gone.mustache") } == true)
    }
}
