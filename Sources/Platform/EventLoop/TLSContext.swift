internal import CTLS

/// What the TLS connections of one purpose have in common: certificates, trust, protocols.
///
/// `@unchecked Sendable`: libssl's context is not changed after `init`, and counts its users atomically.
package final class TLSContext: @unchecked Sendable {
    /// Whose certificates a client believes.
    package enum Trust: Sendable, Equatable {
        /// The certificate authorities that the system trusts.
        case system
        /// Those of a PEM file, and no others.
        case file(String)
    }

    let handle: OpaquePointer
    let isServer: Bool
    private let protocols: UnsafeMutablePointer<ctls_protocols>
    private let protocolBytes: UnsafeMutablePointer<UInt8>

    /// A client's: it takes no server whose certificate is not trusted or is for another name.
    ///
    /// - Parameter protocols: for ALPN, the preferred one first.
    /// - Throws: `ConnectionFailure` (`insecure`) if the file cannot be used.
    package convenience init(trusting trust: Trust, protocols: [String] = []) throws {
        try self.init(isServer: false, protocols)
        SSL_CTX_set_verify(handle, SSL_VERIFY_PEER, nil)
        switch trust {
        case .system:
            guard SSL_CTX_set_default_verify_paths(handle) == 1 else {
                throw Self.failure("the system's certificate authorities")
            }
        case .file(let path):
            guard SSL_CTX_load_verify_file(handle, path) == 1 else {
                throw Self.failure("the certificate authorities in \(path)")
            }
        }
        if !protocols.isEmpty {
            SSL_CTX_set_alpn_protos(handle, protocolBytes, self.protocols.pointee.count)
        }
    }

    /// A server's.
    ///
    /// - Parameters:
    ///   - certificateFile: PEM, the server's own certificate first, then the chain.
    ///   - keyFile: PEM, without a password.
    ///   - protocols: for ALPN; a client that offers others only is refused. Empty: ALPN is ignored.
    /// - Throws: `ConnectionFailure` (`insecure`) if the files cannot be used.
    package convenience init(certificateFile: String, keyFile: String, protocols: [String] = []) throws {
        try self.init(isServer: true, protocols)
        guard SSL_CTX_use_certificate_chain_file(handle, certificateFile) == 1 else {
            throw Self.failure("the certificate in \(certificateFile)")
        }
        guard SSL_CTX_use_PrivateKey_file(handle, keyFile, SSL_FILETYPE_PEM) == 1 else {
            throw Self.failure("the key in \(keyFile)")
        }
        if !protocols.isEmpty { ctls_accept_protocols(handle, self.protocols) }
    }

    private init(isServer: Bool, _ names: [String]) throws {
        ERR_clear_error()
        guard let handle = SSL_CTX_new(isServer ? TLS_server_method() : TLS_client_method()) else {
            throw Self.failure("SSL_CTX_new")
        }
        self.handle = handle
        self.isServer = isServer
        // Each name after its length (RFC 7301 § 3.1).
        let wire = names.flatMap { [UInt8(clamping: $0.utf8.count)] + Array($0.utf8.prefix(255)) }
        protocolBytes = .allocate(capacity: max(1, wire.count))
        protocolBytes.initialize(from: wire + [0], count: max(1, wire.count))
        protocols = .allocate(capacity: 1)
        protocols.initialize(to: ctls_protocols(bytes: protocolBytes, count: UInt32(wire.count)))
        guard ctls_configure(handle) == 1 else { throw Self.failure("SSL_CTX_set_min_proto_version") }
    }

    deinit {
        SSL_CTX_free(handle)
        protocols.deallocate()
        protocolBytes.deallocate()
    }

    /// What libssl says of the call that just failed on this thread. Empties the thread's error queue.
    static func failure(_ what: String) -> ConnectionFailure {
        let code = ERR_peek_last_error()
        ERR_clear_error()
        guard code != 0, let text = ERR_reason_error_string(code) else {
            return ConnectionFailure(.insecure, "\(what) cannot be used")
        }
        return ConnectionFailure(.insecure, "\(what) cannot be used: \(String(cString: text))")
    }
}
