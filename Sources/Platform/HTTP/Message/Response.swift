/// An answer, complete before it is sent.
package struct Response: Sendable {
    /// A field of the answer. Names are constants of the code, so only values can be wrong.
    package struct Field: Sendable {
        package let name: String
        package let value: String

        /// Control characters in the value become spaces, so that no value can start a new line.
        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = Self.isClean(value) ? value : Self.cleaned(value)
        }

        private static func isClean(_ value: String) -> Bool {
            func isClean(_ bytes: some Sequence<UInt8>) -> Bool {
                var controls: UInt8 = 0
                // Without a branch and in one byte, so that sixteen are looked at at once.
                for byte in bytes { controls |= (byte < 0x20 ? 1 : 0) | (byte == 0x7F ? 1 : 0) }
                return controls == 0
            }
            return value.utf8.withContiguousStorageIfAvailable { isClean($0) } ?? isClean(value.utf8)
        }

        private static func cleaned(_ value: String) -> String {
            String(decoding: value.utf8.map { $0 < 0x20 || $0 == 0x7F ? 0x20 : $0 }, as: UTF8.self)
        }
    }

    package var status: Int
    package private(set) var headers: [Field]
    package var body: [UInt8]

    package init(status: Int, headers: [(String, String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = []
        self.body = body
        // So many are always added on the way out, or one or two more.
        self.headers.reserveCapacity(headers.count + 8)
        for (name, value) in headers { add(name, value) }
    }

    /// The first field of this name, without regard to case.
    package subscript(_ name: String) -> String? {
        headers.first { Self.isSame($0.name, name) }?.value
    }

    /// Adds a field beside those of the same name.
    package mutating func add(_ name: String, _ value: String) {
        headers.append(Field(name, value))
    }

    /// Adds a field unless there is one of its name.
    package mutating func addUnlessPresent(_ field: Field) {
        if !headers.contains(where: { Self.isSame($0.name, field.name) }) { headers.append(field) }
    }

    /// Adds fields that were made before.
    package mutating func add(_ fields: [Field]) {
        headers.append(contentsOf: fields)
    }

    /// Replaces every field of this name.
    package mutating func set(_ name: String, _ value: String) {
        headers.removeAll { Self.isSame($0.name, name) }
        add(name, value)
    }

    private static func isSame(_ left: String, _ right: String) -> Bool {
        left.utf8.count == right.utf8.count && (left == right || left.lowercased() == right.lowercased())
    }
}
