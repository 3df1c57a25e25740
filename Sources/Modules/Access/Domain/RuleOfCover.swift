import Shared

/// The one rule of cover: whoever makes, changes or removes something that holds permissions must have all that was in
/// it and all that will be in it. Nobody hands out a right that they do not have, takes one away, or takes away a demand
/// that they do not meet. It holds for people and for programs alike.
package enum RuleOfCover {
    /// - Parameters:
    ///   - actor: what the caller may do on the level of the thing; of a key, what it may do for its owner.
    ///   - before: what is in the thing now; nil if it is made.
    ///   - after: what will be in it; nil if it is removed.
    package static func allows(_ actor: PermissionSet, before: PermissionSet?, after: PermissionSet?) -> Bool {
        [before, after].allSatisfy { $0.map(actor.covers) ?? true }
    }
}
