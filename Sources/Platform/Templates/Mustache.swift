internal import CMustache
import Synchronization

/// A template as the library has read it. Reading costs several times what rendering does, so it is done once.
final class Mustache: Sendable {
    /// Under a lock, because the library does not say that two threads may render at once.
    private let parsed: Mutex<Parsed>

    /// - Parameter escape: whether values become safe in HTML.
    init(_ source: String, escape: Bool) throws(Failure) {
        parsed = Mutex(try Parsed(source, escape: escape))
    }

    func render(_ values: TemplateValues) throws(Failure) -> String {
        try parsed.withLock { parsed throws(Failure) in try parsed.render(values) }
    }

    struct Failure: Error {
        let reason: TemplateError.Reason
    }

    fileprivate static func text(of result: cmustache_result) throws(Failure) -> String {
        defer { cmustache_text_free(result.text) }
        let text = String(decoding: UnsafeRawBufferPointer(start: result.text, count: result.length), as: UTF8.self)
        switch result.status {
        case CMUSTACHE_RENDERED: return text
        case CMUSTACHE_MALFORMED: throw Failure(reason: .malformed(text))
        case CMUSTACHE_MISSING: throw Failure(reason: .missing(text))
        default: throw Failure(reason: .outOfMemory)
        }
    }
}

/// The library's memory of a template.
private struct Parsed: ~Copyable {
    private let handle: OpaquePointer

    init(_ source: String, escape: Bool) throws(Mustache.Failure) {
        var handle: OpaquePointer?
        let result = withBytes(source) { cmustache_template_new($0, $1, escape, &handle) }
        _ = try Mustache.text(of: result)
        guard let handle else { throw Mustache.Failure(reason: .outOfMemory) }
        self.handle = handle
    }

    deinit { cmustache_template_free(handle) }

    func render(_ values: TemplateValues) throws(Mustache.Failure) -> String {
        let tree = try MustacheValues()
        guard tree.put(values) else { throw Mustache.Failure(reason: .outOfMemory) }
        return try Mustache.text(of: cmustache_render(handle, tree.handle))
    }
}

/// Values as the library takes them.
private struct MustacheValues: ~Copyable {
    let handle: OpaquePointer

    /// An empty object.
    init() throws(Mustache.Failure) {
        guard let handle = cmustache_values_new() else { throw Mustache.Failure(reason: .outOfMemory) }
        self.handle = handle
    }

    deinit { cmustache_values_free(handle) }

    /// False if memory is out.
    func put(_ values: TemplateValues) -> Bool {
        values.members.allSatisfy { name, value in withBytes(name) { put(value, $0, $1) } }
    }

    private func put(_ value: TemplateValues.Value, _ name: UnsafePointer<CChar>?, _ nameLength: Int) -> Bool {
        switch value {
        case .text(let text): withBytes(text) { cmustache_put_text(handle, name, nameLength, $0, $1) }
        case .flag(let flag): cmustache_put_flag(handle, name, nameLength, flag)
        case .nested(let values):
            cmustache_open_object(handle, name, nameLength) && put(values) && cmustache_close(handle)
        case .list(let items):
            cmustache_open_list(handle, name, nameLength)
                && items.allSatisfy { item in
                    cmustache_open_object(handle, nil, 0) && put(item) && cmustache_close(handle)
                } && cmustache_close(handle)
        }
    }
}

private func withBytes<Result>(_ text: String, _ body: (UnsafePointer<CChar>?, Int) -> Result) -> Result {
    var text = text
    return text.withUTF8 { bytes in
        bytes.withMemoryRebound(to: CChar.self) { body($0.baseAddress, $0.count) }
    }
}
