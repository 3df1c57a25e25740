/// Why a copy was not begun or not finished; a person has to look.
package struct CopyRefusal: Error, Sendable, CustomStringConvertible {
    /// Stable, for scripts.
    package enum Code: String, Sendable {
        /// The target has data that is not from this copy.
        case targetInUse = "copy_target_in_use"
        case schemaDiffers = "copy_schema_differs"
        case valueUnfit = "copy_value_unfit"
        /// Source and target are not the same after copying: something wrote to one of them.
        case rowDiffers = "copy_row_differs"
    }

    package let code: Code
    private let reason: String

    init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }

    package var description: String { "\(code.rawValue): \(reason)" }
}
