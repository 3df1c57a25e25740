internal import CLinux
import Glibc

/// What others on the machine may see of this process's memory.
package enum ProcessMemory {
    /// Keeps secrets out of core files, and `/proc/<pid>/environ` and `mem` from everybody but root.
    ///
    /// - Returns: false if the kernel refuses one of the two.
    package static func keepPrivate() -> Bool {
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        let hasNoCore = setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none) == 0
        return clinux_forbid_dumps() == 0 && hasNoCore
    }
}
