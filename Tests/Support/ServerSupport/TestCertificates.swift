/// Certificates for servers on this machine, made by the openssl program.
package struct TestCertificates: Sendable {
    /// PEM. For `localhost` and 127.0.0.1, signed by itself, so that it is its own authority.
    package let certificate: String
    package let key: String
    /// Another authority, which signed none of them.
    package let stranger: String

    /// - Parameter folder: exists, and is deleted by the caller.
    package static func make(in folder: String) async throws -> TestCertificates {
        let script = """
            set -e
            for name in server stranger; do
                openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
                    -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout \(folder)/$name.key \
                    -out \(folder)/$name.crt 2>/dev/null
            done
            """
        try await ProgramRun.output("/bin/sh", ["-c", script])
        return TestCertificates(
            certificate: "\(folder)/server.crt", key: "\(folder)/server.key", stranger: "\(folder)/stranger.crt")
    }
}
