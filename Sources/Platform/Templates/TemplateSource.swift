/// The text of a template: its partials put in, and without the tags that Gapura's templates must not have.
///
/// It reads bytes, as the library does: by characters, a `{` with a combining mark behind it would go unseen.
struct TemplateSource {
    private static let depthMax = 8
    private static let tagStart = Array("{{".utf8)
    private static let tagEnd = Array("}}".utf8)

    let template: String
    let partials: [String: String]

    /// Puts the partials in (`{{> name}}`, without the line feed that ends a partial) and refuses tags that print a
    /// value without escaping (`{{{name}}}`, `{{& name}}`) or change the delimiters (`{{=<% %>=}}`), behind which
    /// the others could hide.
    func expanded(_ source: String) throws(TemplateError) -> String {
        String(decoding: try expanded(Array(source.utf8), depth: 0), as: UTF8.self)
    }

    private func expanded(_ source: [UInt8], depth: Int) throws(TemplateError) -> [UInt8] {
        guard depth <= Self.depthMax else { throw failure(.nestedTooDeeply) }
        var result: [UInt8] = []
        var rest = source[...]
        while let start = rest.firstRange(of: Self.tagStart) {
            result += rest[..<start.lowerBound]
            let content = rest[start.upperBound...]
            guard let end = content.firstRange(of: Self.tagEnd) else {
                throw failure(.malformed("a tag does not end: \(text(content.prefix(20)))"))
            }
            let tag = trimmed(content[..<end.lowerBound])
            switch tag.first {
            case UInt8(ascii: "{"), UInt8(ascii: "&"), UInt8(ascii: "="):
                throw failure(.forbiddenTag("{{\(text(tag.prefix(20)))}}"))
            case UInt8(ascii: ">"):
                result += try partial(text(trimmed(tag.dropFirst())), depth: depth)
            default:
                result += rest[start.lowerBound..<end.upperBound]
            }
            rest = content[end.upperBound...]
        }
        return result + rest
    }

    private func partial(_ name: String, depth: Int) throws(TemplateError) -> [UInt8] {
        guard let source = partials[name] else { throw failure(.unknownPartial(name)) }
        var expanded = try expanded(Array(source.utf8), depth: depth + 1)
        if expanded.last == UInt8(ascii: "\n") { expanded.removeLast() }
        return expanded
    }

    private func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let rest = bytes.drop(while: isSpace)
        return rest.prefix((rest.lastIndex { !isSpace($0) } ?? rest.startIndex - 1) - rest.startIndex + 1)
    }

    /// C's isspace, which the library trims by.
    private func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    private func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

    private func failure(_ reason: TemplateError.Reason) -> TemplateError {
        TemplateError(template: template, reason: reason)
    }
}
