import Redis
import Synchronization

/// The scripts of draws by their shapes, made when they are first needed.
final class DrawScripts: Sendable {
    /// The most of them: a server never forgets a script.
    private static let scriptsMax = 64

    private let scripts = Mutex<[QuotaShape: RedisScript]>([:])

    /// - Returns: nil if the one for all draws has to do.
    func script(of call: QuotaDraw) -> RedisScript? {
        guard let shape = call.shape else { return nil }
        return scripts.withLock { scripts in
            if let known = scripts[shape] { return known }
            if scripts.count == Self.scriptsMax { return nil }
            let script = QuotaScripts.draw(shape)
            scripts[shape] = script
            return script
        }
    }
}
