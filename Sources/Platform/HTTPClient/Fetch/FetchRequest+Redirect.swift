extension FetchRequest {
    private static let ofTheOrigin: Set = ["authorization", "cookie", "proxy-authorization"]
    private static let ofTheBody: Set = ["content-type", "content-length", "content-encoding"]

    /// The request that follows a redirect (RFC 9110 § 15.4); nil if the answer is none, or none may be followed.
    ///
    /// - Throws: `FetchFailure` if it leads nowhere, or away from TLS.
    func following(_ response: FetchResponse) throws -> FetchRequest? {
        guard redirectsMax > 0, [301, 302, 303, 307, 308].contains(response.status),
            let location = response.header("location")
        else { return nil }
        let target: FetchURL
        do {
            target = try url.resolving(location)
        } catch {
            throw FetchFailure(.redirected, "the answer's Location is no URL: \(error.rawValue)", mayHaveArrived: true)
        }
        guard target.isSecure || !url.isSecure else {
            throw FetchFailure(.redirected, "the redirect leads from https to http", mayHaveArrived: true)
        }
        var next = self
        next.url = target
        next.redirectsMax -= 1
        let keepsMethod = response.status == 307 || response.status == 308 || method == "GET" || method == "HEAD"
        if !keepsMethod {
            next.method = "GET"
            next.body = nil
            next.headers.removeAll { Self.ofTheBody.contains($0.name.lowercased()) }
        }
        if target.origin != url.origin {
            next.headers.removeAll { Self.ofTheOrigin.contains($0.name.lowercased()) }
            next.trust.client = nil
        }
        return next
    }
}
