internal import COpenSSL

/// Compares in a time that depends on the lengths only, so that a guess cannot be improved byte by byte.
package func constantTimeEqual(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>) -> Bool {
    left.withBytes { leftStart, leftCount in
        right.withBytes { rightStart, rightCount in
            leftCount == rightCount && CRYPTO_memcmp(leftStart, rightStart, leftCount) == 0
        }
    }
}
