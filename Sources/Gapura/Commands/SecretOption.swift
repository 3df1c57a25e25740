import Commands
import FoundationEssentials

/// An option whose value holds a password. Everybody on the machine sees command lines, so the value may be in a file,
/// which `<option>-file` names.
struct SecretOption {
    /// With its dashes: `--from`.
    let name: String
    /// What its value is: `URL`.
    let value: String

    var fileName: String { name + "-file" }
    var options: [CommandOption] {
        [CommandOption(name: name, value: value), CommandOption(name: fileName, value: "FILE")]
    }

    /// - Returns: the value and how it was given; nil if it was not.
    /// - Throws: `CommandFailure` if it was given twice, or the file cannot be read.
    func read(_ invocation: Invocation) throws -> (text: String, option: String)? {
        switch (invocation.options[name], invocation.options[fileName]) {
        case (nil, nil): return nil
        case (let text?, nil): return (text, name)
        case (nil, let path?):
            guard let bytes = FileManager.default.contents(atPath: path), bytes.count <= 65_536,
                let text = String(validating: bytes, as: UTF8.self)
            else { throw CommandFailure(code: .unavailable, message: "\(fileName): cannot read \(path)") }
            return (text.trimmed, fileName)
        case (.some, .some):
            throw CommandFailure(code: .usage, message: "\(name) is given twice: directly and by \(fileName)")
        }
    }
}
