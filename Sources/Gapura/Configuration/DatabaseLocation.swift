import Configuration
import Postgres
import Shared

/// Where the data is: `DATABASE_URL`.
enum DatabaseLocation: Sendable {
    case sqlite(path: String)
    case postgres(PostgresURL)

    /// - Parameter dataDirectory: where the file is if nothing is set.
    init(_ reader: inout SettingsReader, dataDirectory: String) {
        let fallback = Self.sqlite(path: "\(dataDirectory)/gapura.db")
        guard let text = reader.secret("DATABASE_URL")?.reveal() else {
            self = fallback
            return
        }
        do {
            self = try Self(text)
        } catch {
            reader.fail("DATABASE_URL", error.description)
            self = fallback
        }
    }

    /// - Parameter text: `sqlite:PATH` or `postgres://...`.
    init(_ text: String) throws(Malformed) {
        if text.hasPrefix("sqlite:"), text != "sqlite:" {
            self = .sqlite(path: String(text.dropFirst("sqlite:".count)))
        } else if text.hasPrefix("postgres:") || text.hasPrefix("postgresql:") {
            do {
                self = .postgres(try PostgresURL(text))
            } catch {
                throw Malformed(description: "is \(error)")
            }
        } else {
            throw Malformed(description: "must be sqlite:PATH or postgres://USER:PASSWORD@HOST:PORT/NAME")
        }
    }

    /// For people; without the text, which may hold a password.
    struct Malformed: Error, CustomStringConvertible {
        let description: String
    }
}
