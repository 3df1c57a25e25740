internal import CCurl
import Shared

/// One hop of a request, set up for libcurl. Used by the loop's thread.
final class Transfer {
    let order: FetchOrder
    let handle: CURLHandle
    private let answer: TransferAnswer
    private let headers: CURLList
    private let pin: CURLList?

    /// - Throws: `Unavailable` if memory is out; `InternalFailure` if libcurl takes an option not.
    init(_ order: FetchOrder) throws {
        self.order = order
        let request = order.request
        answer = TransferAnswer(request.limits, order.policy, port: request.url.port)
        headers = try CURLList(Self.headers(of: request))
        handle = try CURLHandle()
        try Self.setUse(handle)
        try Self.setLimits(handle, request.limits, total: order.total)
        try Self.setTrust(handle, request.trust)
        try Self.setRequest(handle, request)
        try handle.set(CURLOPT_HTTPHEADER, headers)
        if let text = Self.pin(order) {
            let list = try CURLList(text)
            try handle.set(CURLOPT_RESOLVE, list)
            pin = consume list
        } else {
            pin = nil
        }
        try answer.attach(to: handle)
    }

    /// What the transfer came to.
    func result(_ code: CURLcode) -> Result<FetchResponse, any Error> {
        let status = handle.number(CURLINFO_RESPONSE_CODE)
        if code == CURLE_OK || answer.isCut, answer.isHeadWhole, (200...599).contains(status) {
            return .success(
                FetchResponse(
                    status: status, headers: answer.headers, body: answer.body, isCut: answer.isCut,
                    address: NetworkAddress(text: handle.text(CURLINFO_PRIMARY_IP))))
        }
        if let refusal = answer.refusal { return .failure(refusal.failure) }
        let kind = answer.overflow == nil ? Self.kind(code) : .tooLarge
        let cause = code == CURLE_OK ? "the answer's head broke off" : CURLHandle.words(code)
        return .failure(FetchFailure(kind, answer.overflow ?? cause, mayHaveArrived: answer.mayHaveArrived))
    }

    private static func kind(_ code: CURLcode) -> FetchFailure.Kind {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST: .unresolved
        case CURLE_COULDNT_CONNECT: .unreachable
        case CURLE_OPERATION_TIMEDOUT: .timedOut
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
            CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CLIENTCERT:
            .insecure
        default: .broken
        }
    }

    /// Nothing of the environment, nothing that libcurl would do by itself.
    private static func setUse(_ handle: borrowing CURLHandle) throws {
        try handle.set(CURLOPT_PROTOCOLS_STR, "http,https")
        try handle.set(CURLOPT_PROXY, "")
        try handle.set(CURLOPT_NOSIGNAL, 1)
        try handle.set(CURLOPT_FOLLOWLOCATION, 0)
        try handle.set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1)
        try handle.set(CURLOPT_PATH_AS_IS, 1)
        try handle.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
        try handle.set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        // A connection that has been idle for longer may be half gone: balancers forget after a minute.
        try handle.set(CURLOPT_MAXAGE_CONN, 50)
        // A name's addresses are looked up again for connections made later than that.
        try handle.set(CURLOPT_MAXLIFETIME_CONN, 600)
    }

    private static func setLimits(
        _ handle: borrowing CURLHandle, _ limits: FetchLimits, total: Duration
    ) throws {
        // Zero would be no limit at all.
        try handle.set(CURLOPT_TIMEOUT_MS, max(1, Int(total.wholeMilliseconds)))
        try handle.set(CURLOPT_CONNECTTIMEOUT_MS, max(1, Int(limits.connect.wholeMilliseconds)))
        try handle.set(CURLOPT_LOW_SPEED_LIMIT, 1)
        try handle.set(CURLOPT_LOW_SPEED_TIME, max(1, Int(limits.idle.secondsRoundedUp)))
    }

    private static func setTrust(_ handle: borrowing CURLHandle, _ trust: FetchTrust) throws {
        if let roots = trust.roots {
            try handle.set(CURLOPT_CAINFO_BLOB, bytes: roots)
            try handle.clear(CURLOPT_CAPATH)
        }
        if let client = trust.client {
            try handle.set(CURLOPT_SSLCERT_BLOB, bytes: client.chain)
            try handle.set(CURLOPT_SSLKEY_BLOB, bytes: client.key.reveal())
        }
    }

    private static func setRequest(_ handle: borrowing CURLHandle, _ request: FetchRequest) throws {
        try handle.set(CURLOPT_URL, request.url.text)
        try handle.set(CURLOPT_FRESH_CONNECT, request.needsFreshConnection ? 1 : 0)
        if let body = request.body { try handle.setBody(body) }
        if request.method == "HEAD" {
            try handle.set(CURLOPT_NOBODY, 1)
        } else if request.method != "GET" || request.body != nil {
            try handle.set(CURLOPT_CUSTOMREQUEST, request.method)
        }
    }

    private static func headers(of request: FetchRequest) -> [String] {
        let given = Set(request.headers.map { $0.name.lowercased() })
        // A semicolon means a header without a value; nothing behind the colon would mean none.
        var lines = request.headers.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
        if !given.contains("user-agent") { lines.append("User-Agent: Gapura") }
        // What libcurl would add to a body by itself.
        for name in ["Expect", "Content-Type"] where !given.contains(name.lowercased()) { lines.append("\(name):") }
        return lines
    }

    /// `host:port:address,address`, for a while only: what is checked is what libcurl connects to. A host that is an
    /// address itself is not looked up, and libcurl takes no brackets there.
    private static func pin(_ order: FetchOrder) -> String? {
        guard case .name = order.request.url.host else { return nil }
        let addresses = order.addresses.map { $0.isIPv4 ? "\($0)" : "[\($0)]" }.joined(separator: ",")
        return "+\(order.request.url.hostText):\(order.request.url.port):\(addresses)"
    }
}
