import AccessApplication

/// A digest that a test can foresee: the bytes backwards, cut or filled to 32. Equal only for equal ends.
package struct KeyDigestDouble: KeyDigest {
    package init() {}

    package func digest(of secret: [UInt8]) -> [UInt8] {
        Array((secret.reversed() + [UInt8](repeating: 0, count: 32)).prefix(32))
    }
}
