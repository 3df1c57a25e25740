/// What a user's fields may hold. Lengths are in Unicode scalars; whoever takes input checks them.
package enum UserFieldLimits {
    package static let username: ClosedRange<Int> = 1...64
    /// Of a first or a last name.
    package static let name: ClosedRange<Int> = 1...100
    package static let blockReason: ClosedRange<Int> = 1...500
}
