import Assets
import FoundationEssentials
import Testing

@Suite("The assets")
struct AssetsTests {
    /// The root of the repository: this file is three folders below.
    private var root: String {
        #filePath.split(separator: "/").dropLast(4).reduce(into: "") { $0 += "/\($1)" }
    }

    /// Every file that belongs into the program, by the rule of scripts/assets.
    private func treePaths() throws -> [String] {
        var paths: [String] = []
        for folder in ["passwords", "templates", "static", "Sources"] {
            for path in try FileManager.default.subpathsOfDirectory(atPath: "\(root)/\(folder)") {
                let name = path.split(separator: "/").last ?? ""
                var isFolder = false
                let exists = FileManager.default.fileExists(atPath: "\(root)/\(folder)/\(path)", isDirectory: &isFolder)
                guard exists, !isFolder, !name.hasPrefix("."), !name.hasSuffix("~") else { continue }
                let isMigration = path.contains("/Migrations/") && path.hasSuffix(".sql")
                if folder != "Sources" || isMigration { paths.append("\(folder)/\(path)") }
            }
        }
        return paths
    }

    @Test("are exactly the files of the tree: run scripts/assets if this fails")
    func tableMatchesTree() throws {
        let tree = Set(try treePaths())
        let table = Set(Assets.paths(under: ""))
        #expect(tree.subtracting(table).sorted() == [], "files that the program lacks")
        #expect(table.subtracting(tree).sorted() == [], "files that are not there any more")
    }

    @Test("have the content of the files")
    func contentMatchesTree() throws {
        for path in Assets.paths(under: "") {
            let content = try #require(FileManager.default.contents(atPath: "\(root)/\(path)"), "\(path)")
            #expect(Assets.bytes(path) == Array(content), "\(path)")
        }
    }

    @Test("are listed under a prefix, in order")
    func prefixes() {
        let pages = Assets.paths(under: "templates/pages/")
        #expect(pages.contains("templates/pages/layout.html.mustache"))
        #expect(pages.allSatisfy { $0.hasPrefix("templates/pages/") })
        #expect(pages == pages.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
        #expect(Assets.paths(under: "nothing/") == [])
    }

    @Test("are read as text, and a path that is none has nothing")
    func text() throws {
        #expect(try #require(Assets.text("static/gapura.css")).hasPrefix(":root {"))
        #expect(Assets.text("static/none.css") == nil)
        #expect(Assets.bytes("static/../static/gapura.css") == nil)
        #expect(Assets.bytes("") == nil)
    }
}
