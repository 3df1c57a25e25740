import Glibc

/// How many files, connections among them, this process may have open.
package enum OpenFiles {
    /// More are of no use, and some systems name a number that only fills tables.
    private static let most: rlim_t = 1 << 20

    /// Raises the soft limit, which is often 1,024 for the sake of programs that use select(2), to the hard one.
    ///
    /// - Returns: how many files may be open from now on.
    package static func raiseLimit() -> Int {
        var limit = rlimit()
        let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(files, &limit) == 0 else { return 1_024 }
        let wanted = min(limit.rlim_max, most)
        if limit.rlim_cur < wanted {
            var raised = rlimit(rlim_cur: wanted, rlim_max: limit.rlim_max)
            if setrlimit(files, &raised) == 0 { limit = raised }
        }
        return Int(clamping: limit.rlim_cur)
    }
}
