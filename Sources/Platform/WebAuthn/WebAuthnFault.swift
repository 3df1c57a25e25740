/// Why a ceremony is refused. The raw values are stable: they stand in the audit log.
package enum WebAuthnFault: String, Error, Sendable, CaseIterable {
    /// Not `public-key`.
    case type
    /// `id` and `rawId` are not the same, or no base64url.
    case credentialID = "credential_id"
    case clientDataTooLong = "client_data_too_long"
    /// No strict JSON object.
    case clientData = "client_data"
    /// Of another kind of ceremony.
    case clientDataType = "client_data_type"
    case challenge
    case origin
    /// Made in a frame of another site.
    case crossOrigin = "cross_origin"
    case attestationObject = "attestation_object"
    /// Too short, or something is left over.
    case authenticatorData = "authenticator_data"
    case rpID = "rp_id"
    case userNotPresent = "user_not_present"
    case userNotVerified = "user_not_verified"
    /// Backed up, but not eligible for it.
    case backupState = "backup_state"
    /// Another eligibility than at the registration.
    case backupEligibility = "backup_eligibility"
    /// A registration without a key.
    case noKey = "no_key"
    case credentialIDLength = "credential_id_length"
    /// No COSE key with exactly the members of its type; a private member, for instance.
    case keyFormat = "key_format"
    case algorithm
    /// Not on the curve, of small order, of another size or exponent.
    case key
    case signature
}
