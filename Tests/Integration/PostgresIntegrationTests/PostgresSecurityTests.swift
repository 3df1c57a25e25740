import FoundationEssentials
import Glibc
import Postgres
import PostgresSupport
import SQL
import ServerSupport
import Shared
import Testing

@Suite("A PostgreSQL server with TLS and passwords")
struct PostgresSecurityTests {
    @Test("is used encrypted, proven, and not at all if the proof fails")
    func transportAndPassword() async throws {
        try await PostgresServer.withOwn { server in
            let plain = server.url
            let folder = try #require(server.folder)
            // Without TLS, whoever asks for it is refused and told what to do.
            let refusal = await failure(plain.with("sslmode", "require"))
            #expect(refusal?.contains("sslmode=disable") == true)
            try await secure(server, folder)
            let right = plain.with("password", "topsecret")

            #expect(try await isEncrypted(right.with("sslmode", "require")))
            #expect(try await isEncrypted(right.with("sslmode", "prefer")))
            #expect(try await !isEncrypted(right))

            let proven = right.with("sslmode", "verify-full").with("sslrootcert", "\(folder)/server.crt")
            #expect(try await isEncrypted(proven.with("host", "localhost")))
            // The certificate names the host, not its address.
            let otherName = await failure(proven)
            #expect(otherName?.contains("does not match") == true)
            let otherRoot = await failure(
                proven.with("host", "localhost").with("sslrootcert", "\(folder)/other.crt"))
            #expect(otherRoot?.contains("certificate verify failed") == true)

            for password in ["wrongsecret", ""] {
                let text = await failure(plain.with("password", password))
                #expect(text?.contains("password") == true)
                #expect(text?.contains("wrongsecret") == false)
            }
        }
    }

    private func secure(_ server: PostgresServer, _ folder: String) async throws {
        let script = """
            set -e
            for name in server other; do
                openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
                    -addext subjectAltName=DNS:localhost -keyout \(folder)/$name.key -out \(folder)/$name.crt 2>/dev/null
            done
            chmod 600 \(folder)/server.key
            chmod 755 \(folder)
            if [ "$(id -u)" -eq 0 ]; then chown postgres \(folder)/server.key; fi
            echo 'host all all 127.0.0.1/32 scram-sha-256' > \(folder)/data/pg_hba.conf
            """
        try await PostgresAdministration.run("ALTER ROLE app PASSWORD 'topsecret'", at: server.url)
        try await ProgramRun.output("/bin/sh", ["-c", script])
        for (name, value) in [
            ("ssl_cert_file", "\(folder)/server.crt"), ("ssl_key_file", "\(folder)/server.key"), ("ssl", "on"),
        ] {
            try await PostgresAdministration.run("ALTER SYSTEM SET \(name) = '\(value)'", at: server.url)
        }
        try await server.stop()
        try await server.start()
    }

    private func isEncrypted(_ url: PostgresURL) async throws -> Bool {
        try await withOpening(url) { open in
            try await open().read { transaction in
                try transaction.first("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()") { try $0.bool(0) }
            }
        } ?? false
    }

    private func failure(_ url: PostgresURL) async -> String? {
        try? await withOpening(url) { open in
            await #expect(throws: Unavailable.self) { try await open().ping() }?.reason
        }
    }
}
