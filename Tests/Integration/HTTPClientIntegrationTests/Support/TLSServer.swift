import FoundationEssentials
import Glibc
import Shared
import TestSupport
import Threads

/// nginx with TLS, HTTP/2 and client certificates, and the certificates that `openssl` made for it.
struct TLSServer: Sendable {
    let port: Int
    private let folder: String

    /// PEM of a file: `ca.pem`, `client.pem`, `client.key`, `stranger.pem`, `stranger.key`, `other-ca.pem`.
    func file(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: "\(folder)/\(name)"))) }

    /// Gives `body` a server for `tls.invalid`, which wants a certificate of its authority at `/private`.
    static func with<T>(_ body: (TLSServer) async throws -> T) async throws -> T {
        try await withTemporaryFolder { folder in
            try await certificates(folder)
            let port = try freePort()
            try configuration(folder, port).write(toFile: "\(folder)/nginx.conf", atomically: true, encoding: .utf8)
            let nginx = ["/usr/sbin/nginx", "-e", "\(folder)/error.log", "-p", folder, "-c", "\(folder)/nginx.conf"]
            try await run(nginx)
            let result: Result<T, any Error>
            do { result = .success(try await body(TLSServer(port: port, folder: folder))) } catch {
                result = .failure(error)
            }
            try await run(nginx + ["-s", "stop"])
            return try result.get()
        }
    }

    private static func certificates(_ folder: String) async throws {
        func path(_ name: String) -> String { "\(folder)/\(name)" }
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        for authority in ["ca", "other-ca"] {
            try await run(
                ["/usr/bin/openssl", "req", "-x509", "-days", "2", "-subj", "/CN=\(authority)"] + key
                    + ["-keyout", path("\(authority).key"), "-out", path("\(authority).pem")])
        }
        for (name, authority) in [("server", "ca"), ("client", "ca"), ("stranger", "other-ca")] {
            let subject = name == "server" ? "tls.invalid" : name
            try await run(
                ["/usr/bin/openssl", "req", "-new", "-subj", "/CN=\(subject)"] + key
                    + ["-addext", "subjectAltName=DNS:\(subject)"]
                    + ["-keyout", path("\(name).key"), "-out", path("\(name).csr")])
            try await run(
                ["/usr/bin/openssl", "x509", "-req", "-days", "2", "-copy_extensions", "copy"]
                    + ["-in", path("\(name).csr"), "-out", path("\(name).pem"), "-CAcreateserial"]
                    + ["-CA", path("\(authority).pem"), "-CAkey", path("\(authority).key")])
        }
    }

    private static func configuration(_ folder: String, _ port: Int) -> String {
        """
        pid \(folder)/nginx.pid;
        error_log \(folder)/error.log;
        events {}
        http {
            access_log off;
            client_body_temp_path \(folder)/body;
            proxy_temp_path \(folder)/proxy;
            fastcgi_temp_path \(folder)/fastcgi;
            uwsgi_temp_path \(folder)/uwsgi;
            scgi_temp_path \(folder)/scgi;
            server {
                listen 127.0.0.1:\(port) ssl http2;
                ssl_certificate \(folder)/server.pem;
                ssl_certificate_key \(folder)/server.key;
                ssl_client_certificate \(folder)/ca.pem;
                ssl_verify_client optional;
                location / { return 200 "$server_protocol $ssl_client_verify $ssl_client_s_dn"; }
            }
        }

        """
    }

    private static func freePort() throws -> Int { try LocalServer { _ in }.port }

    /// Runs a program to its end, without its output.
    private static func run(_ arguments: [String]) async throws {
        let status: Int32 = try await withCheckedThrowingContinuation { continuation in
            do {
                try OwnThread("test-program") { continuation.resume(returning: spawn(arguments)) }
            } catch {
                continuation.resume(throwing: error)
            }
        }
        guard status == 0 else { throw InternalFailure("\(arguments) ended with \(status)") }
    }

    private static func spawn(_ arguments: [String]) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for descriptor: Int32 in 0...2 {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
        }
        // A server lives on: with the sockets of other tests it would keep them from ending.
        for other in 3..<min(getdtablesize(), 65_536) { posix_spawn_file_actions_addclose(&actions, other) }
        let words = arguments.map { strdup($0) }
        defer { for word in words { free(word) } }
        var process: pid_t = 0
        let code = posix_spawn(&process, arguments[0], &actions, nil, words + [nil], environ)
        guard code == 0 else { return code }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        return status
    }
}
