import Glibc

/// Reads /proc/self (proc(5)); nil for what the system does not tell.
enum ProcessStatus {
    static func cpuSeconds() -> Double? {
        var usage = rusage()
        guard getrusage(RUSAGE_SELF.rawValue, &usage) == 0 else { return nil }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }

    static func memoryBytes() -> (virtual: Double, resident: Double)? {
        guard let text = read("/proc/self/statm") else { return nil }
        let pages = text.split(separator: " ").prefix(2).compactMap { Double($0) }
        guard pages.count == 2 else { return nil }
        let pageBytes = Double(sysconf(Int32(_SC_PAGESIZE)))
        return (pages[0] * pageBytes, pages[1] * pageBytes)
    }

    static func openDescriptors() -> Double? {
        guard let folder = opendir("/proc/self/fd") else { return nil }
        defer { closedir(folder) }
        var entries = 0
        while readdir(folder) != nil { entries += 1 }
        // Not the entries `.` and `..`, nor the descriptor of this very listing.
        return Double(entries - 3)
    }

    static func descriptorsMax() -> Double? {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return nil }
        return Double(limit.rlim_cur)
    }

    static func startSeconds() -> Double? {
        // The name in the second field may hold anything, a parenthesis too; the 22nd field is the start in ticks.
        guard let text = read("/proc/self/stat"), let nameEnd = text.lastIndex(of: ")") else { return nil }
        let fields = text[nameEnd...].split(separator: " ")
        guard fields.count > 20, let ticks = Double(fields[20]), let boot = bootSeconds() else { return nil }
        return boot + ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    private static func bootSeconds() -> Double? {
        let line = read("/proc/stat")?.split(separator: "\n").first { $0.hasPrefix("btime ") }
        return line.flatMap { Double($0.dropFirst("btime ".count)) }
    }

    private static func seconds(_ time: timeval) -> Double {
        Double(time.tv_sec) + Double(time.tv_usec) / 1e6
    }

    private static func read(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = buffer.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                content.append(contentsOf: buffer[..<count])
            } else if count == 0 {
                return String(decoding: content, as: UTF8.self)
            } else if errno != EINTR {
                return nil
            }
        }
    }
}
