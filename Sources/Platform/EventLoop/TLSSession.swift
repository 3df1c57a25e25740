internal import CTLS
import Shared

/// One side of a TLS connection as a state machine: bytes of the network in and out, plain bytes out and in. It knows
/// no socket, so writing never depends on reading and a half sent record stays with whoever sends.
final class TLSSession {
    /// The most plain bytes of one record.
    static let recordBytes = 16_384

    private let context: TLSContext
    private let session: OpaquePointer
    private let incoming: OpaquePointer
    private let outgoing: OpaquePointer

    /// - Parameter serverName: whom a client wants to reach, a name or an address; the certificate must be for it.
    init(_ context: TLSContext, serverName: String?) throws(ConnectionFailure) {
        ERR_clear_error()
        guard let session = SSL_new(context.handle) else { throw TLSContext.failure("SSL_new") }
        guard let incoming = BIO_new(BIO_s_mem()), let outgoing = BIO_new(BIO_s_mem()) else {
            SSL_free(session)
            throw TLSContext.failure("BIO_new")
        }
        // They belong to the session from now on.
        SSL_set_bio(session, incoming, outgoing)
        (self.context, self.session, self.incoming, self.outgoing) = (context, session, incoming, outgoing)
        if context.isServer {
            SSL_set_accept_state(session)
        } else {
            SSL_set_connect_state(session)
            guard let serverName, expect(serverName) else {
                throw ConnectionFailure(.insecure, "the server's name cannot be verified")
            }
        }
    }

    deinit { SSL_free(session) }

    private func expect(_ serverName: String) -> Bool {
        if NetworkAddress(text: serverName) != nil {
            return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), serverName) == 1
        }
        return SSL_set1_host(session, serverName) == 1 && ctls_set_server_name(session, serverName) == 1
    }

    /// The protocol that both sides agreed on by ALPN.
    var chosenProtocol: String? {
        var bytes: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        SSL_get0_alpn_selected(session, &bytes, &count)
        guard let bytes, count > 0 else { return nil }
        return String(decoding: UnsafeBufferPointer(start: bytes, count: Int(count)), as: UTF8.self)
    }

    /// Takes what came from the network.
    func receive(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress, bytes.count > 0 else { return }
        BIO_write(incoming, start, Int32(bytes.count))
    }

    /// - Returns: whether the handshake is over; else more must come from the other side.
    func handshake() throws(ConnectionFailure) -> Bool {
        ERR_clear_error()
        let result = SSL_do_handshake(session)
        if result == 1 { return true }
        if SSL_get_error(session, result) == SSL_ERROR_WANT_READ { return false }
        throw handshakeFailure()
    }

    /// - Returns: how many plain bytes were read; 0: the other side sends no more; nil: more must come first.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(ConnectionFailure) -> Int? {
        ERR_clear_error()
        let count = SSL_read(session, buffer.baseAddress, Int32(buffer.count))
        if count > 0 { return Int(count) }
        switch SSL_get_error(session, count) {
        case SSL_ERROR_WANT_READ: return nil
        case SSL_ERROR_ZERO_RETURN: return 0
        default: throw TLSContext.failure("what the other side sent")
        }
    }

    /// - Parameter bytes: at most `recordBytes`, after the handshake.
    func write(_ bytes: UnsafeRawBufferPointer) throws(ConnectionFailure) {
        guard bytes.count > 0 else { return }
        ERR_clear_error()
        guard SSL_write(session, bytes.baseAddress, Int32(bytes.count)) == Int32(bytes.count) else {
            throw TLSContext.failure("what was to be sent")
        }
    }

    /// Says that no more will be sent.
    func finish() {
        ERR_clear_error()
        SSL_shutdown(session)
    }

    /// Gives `body` what is to be sent over the network, and forgets it.
    func takeOutput(_ body: (UnsafeRawBufferPointer) -> Void) {
        var bytes: UnsafeMutablePointer<CChar>?
        let count = ctls_waiting(outgoing, &bytes)
        guard count > 0, let bytes else { return }
        body(UnsafeRawBufferPointer(start: bytes, count: count))
        ctls_empty(outgoing)
    }

    private func handshakeFailure() -> ConnectionFailure {
        let verification = Int(SSL_get_verify_result(session))
        if verification != Int(X509_V_OK), !context.isServer {
            ERR_clear_error()
            let text = String(cString: X509_verify_cert_error_string(verification))
            return ConnectionFailure(.insecure, "the server's certificate is not trusted: \(text)")
        }
        let code = ERR_peek_last_error()
        ERR_clear_error()
        let text = ERR_reason_error_string(code).map { String(cString: $0) } ?? "no reason is known"
        return ConnectionFailure(.insecure, "the TLS handshake failed: \(text)")
    }
}
