import Commands
import HTTP
import JSON
import Shared

struct RoutesCommand: Command {
    let name = "routes"
    let summary = "List the routes of the main listener."
    let details = "APP_ENV decides whether the surfaces of development are among them."
    let printsData = true

    func run(_ invocation: Invocation) async throws -> ExitCode {
        let routes = try await TemporaryInstallation.describe { $0.routes }
        if invocation.wantsJSON {
            let rows = routes.map { route -> JSONValue in
                [
                    "method": .string(route.method.rawValue), "path": .string(route.path.description),
                    "summary": .string(route.operation.summary),
                ]
            }
            Console.write(String(decoding: JSONValue.array(rows).serialized, as: UTF8.self))
        } else {
            let width = routes.map(\.path.description.count).max() ?? 0
            for route in routes {
                let method = padded(route.method.rawValue, to: 6)
                Console.write("\(method) \(padded(route.path.description, to: width))  \(route.operation.summary)")
            }
        }
        return .success
    }

    private func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}

struct OpenAPICommand: Command {
    let name = "openapi"
    let summary = "Print the OpenAPI document of the main listener, as /openapi.json serves it."

    func run(_: Invocation) async throws -> ExitCode {
        let document = try await TemporaryInstallation.describe { $0.document }
        Console.write(String(decoding: document.json.serialized, as: UTF8.self))
        return .success
    }
}
