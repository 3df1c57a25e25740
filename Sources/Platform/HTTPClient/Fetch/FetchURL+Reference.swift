extension FetchURL {
    /// What a `Location` means on a page at this URL (RFC 3986 § 5.2). A fragment is dropped: it is for browsers.
    func resolving(_ reference: String) throws(Problem) -> FetchURL {
        let reference = String(reference.prefix { $0 != "#" })
        if let scheme = reference.firstRange(of: "://"), !reference[..<scheme.lowerBound].contains("/"),
            !reference[..<scheme.lowerBound].contains("?")
        {
            return try FetchURL(reference)
        }
        let scheme = isSecure ? "https" : "http"
        if reference.hasPrefix("//") { return try FetchURL("\(scheme):\(reference)") }
        let path = target.prefix { $0 != "?" }
        let joined: String
        switch reference.first {
        case nil: joined = target
        case "/": joined = Self.withoutDots(reference)
        case "?": joined = path + reference
        default: joined = Self.withoutDots(path[...(path.lastIndex(of: "/") ?? path.startIndex)] + reference)
        }
        return try FetchURL("\(origin)\(joined)")
    }

    /// RFC 3986 § 5.2.4.
    private static func withoutDots(_ target: String) -> String {
        let path = target.prefix { $0 != "?" }
        let segments = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        var kept: [Substring] = []
        for (index, segment) in segments.enumerated() {
            let isLast = index == segments.count - 1
            switch segment {
            case ".": if isLast { kept.append("") }
            case "..":
                _ = kept.popLast()
                if isLast { kept.append("") }
            default: kept.append(segment)
            }
        }
        return "/" + kept.joined(separator: "/") + target[path.endIndex...]
    }
}
