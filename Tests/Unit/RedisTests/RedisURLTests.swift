import EventLoop
import Redis
import Testing

@Suite("The URL of Redis")
struct RedisURLTests {
    @Test(
        "says where the server is and how to get in, and prints without the password",
        arguments: [
            ("redis://localhost", "redis://localhost:6379/0"),
            ("redis://10.0.0.1:7000/3", "redis://10.0.0.1:7000/3"),
            ("redis://:s3cret@cache.example.com", "redis://:***@cache.example.com:6379/0"),
            ("rediss://ana:s3cret%40@cache.example.com:6380/1", "rediss://ana:***@cache.example.com:6380/1"),
            ("redis://[::1]:6379", "redis://[::1]:6379/0"),
            ("unix:///run/redis.sock?db=2", "unix:///run/redis.sock?db=2"),
            ("unix://:s3cret@/run/redis.sock", "unix://:***@/run/redis.sock?db=0"),
            (
                "redis+sentinel://:s3cret@a:1,b,[::1]:3/mymaster/4?sentinel_password=s3cret",
                "redis+sentinel://:***@a:1,b:26379,[::1]:3/mymaster/4"
            ),
        ])
    func forms(text: String, shown: String) throws {
        let url = try RedisURL(text)
        #expect("\(url)" == shown)
        for print in ["\(url)", String(reflecting: url), String(describing: Optional(url))] {
            #expect(!print.contains("s3cret"))
        }
    }

    @Test("knows encryption, authorities, user and database")
    func parts() throws {
        let url = try RedisURL("rediss://ana:x@h/7?ca=/etc/ca.pem")
        #expect(url.isEncrypted && url.authorityFile == "/etc/ca.pem" && url.user == "ana" && url.database == 7)
        #expect(url.place == .server(.tcp(host: "h", port: 6_379)))
        let sentinels = try RedisURL("redis+sentinel://a,b:7/main")
        #expect(
            sentinels.place
                == .sentinels([.tcp(host: "a", port: 26_379), .tcp(host: "b", port: 7)], master: "main"))
        #expect(!sentinels.isEncrypted && sentinels.user == nil && sentinels.timeout == nil)
        #expect(try RedisURL("redis://h?timeout=250").timeout == .milliseconds(250))
    }

    @Test(
        "refuses what it cannot use, without quoting it",
        arguments: [
            "", "http://h", "redis:/h", "redis://", "redis://h:0", "redis://h:65536", "redis://h:s3cret",
            "redis://h/s3cret", "redis://s3cret@h", "redis://u:s3cret/x@h", "redis://u:s3cret@x@h", "redis://u:%zz@h",
            "redis://h?ca=s3cret", "rediss://h?ca", "redis+sentinel://h", "redis+sentinel:///s3cret", "unix://h/s3cret",
            "unix://", "redis://[::1", "redis://[s3cret]", "redis://h?timeout=s3cret", "redis://h?timeout=0",
            "redis://h /0", "redis://u:%00@h",
        ])
    func refusals(text: String) {
        let failure = #expect(throws: RedisURLFailure.self) { try RedisURL(text) }
        #expect(failure?.description.contains("s3cret") == false)
        #expect(failure?.reason.isEmpty == false)
    }
}
