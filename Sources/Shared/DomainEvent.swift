/// Something that happened in a module, told to others. Declared in the module's Contract, published in the
/// transaction of its cause. Its coding keys are the `data` of the envelope: ids, never secrets.
package protocol DomainEvent: Codable, Sendable {
    /// `user.created`: lower-case words with a dot.
    static var type: String { get }
    /// `/gapura/accounts`.
    static var source: String { get }
    /// Whether it may leave the installation through brokers and webhooks.
    static var isPublic: Bool { get }
    /// Of its data. Optional members may be added to a version; whatever could break a reader makes another one.
    static var version: Int { get }
    /// The id of what it is about. Events of one subject are delivered in the order of their commits.
    var subject: Identifier { get }
}

extension DomainEvent {
    package static var version: Int { 1 }
}
