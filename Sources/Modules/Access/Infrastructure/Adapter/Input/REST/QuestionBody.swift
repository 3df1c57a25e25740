import AccessApplication
import AccessDomain
import HTTP
import JSON
import Shared

/// Who wants to do what, as a service asks about it.
struct QuestionBody: Input {
    let service: String
    let credential: String?
    let anonymous: VisitorBody?
    let method: String?
    let path: String?
    let permission: Permission?

    static let credentialMax = 8_192

    init(_ fields: inout Fields) {
        service = fields.required("service", .text(ServiceSlug.lengths))
        credential = fields.optional("credential", .opaque(max: Self.credentialMax))
        anonymous = fields.optional("anonymous", .object)
        method = fields.optional("method", .text(1...32))
        path = fields.optional("path", .opaque(max: RequestPath.bytesMax * 4))
        permission = fields.optional("permission", .permission)
        fields.needsOne(of: "credential", "anonymous")
    }

    init(
        service: String, credential: String?, anonymous: VisitorBody?, method: String?, path: String?,
        permission: Permission?
    ) {
        self.service = service
        self.credential = credential
        self.anonymous = anonymous
        self.method = method
        self.path = path
        self.permission = permission
    }

    enum Reading {
        case question(AccessQuestion)
        /// The path or the method can be read in two ways.
        case ambiguous
    }

    /// - Parameter asker: where the service is: counts for those who say no address, for the audit log alone.
    /// - Throws: a problem 422 for fields that contradict each other.
    func question(
        devices: DeviceSignature, asker: NetworkAddress, cost: Int? = nil, isDryRun: Bool = false,
        name: AccessQuestion.GatewayName? = nil
    ) throws(Problem) -> Reading {
        let demand: AccessQuestion.Demand
        switch (method, path, permission) {
        case (nil, nil, nil): demand = .unknownPath
        case (nil, nil, let permission?): demand = .permission(permission)
        case (_, _, .some):
            throw .validation([FieldError("permission", "cannot be given beside a method and a path")])
        case (.some, nil, nil): throw .validation([FieldError("path", "is missing")])
        case (nil, .some, nil): throw .validation([FieldError("method", "is missing")])
        case (let method?, let path?, nil):
            guard let method = RequestMethod(name: method) else { return .ambiguous }
            do throws(RequestPath.Refusal) {
                demand = .request(method, try RequestPath(target: path))
            } catch {
                guard error == .tooLong else { return .ambiguous }
                let problem = "must have at most \(RequestPath.bytesMax) bytes before the query"
                throw .validation([FieldError("path", problem)])
            }
        }
        let visitor = AnonymousCaller(
            address: anonymous?.address ?? asker, device: anonymous?.device.flatMap { devices.device(in: $0) })
        return .question(
            AccessQuestion(
                credential: credential.map(AccessQuestion.Credential.init(text:)) ?? .none, visitor: visitor,
                service: service, demand: demand, cost: cost, isDryRun: isDryRun, gatewayRequest: name))
    }
}

extension AccessQuestion.Credential {
    /// A key is known by its marker; everything else is meant as an access token.
    package init(text: String) {
        self = APIKeyText.isMeant(text.utf8.span) ? .apiKey(text) : .accessToken(text)
    }
}

/// Somebody who is not signed in, or the device of somebody who is.
struct VisitorBody: Input, Equatable {
    let address: NetworkAddress
    /// The value of the device's cookie; one that is not signed by us counts as none.
    let device: String?

    static let deviceMax = 200

    init(_ fields: inout Fields) {
        address = fields.required("address", .networkAddress)
        device = fields.optional("device", .opaque(max: Self.deviceMax))
    }

    init(address: NetworkAddress, device: String?) {
        self.address = address
        self.device = device
    }
}

extension FieldType where Value == NetworkAddress {
    static var networkAddress: FieldType {
        let schema: @Sendable () -> JSONObject = {
            [
                "type": "string", "maxLength": 45, "pattern": .string(networkAddressPattern),
                "examples": ["203.0.113.7"],
            ]
        }
        return FieldType(schema: schema(), placeholder: .loopback) { value in
            value.text.flatMap { NetworkAddress(text: $0) }.map { .success($0) } ?? .failure("must be an IP address")
        }
    }

    /// What `NetworkAddress` reads: one way for each number of groups before the `::`.
    private static var networkAddressPattern: String {
        let byte = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
        let ipv4 = #"\#(byte)(\.\#(byte)){3}"#
        let group = "[0-9A-Fa-f]{1,4}"
        // As many groups at the most, or two less and an IPv4 address.
        func tail(_ count: Int) -> String {
            switch count {
            case 0: ""
            case 1: "(\(group))?"
            default: "((\(group):){0,\(count - 1)}\(group)|(\(group):){0,\(count - 2)}\(ipv4))?"
            }
        }
        let whole = ["(\(group):){7}\(group)", "(\(group):){6}\(ipv4)"]
        let shortened = (0...7).map { head in
            head == 0 ? "::\(tail(7))" : "\(group)(:\(group)){\(head - 1)}::\(tail(7 - head))"
        }
        return "^(\(([ipv4] + whole + shortened).joined(separator: "|")))$"
    }
}

extension FieldType where Value == Permission {
    static var permission: FieldType {
        FieldType(schema: FieldType<String>.permission.schema, placeholder: .any) { value in
            value.text.flatMap { Permission($0) }.map { .success($0) }
                ?? .failure("must be resource:action, such as documents:read")
        }
    }
}
