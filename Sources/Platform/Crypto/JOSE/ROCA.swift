/// The mark of RSA keys that a widespread smart card library made and that can be factored (CVE-2017-15361, "The Return
/// of Coppersmith's Attack", Nemec and others, 2017).
enum ROCA {
    /// The library takes each factor of the modulus as a power of this, modulo the product of the small primes.
    private static let generator = 65_537

    private static let primes = [
        3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109,
        113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
    ]

    /// Whether the modulus is such a power for every prime; of honest ones it is less than one in a hundred million.
    ///
    /// - Parameter modulus: big-endian.
    static func marks(_ modulus: [UInt8]) -> Bool {
        primes.allSatisfy { prime in
            let rest = modulus.reduce(0) { ($0 << 8 | Int($1)) % prime }
            var power = 1
            repeat {
                if power == rest { return true }
                power = power * generator % prime
            } while power != 1
            return false
        }
    }
}
