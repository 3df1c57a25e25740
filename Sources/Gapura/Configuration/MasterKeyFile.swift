import Commands
import Crypto
import FoundationEssentials
import Glibc
import Shared

/// The master key that development makes for itself.
enum MasterKeyFile {
    /// Reads `master.key` of the data directory; makes it, for its owner only, if it is not there. Of two processes
    /// that start at once, both read the one that was made.
    ///
    /// - Parameter isNeeded: whether something is encrypted by it, so that no new one may take its place.
    /// - Throws: `CommandFailure`.
    static func load(in directory: String, isNeeded: Bool, random: any RandomSource) throws -> MasterKey {
        let path = "\(directory)/master.key"
        guard !isNeeded || access(path, F_OK) == 0 || errno != ENOENT else {
            throw CommandFailure(
                code: .configuration,
                message:
                    "\(path) is lost, and the database holds keys that it encrypted: put it back, or set MASTER_KEY")
        }
        _ = try PrivateFile.make(path, text(random: random))
        do {
            return try MasterKey.parse(try String(contentsOf: URL(filePath: path), encoding: .utf8))
        } catch {
            throw CommandFailure(code: .configuration, message: "\(path) does not hold a master key")
        }
    }
    /// A new key, as a file holds it.
    static func text(random: any RandomSource) -> String {
        Data(random.bytes(MasterKey.byteCount)).base64EncodedString()
    }
}
