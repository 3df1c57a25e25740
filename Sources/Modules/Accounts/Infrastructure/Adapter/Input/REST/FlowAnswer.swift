import AccountsApplication
import HTTP
import JSON
import Shared

/// The answer to a callback as it is kept for whoever brings the same flow again: the same answer with the same cookies.
enum FlowAnswer {
    static func bytes(_ response: Response) -> [UInt8] {
        let headers = response.headers.map { JSONValue.array([.string($0.name), .string($0.value)]) }
        return JSONValue.object([
            "status": .integer(Int64(response.status)), "headers": .array(headers),
        ]).serialized
    }

    static func bytes(_ problem: Problem) -> [UInt8] {
        let headers = problem.headers.map { JSONValue.array([.string($0.0), .string($0.1)]) }
        return JSONValue.object([
            "status": .integer(Int64(problem.kind.status)), "code": .string(problem.kind.code),
            "title": .string(problem.kind.title), "detail": .string(problem.detail), "headers": .array(headers),
        ]).serialized
    }

    /// - Throws: the problem, if it was one; `InternalFailure` for what was not written here.
    static func response(_ bytes: [UInt8]) throws -> Response {
        guard case .object(let object)? = try? JSONValue(parsing: bytes), case .integer(let status)? = object["status"],
            case .array(let fields)? = object["headers"]
        else { throw InternalFailure("a flow's answer is damaged") }
        let headers: [(String, String)] = fields.compactMap { field in
            guard case .array(let pair) = field, pair.count == 2, let name = pair[0].text, let value = pair[1].text
            else { return nil }
            return (name, value)
        }
        guard let code = object["code"]?.text else { return Response(status: Int(status), headers: headers) }
        let title = object["title"]?.text ?? ""
        throw Problem(
            ProblemKind(Int(status), code, title), object["detail"]?.text ?? title, headers: headers)
    }
}
