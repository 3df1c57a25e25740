import JSON
import Shared

/// A token taken apart, before anything in it is believed.
struct JWTParts: Sendable {
    let header: JSONObject
    let claims: JSONObject
    /// Header and claims as they stand in the token, with the dot between: what is signed.
    let signed: ArraySlice<UInt8>
    let signature: [UInt8]

    /// - Parameter sizeMax: in bytes, checked before all else.
    init(_ token: String, sizeMax: Int) throws(JWTError) {
        guard token.utf8.count <= sizeMax else { throw .oversized }
        let bytes = Array(token.utf8)
        let dot = UInt8(ascii: ".")
        guard let first = bytes.firstIndex(of: dot), let last = bytes.lastIndex(of: dot), first < last,
            !bytes[(first + 1)..<last].contains(dot),
            let signature = Base64URL.decode(bytes[(last + 1)...])
        else { throw .malformed }
        header = try Self.object(bytes[..<first])
        claims = try Self.object(bytes[(first + 1)..<last])
        signed = bytes[..<last]
        self.signature = signature
    }

    private static func object(_ part: ArraySlice<UInt8>) throws(JWTError) -> JSONObject {
        guard let bytes = Base64URL.decode(part), let value = try? JSONValue(parsing: bytes),
            case .object(let object) = value
        else { throw .malformed }
        return object
    }
}
