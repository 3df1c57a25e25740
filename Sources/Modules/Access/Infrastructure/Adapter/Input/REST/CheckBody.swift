import AccessApplication
import AccessContract
import AccessDomain
import HTTP
import Shared

/// The body of `POST /access/check`.
struct CheckBody: Input {
    let question: QuestionBody
    let cost: Int?
    let isDryRun: Bool
    /// The service's name of the request, by which it is counted once.
    let request: String?

    init(_ fields: inout Fields) {
        question = QuestionBody(&fields)
        cost = fields.optional("cost", .integer(RouteRule.costs))
        isDryRun = fields.optional("dry_run", .flag) ?? false
        request = fields.optional("request", .requestID)
    }

    init(question: QuestionBody, cost: Int?, isDryRun: Bool, request: String?) {
        self.question = question
        self.cost = cost
        self.isDryRun = isDryRun
        self.request = request
    }

    func name(by key: APIKeyID) -> AccessQuestion.GatewayName? {
        request.map { AccessQuestion.GatewayName(gateway: .key(key), requestID: $0) }
    }
}

/// Reads the body of a check in one pass, without a tree. It takes what services send all day: known members once each,
/// ASCII text without escapes, no null. For everything else, right or wrong, it returns nil, and the ordinary reader has
/// the last word and tells what is wrong. What both take they read alike.
struct CheckScanner {
    private let bytes: [UInt8]
    private var position = 0
    private var seen: UInt16 = 0

    private var service: String?
    private var credential: String?
    private var anonymous: VisitorBody?
    private var method: String?
    private var path: String?
    private var permission: Permission?
    private var cost: Int?
    private var isDryRun = false
    private var request: String?

    static func scan(_ bytes: [UInt8]) -> CheckBody? {
        var scanner = CheckScanner(bytes)
        return scanner.body()
    }

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    private mutating func body() -> CheckBody? {
        skipSpace()
        guard take(UInt8(ascii: "{")) else { return nil }
        repeat {
            guard member() else { return nil }
            skipSpace()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { return nil }
        skipSpace()
        guard position == bytes.count, credential != nil || anonymous != nil, let service = service.take() else {
            return nil
        }
        return CheckBody(
            question: QuestionBody(
                service: service, credential: credential.take(), anonymous: anonymous.take(), method: method.take(),
                path: path.take(), permission: permission.take()),
            cost: cost, isDryRun: isDryRun, request: request.take())
    }

    private mutating func member() -> Bool {
        guard let name = key() else { return false }
        if isName(name, "service"), isNew(0) {
            service = text(max: ServiceSlug.lengths.upperBound)
            return service != nil
        }
        if isName(name, "credential"), isNew(1) {
            credential = text(max: QuestionBody.credentialMax)
            return credential != nil
        }
        if isName(name, "method"), isNew(2) {
            method = text(max: 32)
            return method != nil
        }
        if isName(name, "path"), isNew(3) {
            path = text(max: RequestPath.bytesMax * 4)
            return path != nil
        }
        if isName(name, "permission"), isNew(4) {
            permission = text(max: 191).flatMap { Permission($0) }
            return permission != nil
        }
        if isName(name, "cost"), isNew(5) {
            cost = number()
            return cost != nil
        }
        if isName(name, "dry_run"), isNew(6) {
            guard let flag = flag() else { return false }
            isDryRun = flag
            return true
        }
        if isName(name, "request"), isNew(10) {
            request = text(max: GatewayRequest.idLengths.upperBound).flatMap { GatewayRequest.isID($0) ? $0 : nil }
            return request != nil
        }
        if isName(name, "anonymous"), isNew(7) {
            anonymous = visitor()
            return anonymous != nil
        }
        return false
    }

    private mutating func visitor() -> VisitorBody? {
        guard take(UInt8(ascii: "{")) else { return nil }
        var address: NetworkAddress?
        var device: String?
        repeat {
            guard let name = key() else { return nil }
            if isName(name, "address"), isNew(8) {
                address = text(max: 45).flatMap { NetworkAddress(text: $0) }
                guard address != nil else { return nil }
            } else if isName(name, "device"), isNew(9) {
                device = text(max: VisitorBody.deviceMax)
                guard device != nil else { return nil }
            } else {
                return nil
            }
            skipSpace()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")), let address else { return nil }
        return VisitorBody(address: address, device: device)
    }

    /// A member's name, up to its value.
    private mutating func key() -> Range<Int>? {
        skipSpace()
        guard let range = string(max: 16) else { return nil }
        skipSpace()
        guard take(UInt8(ascii: ":")) else { return nil }
        skipSpace()
        return range
    }

    private mutating func text(max: Int) -> String? {
        guard let range = string(max: max), !range.isEmpty else { return nil }
        return String(decoding: bytes[range], as: UTF8.self)
    }

    /// The bytes of a string without escapes, control characters (DEL too) and anything beyond ASCII.
    private mutating func string(max: Int) -> Range<Int>? {
        guard take(UInt8(ascii: "\"")) else { return nil }
        let start = position
        let end = Swift.min(bytes.count, start + max + 1)
        position = Self.plainEnd(bytes.span, from: start, upTo: end)
        while position < end {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                position += 1
                return start..<position - 1
            }
            guard byte >= 0x20, byte < 0x7F, byte != UInt8(ascii: "\\") else { return nil }
            position += 1
        }
        return nil
    }

    /// Behind as many blocks of plain text as there are.
    private static func plainEnd(_ bytes: Span<UInt8>, from start: Int, upTo end: Int) -> Int {
        var index = start
        while index + blockLength <= end, isPlain(bytes.extracting(index..<index + blockLength)) {
            index += blockLength
        }
        return index
    }

    private static let blockLength = 32

    /// Whether no byte is a quote, a backslash, a control character, DEL or beyond ASCII. Without a branch and in one
    /// byte, so that sixteen are looked at at once.
    private static func isPlain(_ block: Span<UInt8>) -> Bool {
        var others: UInt8 = 0
        for index in block.indices {
            let byte = block[index]
            others |= (byte < 0x20 ? 1 : 0) | (byte >= 0x7F ? 1 : 0)
            others |= (byte == UInt8(ascii: "\"") ? 1 : 0) | (byte == UInt8(ascii: "\\") ? 1 : 0)
        }
        return others == 0
    }

    private mutating func number() -> Int? {
        let start = position
        var value = 0
        while position < bytes.count, position - start < 8, (0x30...0x39).contains(bytes[position]) {
            value = value * 10 + Int(bytes[position] - 0x30)
            position += 1
        }
        let count = position - start
        guard count > 0, count == 1 || bytes[start] != 0x30, RouteRule.costs.contains(value) else { return nil }
        return value
    }

    private mutating func flag() -> Bool? {
        if takeWord("true") { return true }
        return takeWord("false") ? false : nil
    }

    private mutating func takeWord(_ word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard position + count <= bytes.count, isName(position..<position + count, word) else { return false }
        position += count
        return true
    }

    private func isName(_ range: Range<Int>, _ name: StaticString) -> Bool {
        guard range.count == name.utf8CodeUnitCount else { return false }
        return name.withUTF8Buffer { buffer in
            for index in 0..<buffer.count where bytes[range.lowerBound + index] != buffer[index] { return false }
            return true
        }
    }

    /// - Returns: false for a member that stands twice.
    private mutating func isNew(_ number: UInt16) -> Bool {
        let bit = UInt16(1) << number
        defer { seen |= bit }
        return seen & bit == 0
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }
}
