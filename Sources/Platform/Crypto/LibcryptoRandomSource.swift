internal import COpenSSL
import Shared

/// libcrypto's generator of this thread, seeded by the system (NIST SP 800-90A, `RAND_bytes`). For many bytes at once
/// it is faster than the system's, which costs a call for every eight.
package struct LibcryptoRandomSource: RandomSource {
    package init() {}

    package func bytes(_ count: Int) -> [UInt8] {
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            if RAND_bytes(buffer.baseAddress, Int32(count)) == 1 { initialized = count }
        }
        guard bytes.count == count else {
            // It could not be seeded; the system's own generator is never without.
            ERR_clear_error()
            return SystemRandomSource().bytes(count)
        }
        return bytes
    }
}
