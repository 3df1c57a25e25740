internal import COpenSSL
import Shared

/// A Lua script, known to the server by its SHA-1 once it has run there.
package struct RedisScript: Sendable {
    let source: String
    /// The name that EVALSHA takes: no secret and no proof, so SHA-1 will do.
    package let digest: String
    /// How a call of it begins: the command's name and the digest.
    private let beginning: [UInt8]

    package init(_ source: String) {
        self.source = source
        var bytes = [UInt8](repeating: 0, count: 20)
        var count = bytes.count
        let text = Array(source.utf8)
        guard EVP_Q_digest(nil, "SHA1", nil, text, text.count, &bytes, &count) == 1 else {
            preconditionFailure("libcrypto offers no SHA1: its installation is broken")
        }
        digest = Hex.encode(bytes)
        beginning = Array("$7\r\nEVALSHA\r\n$40\r\n\(digest)\r\n".utf8)
    }

    /// The script by its digest; the server answers NOSCRIPT if it does not know it.
    func command(keys: [RedisCommand.Argument], _ arguments: [RedisCommand.Argument]) -> RedisCommand {
        RedisCommand(beginning, of: 2, RedisCommand.Argument(keys.count), keys, arguments)
    }

    /// The script with its text, which the server then knows.
    func wholeCommand(keys: [RedisCommand.Argument], _ arguments: [RedisCommand.Argument]) -> RedisCommand {
        RedisCommand([.text("EVAL"), .text(source), RedisCommand.Argument(keys.count)] + keys + arguments)
    }
}
