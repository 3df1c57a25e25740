import Postgres
import Testing

@Suite("A PostgreSQL URL")
struct PostgresURLTests {
    @Test("gives libpq's parameters, and prints without the password")
    func parts() throws {
        let url = try PostgresURL(
            "postgresql://anna:s%40cret@db.example:6432/app?sslrootcert=/ca.pem&sslmode=verify-full")
        #expect(url["host"] == "db.example")
        #expect(url["port"] == "6432")
        #expect(url["user"] == "anna")
        #expect(url["dbname"] == "app")
        #expect(url["sslmode"] == "verify-full")
        #expect(url["sslrootcert"] == "/ca.pem")
        #expect(url["fallback_application_name"] == "gapura")
        #expect(url["client_encoding"] == "UTF8")
        #expect(url["password"] == nil)
        #expect("\(url)" == "postgres://anna:***@db.example:6432/app")
        var dumped = ""
        dump(url, to: &dumped)
        #expect(!dumped.contains("s@cret") && !String(reflecting: url).contains("cret"))
    }

    @Test("prints several hosts and a socket's folder")
    func places() throws {
        #expect("\(try PostgresURL("postgres://a:1,[::1]:2/app"))" == "postgres://a:1,[::1]:2/app")
        #expect("\(try PostgresURL("postgres://me@/app?host=/run/postgresql"))" == "postgres://me@/run/postgresql/app")
        #expect(try PostgresURL("postgres:///app?host=@abstract")["host"] == "@abstract")
    }

    @Test(
        "demands TLS of a server that is not on this machine",
        arguments: [
            ("postgres://db/app", "require"), ("postgres://10.0.0.7/app", "require"),
            ("postgres://localhost,db/app", "require"), ("postgres://localhost/app", "prefer"),
            ("postgres://127.0.0.1/app", "prefer"), ("postgres://[::1]/app", "prefer"),
            ("postgres:///app?host=/run/postgresql", "prefer"), ("postgres:///app", "prefer"),
            ("postgres://localhost/app?hostaddr=10.0.0.7", "require"), ("postgres://db/app?sslmode=disable", "disable"),
        ])
    func modes(_ text: String, _ mode: String) throws {
        #expect(try PostgresURL(text)["sslmode"] == mode)
    }

    @Test(
        "refuses what libpq cannot use, without quoting it",
        arguments: [
            "mysql://u:topsecret@h/d", "host=h password=topsecret", "postgres://h/d?topsecret",
            "postgres://u:topsecret@h/d?colour=topsecret", "postgres://u:topsecret@[::1/d",
            "postgres://u:top%zzsecret@h/d",
            "postgres://u:topsecret@h:99999/d", "postgres://u:topsecret@h:0/d",
            "postgres://u:topsecret@h/d?sslmode=yes",
            "postgres://u:topsecret@h/d?client_encoding=latin1", "postgres://u:topsecret@h/d?a=%00",
            "postgres://u:topsecret@h/d\u{0}", "postgres://u:top@secret@h/d", "postgres://u:12/secret@h/d",
            "postgres://u:12/top@secret@h/d", "postgres://u:12/top?secret@h/d",
        ])
    func refusals(_ text: String) throws {
        let failure = try #require(throws: PostgresURLFailure.self) { try PostgresURL(text) }
        #expect(!failure.description.contains("secret"))
        #expect(failure.reason.count > 10)
    }

    @Test("leaves what the URL says about keepalives and time-outs as it is")
    func own() throws {
        let url = try PostgresURL("postgres://h/d?keepalives_idle=77&tcp_user_timeout=5&connect_timeout=3")
        #expect(url["keepalives_idle"] == "77")
        #expect(url["tcp_user_timeout"] == "5")
        #expect(url["connect_timeout"] == "3")
        #expect(url.with("dbname", "other")["dbname"] == "other")
    }
}
