import HTTPClient
import Shared
import TestSupport
import Testing

@Suite("Outgoing HTTPS", .timeLimit(.minutes(2)))
struct TLSTests {
    private static func answer(
        _ server: TLSServer, _ trust: FetchTrust, at address: String = "127.0.0.1", host: String = "tls.invalid"
    ) async throws -> String {
        try await withFetcher(resolver: ScriptedResolver([host: [[address]]])) { fetcher in
            let request = FetchRequest("GET", try FetchURL("https://\(host):\(server.port)/"), trust: trust)
            let response = try await fetcher.fetch(request)
            return "\(response.status) \(String(decoding: response.body, as: UTF8.self))"
        }
    }

    @Test("a private authority is believed where it is given, over HTTP/2; without a certificate the caller is nobody")
    func privateRoots() async throws {
        try await TLSServer.with { server in
            let trust = FetchTrust(roots: try server.file("ca.pem"))
            #expect(try await Self.answer(server, trust) == "200 HTTP/2.0 NONE ")
        }
    }

    @Test("an authority that is not given is not believed: neither the system's roots nor another's")
    func strangers() async throws {
        try await TLSServer.with { server in
            for trust in [FetchTrust.system, FetchTrust(roots: try server.file("other-ca.pem"))] {
                let failure = try await failure { FetchResponse(status: try await Self.answer(server, trust).count) }
                #expect(failure.kind == .insecure)
                #expect(!failure.mayHaveArrived)
            }
        }
    }

    @Test("a good certificate of another name is not believed")
    func names() async throws {
        try await TLSServer.with { server in
            let trust = FetchTrust(roots: try server.file("ca.pem"))
            let failure = try await failure {
                FetchResponse(status: try await Self.answer(server, trust, host: "other.invalid").count)
            }
            #expect(failure.kind == .insecure)
        }
    }

    @Test("a client certificate says who calls, and uses with other certificates never share its connection")
    func clients() async throws {
        try await TLSServer.with { server in
            let roots = try server.file("ca.pem")
            func trust(_ name: String?) throws -> FetchTrust {
                FetchTrust(
                    roots: roots,
                    client: try name.map {
                        ClientCertificate(
                            chain: try server.file("\($0).pem"), key: Secret(try server.file("\($0).key")))
                    })
            }
            let trusts = [try trust("client"), try trust(nil), try trust("client"), try trust("stranger")]
            let answers = try await withFetcher(resolver: ScriptedResolver(["tls.invalid": [["127.0.0.1"]]])) {
                fetcher in
                var answers: [String] = []
                for trust in trusts {
                    let request = FetchRequest(
                        "GET", try FetchURL("https://tls.invalid:\(server.port)/"), trust: trust)
                    let response = try await fetcher.fetch(request)
                    answers.append("\(response.status) \(String(decoding: response.body, as: UTF8.self).suffix(9))")
                }
                return answers
            }
            #expect(answers[0] == "200 CN=client")
            #expect(answers[1] == "200 2.0 NONE ")
            #expect(answers[2] == "200 CN=client")
            #expect(answers[3].hasPrefix("400"))
        }
    }

    @Test("a certificate that is none is a failure, and no request")
    func badCertificate() async throws {
        try await TLSServer.with { server in
            let client = ClientCertificate(chain: Array("nonsense".utf8), key: Secret(Array("nonsense".utf8)))
            let trust = FetchTrust(roots: try server.file("ca.pem"), client: client)
            let failure = try await failure { FetchResponse(status: try await Self.answer(server, trust).count) }
            #expect(failure.kind == .insecure)
        }
    }
}
