internal import CQREncode
import Shared

/// A text as a QR code (ISO/IEC 18004), by libqrencode.
package struct QRCode: Sendable {
    /// Modules in a row and in a column.
    package let width: Int
    /// Row by row; true is dark.
    private let modules: [Bool]

    /// The light margin that readers need around it, in modules.
    private static let margin = 4
    package static let bytesMax = 1_000

    /// - Parameter text: of at most 1,000 bytes, without NUL.
    /// - Throws: `InternalFailure` for a longer one.
    package init(_ text: String) throws {
        let bytes = Array(text.utf8)
        guard bytes.count <= Self.bytesMax, !bytes.contains(0),
            let code = QRcode_encodeData(Int32(bytes.count), bytes, 0, QR_ECLEVEL_M)
        else { throw InternalFailure("a text of \(bytes.count) bytes is no QR code") }
        defer { QRcode_free(code) }
        let width = Int(code.pointee.width)
        self.width = width
        modules = (0..<width * width).map { code.pointee.data[$0] & 1 == 1 }
    }

    /// A picture of dark squares on white, whatever is behind it; it grows to the width that it is given.
    ///
    /// - Parameter title: said by screen readers; escaped here.
    package func svg(title: String) -> String {
        var path = ""
        for row in 0..<width {
            var column = 0
            while column < width {
                let start = column
                while column < width, modules[row * width + column] { column += 1 }
                if column > start {
                    path += "M\(start + Self.margin) \(row + Self.margin)h\(column - start)v1h-\(column - start)z"
                }
                column += 1
            }
        }
        let side = width + 2 * Self.margin
        return
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(side) \(side)\" role=\"img\" shape-rendering=\"crispEdges\">"
            + "<title>\(Self.escaped(title))</title>"
            + "<path fill=\"#fff\" d=\"M0 0h\(side)v\(side)H0z\"/><path fill=\"#000\" d=\"\(path)\"/></svg>"
    }

    private static func escaped(_ text: String) -> String {
        text.map { character in
            switch character {
            case "&": "&amp;"
            case "<": "&lt;"
            case ">": "&gt;"
            case "\"": "&quot;"
            default: String(character)
            }
        }.joined()
    }
}
