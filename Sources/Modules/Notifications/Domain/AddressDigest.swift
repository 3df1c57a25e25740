/// An address as the log of messages knows it: a keyed digest, by which mails to one address can be counted and which
/// nobody without the key can look an address up by.
package struct AddressDigest: Sendable, Hashable {
    package let bytes: [UInt8]

    package init(_ bytes: [UInt8]) { self.bytes = bytes }
}
