/// An answer as it came.
struct RawResponse: Sendable {
    let status: Int
    let headers: [(name: String, value: String)]
    let body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }

    subscript(_ name: String) -> String? { headers.first { $0.name.lowercased() == name.lowercased() }?.value }

    var closes: Bool { self["Connection"]?.lowercased() == "close" }

    /// - Returns: the answer and how many bytes it took; nil if it is not complete.
    static func parse(_ bytes: [UInt8], hasBody: Bool) throws -> (RawResponse, Int)? {
        guard let headEnd = endOfHead(bytes) else { return nil }
        let lines = String(decoding: bytes[..<(headEnd - 4)], as: UTF8.self).split(separator: "\r\n")
        let statusLine = lines.first?.split(separator: " ") ?? []
        guard statusLine.count >= 2, statusLine[0] == "HTTP/1.1", let status = Int(statusLine[1]) else {
            throw ClientFailure(description: "not an answer: \(lines.first ?? "")")
        }
        let headers = lines.dropFirst().map { line -> (name: String, value: String) in
            let colon = line.firstIndex(of: ":") ?? line.endIndex
            return (String(line[..<colon]), String(line[colon...].dropFirst().drop { $0 == " " }))
        }
        let head = RawResponse(status: status, headers: headers, body: [])
        let length = hasBody && status >= 200 ? head["Content-Length"].flatMap { Int($0) } ?? 0 : 0
        guard bytes.count >= headEnd + length else { return nil }
        let body = Array(bytes[headEnd..<(headEnd + length)])
        return (RawResponse(status: status, headers: headers, body: body), headEnd + length)
    }

    private static func endOfHead(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 4 else { return nil }
        for end in 4...bytes.count where bytes[(end - 4)..<end].elementsEqual([13, 10, 13, 10]) { return end }
        return nil
    }
}
