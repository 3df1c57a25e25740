internal import CMicroHTTPD
import HTTP

/// Hands answers to libmicrohttpd, which copies everything.
///
/// The framing is the server's: `Content-Length` and `Transfer-Encoding` of the application are left out, `Date`
/// is added unless it is there. A field with an empty value is left out too; libmicrohttpd sends none.
enum AnswerWriter {
    /// - Parameter closing: whether the connection shall close after it.
    /// - Returns: false if it could not be queued; the connection should be cut then.
    static func queue(_ response: borrowing Response, on connection: OpaquePointer, closing: Bool) -> Bool {
        // An interim status would make libmicrohttpd wait for another answer that never comes.
        guard (200...999).contains(response.status) else { return false }
        let created = response.body.withUnsafeBytes { body in
            MHD_create_response_from_buffer(
                body.count, UnsafeMutableRawPointer(mutating: body.baseAddress), .RESPMEM_MUST_COPY)
        }
        guard let created else { return false }
        defer { MHD_destroy_response(created) }
        let fields = response.headers.span
        for index in fields.indices where !isFraming(fields[index].name) {
            // By hand: as plain arguments each text would be copied into an array first.
            fields[index].name.withCString { name in
                _ = fields[index].value.withCString { value in MHD_add_response_header(created, name, value) }
            }
        }
        if closing { MHD_add_response_header(created, "Connection", "close") }
        return MHD_queue_response(connection, UInt32(response.status), created) == .YES
    }

    /// Asked for every field, so no text is made of names that only have the length of one.
    private static func isFraming(_ name: String) -> Bool {
        switch (name.utf8.count, name.utf8.first) {
        case (14, UInt8(ascii: "C")), (14, UInt8(ascii: "c")): name.lowercased() == "content-length"
        case (17, UInt8(ascii: "T")), (17, UInt8(ascii: "t")): name.lowercased() == "transfer-encoding"
        default: false
        }
    }
}
