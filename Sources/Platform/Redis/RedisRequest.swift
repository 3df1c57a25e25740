/// Commands that were given to the client together.
struct RedisRequest: Sendable {
    /// One command, or several one after the other.
    let bytes: [UInt8]
    /// How many answers will come, 1 or more.
    let answers: Int
    /// From when it was given to the client.
    let timeout: Duration
    /// Called on the client's thread.
    let completion: @Sendable (Result<[RedisValue], RedisFailure>) -> Void
}

/// First in, first out, in memory that is used again.
struct Queue<Element> {
    private var elements: [Element?] = []
    private var start = 0

    var count: Int { elements.count - start }
    var isEmpty: Bool { count == 0 }
    var first: Element? { isEmpty ? nil : elements[start] }

    mutating func append(_ element: Element) {
        if start > 64, start > elements.count / 2 {
            elements.removeFirst(start)
            start = 0
        }
        elements.append(element)
    }

    mutating func popFirst() -> Element? {
        guard !isEmpty else { return nil }
        let element = elements[start]
        elements[start] = nil
        start += 1
        if start == elements.count {
            elements.removeAll(keepingCapacity: true)
            start = 0
        }
        return element
    }

    /// Puts what was just taken back to the front.
    mutating func prepend(_ element: Element) {
        if start == 0 {
            elements.insert(element, at: 0)
        } else {
            start -= 1
            elements[start] = element
        }
    }

    mutating func takeAll() -> [Element] {
        defer {
            elements = []
            start = 0
        }
        return elements[start...].compactMap(\.self)
    }

    var all: some Sequence<Element> { elements[start...].lazy.compactMap(\.self) }
}
