import Shared
import Testing
import WebAuthn

@Suite("Ceremonies of WebAuthn")
struct CeremonyTests {
    @Test("a registration is verified, and its key verifies a sign-in", arguments: Recording.all)
    func verifies(_ recording: Recording) throws {
        let credential = try recording.register()
        #expect(credential.algorithm.rawValue == recording.algorithm)
        #expect(credential.id == recording.registration.id)
        #expect((credential.isBackupEligible, credential.isBackedUp) == (recording.isBackedUp, recording.isBackedUp))
        #expect(credential.aaguid == [UInt8](repeating: 0, count: 16))
        let assertion = try recording.signIn()
        #expect(assertion.signCount == recording.signCount)
        #expect(assertion.isBackedUp == recording.isBackedUp)
        #expect(
            try RelyingParty.challengeHash(in: recording.assertion.clientData)
                != RelyingParty.challengeHash(in: recording.registration.clientData))
    }

    @Test("no byte of a sign-in can be another one", arguments: Recording.all)
    func flippedBytes(_ recording: Recording) throws {
        let key = try recording.register().publicKey
        for part in [\Recording.Parts.clientData, \.authenticatorData, \.signature, \.rawID] {
            for index in recording.assertion[keyPath: part].indices {
                for bit: UInt8 in [0x01, 0x80] {
                    var flipped = recording
                    flipped.assertion[keyPath: part][index] ^= bit
                    #expect(throws: WebAuthnFault.self) { try flipped.signIn(key: key) }
                }
            }
        }
    }

    @Test("no byte of a registration that says anything can be another one")
    func flippedRegistration() throws {
        let recording = Recording.es256
        let idAt = 32 + 1 + 4 + 16
        let keyAt = idAt + 2 + recording.registration.id.count
        // The count and the model of the authenticator are nobody's word; all else is checked.
        let said = Array(0..<32) + Array(idAt..<(try recording.registrationData.count))
        for index in said {
            let flipped = try recording.registering { $0[index] ^= 0x01 }
            #expect(throws: WebAuthnFault.self, "byte \(index), the key begins at \(keyAt)") { try flipped.register() }
        }
    }

    /// Changes the registration and the sign-in alike; each has to be refused for the same reason.
    private func expect(
        _ fault: WebAuthnFault, _ recording: Recording = .es256, party: RelyingParty = Recording.party,
        at location: SourceLocation = #_sourceLocation, _ change: (inout Recording.Parts) -> Void = { _ in }
    ) throws {
        let key = try recording.register().publicKey
        var changed = recording
        change(&changed.registration)
        change(&changed.assertion)
        #expect(throws: fault, sourceLocation: location) { try changed.register(party) }
        #expect(throws: fault, sourceLocation: location) { try changed.signIn(party, key: key) }
    }

    @Test("another type of credential is refused")
    func type() throws { try expect(.type) { $0.type = "public_key" } }

    @Test("two names for one credential are refused")
    func twoNames() throws { try expect(.credentialID) { $0.id = [1] } }

    @Test("client data of more than 4 KiB are refused")
    func longClientData() throws {
        try expect(.clientDataTooLong) { $0.clientData += [UInt8](repeating: 0x20, count: 4_096) }
    }

    @Test(
        "client data that are no strict JSON object are refused",
        arguments: ["", "[]", "{", "\u{FEFF}{}", "{\"type\": \"a\", \"type\": \"b\"}"])
    func clientData(_ text: String) throws { try expect(.clientData) { $0.clientData = Array(text.utf8) } }

    @Test("client data that are no UTF-8 are refused")
    func notUTF8() throws {
        try expect(.clientData) { $0.clientData = $0.clientData.map { $0 == UInt8(ascii: "w") ? 0xFF : $0 } }
    }

    @Test("client data of the other ceremony are refused")
    func otherKind() throws {
        try expect(.clientDataType) {
            $0.replace("webauthn.create", "webauthn.other")
            $0.replace("webauthn.get", "webauthn.create")
            $0.replace("webauthn.other", "webauthn.get")
        }
    }

    @Test("another challenge, or none, is refused")
    func challenge() throws {
        #expect(throws: WebAuthnFault.challenge) { try Recording.es256.register(challenge: [1, 2, 3]) }
        #expect(throws: WebAuthnFault.challenge) { try Recording.es256.signIn(challenge: [1, 2, 3]) }
        try expect(.challenge) { $0.replace("challenge", "chalenge") }
        try expect(.challenge) { $0.replace("\"challenge\": \"", "\"challenge\": \"=") }
    }

    @Test(
        "an origin that is not in the list as it stands is refused",
        arguments: [
            "http://id.example.com", "https://id.example.com:443", "https://id.example.com/", "https://example.com",
            "https://ID.example.com", "https://evil.id.example.com", "null",
        ])
    func origin(_ origin: String) throws {
        try expect(.origin) { $0.replace("https://id.example.com", origin) }
    }

    @Test("ceremonies in a frame of another site are refused")
    func frames() throws {
        try expect(.crossOrigin) { $0.replace("\"crossOrigin\": false", "\"crossOrigin\": true") }
        try expect(.crossOrigin) { $0.replace("\"crossOrigin\": false", "\"topOrigin\": \"https://a.example\"") }
        try expect(.crossOrigin) { $0.replace("\"crossOrigin\": false", "\"crossOrigin\": 0") }
    }

    @Test("client data without a word of frames, as older browsers send them, are taken")
    func noWordOfFrames() throws {
        var recording = Recording.es256
        recording.registration.replace(", \"crossOrigin\": false", "")
        #expect(throws: Never.self) { try recording.register() }
    }

    @Test("authenticator data for another relying party are refused")
    func relyingParty() throws {
        try expect(.rpID, party: RelyingParty(id: "example.com", origins: Recording.party.origins))
    }

    @Test("without presence or verification of the user nothing is taken")
    func flags() throws {
        #expect(throws: WebAuthnFault.userNotPresent) { try Recording.es256.registering { $0[32] &= ~0x01 }.register() }
        #expect(throws: WebAuthnFault.userNotVerified) {
            try Recording.es256.registering { $0[32] &= ~0x04 }.register()
        }
        try expectAssertion(.userNotPresent) { $0[32] &= ~0x01 }
        try expectAssertion(.userNotVerified) { $0[32] &= ~0x04 }
    }

    @Test("a key that is backed up but not eligible for it is refused")
    func backupState() throws {
        #expect(throws: WebAuthnFault.backupState) { try Recording.es256.registering { $0[32] |= 0x10 }.register() }
        try expectAssertion(.backupState) { $0[32] |= 0x10 }
    }

    @Test("another eligibility for backup than at the registration is refused")
    func backupEligibility() throws {
        #expect(throws: WebAuthnFault.backupEligibility) { try Recording.es256.signIn(isBackupEligible: true) }
        try expectAssertion(.backupEligibility) { $0[32] |= 0x08 }
    }

    @Test("authenticator data that are too short, or longer than they say, are refused")
    func lengths() throws {
        try expectAssertion(.authenticatorData) { $0.removeLast() }
        try expectAssertion(.authenticatorData) { $0.append(0) }
        try expectAssertion(.authenticatorData) { $0 = [] }
        // Extensions are announced, and are no map, or not there.
        try expectAssertion(.authenticatorData) { $0[32] |= 0x80 }
        try expectAssertion(.authenticatorData) {
            $0[32] |= 0x80
            $0.append(0x00)
        }
        for change: (inout [UInt8]) -> Void in [{ $0.removeLast() }, { $0.append(0) }] {
            let recording = try Recording.es256.registering(change)
            #expect(throws: WebAuthnFault.authenticatorData) { try recording.register() }
        }
    }

    @Test("extensions that are not announced are left over")
    func extensionsNotAnnounced() throws {
        let recording = try Recording.withExtensions.registering { $0[32] &= ~0x80 }
        #expect(throws: WebAuthnFault.authenticatorData) { try recording.register() }
    }

    @Test("a registration without a key is refused")
    func noKey() throws {
        let recording = try Recording.es256.registering {
            $0[32] &= ~0x40
            $0.removeLast($0.count - 37)
        }
        #expect(throws: WebAuthnFault.noKey) { try recording.register() }
    }

    @Test("names of credentials have 16 to 1,023 bytes", arguments: [0, 15, 1_024])
    func credentialIDLength(_ length: Int) throws {
        let recording = try Recording.es256.registering { data in
            let given = Int(data[53]) << 8 | Int(data[54])
            data.replaceSubrange(53..<(55 + given), with: [UInt8(length >> 8), UInt8(length & 0xFF)])
            data.insert(contentsOf: [UInt8](repeating: 7, count: length), at: 55)
        }
        #expect(throws: WebAuthnFault.credentialIDLength) { try recording.register() }
    }

    @Test("a registration of another credential than it names is refused")
    func otherCredential() throws {
        var recording = Recording.es256
        recording.registration.id[0] ^= 1
        recording.registration.rawID[0] ^= 1
        #expect(throws: WebAuthnFault.credentialID) { try recording.register() }
    }

    @Test("an attestation object that is not exactly one is refused")
    func attestationObject() throws {
        let object = Recording.es256.registration.attestationObject
        let data = bytes(try Recording.es256.registrationData)
        let objects: [[UInt8]] = [
            [], object + [0], Array(object.dropLast()), [0x80],
            [0xA2] + text("fmt") + text("none") + text("authData") + data,
            [0xA3] + text("fmt") + [0x00] + text("attStmt") + [0xA0] + text("authData") + data,
            [0xA3] + text("fmt") + text("none") + text("attStmt") + [0x80] + text("authData") + data,
            [0xA4] + text("fmt") + text("none") + text("attStmt") + [0xA0] + text("authData") + data + text("more")
                + [0x00],
            [0xA3] + text("fmt") + text("none") + text("fmt") + text("none") + text("authData") + data,
        ]
        for object in objects {
            var recording = Recording.es256
            recording.registration.attestationObject = object
            #expect(throws: WebAuthnFault.attestationObject) { try recording.register() }
        }
    }

    @Test("any statement is taken as it is, since none is asked for")
    func statement() throws {
        let data = bytes(try Recording.es256.registrationData)
        var recording = Recording.es256
        recording.registration.attestationObject =
            [0xA3] + text("fmt") + text("tpm") + text("attStmt") + [0xA1] + text("sig") + [0x41, 0x00]
            + text("authData") + data
        #expect(throws: Never.self) { try recording.register() }
    }

    @Test("a signature of another key is refused", arguments: Recording.all)
    func otherKey(_ recording: Recording) throws {
        let others = Recording.all.filter { $0.testDescription != recording.testDescription }
        for other in others {
            #expect(throws: WebAuthnFault.signature) { try recording.signIn(key: other.register().publicKey) }
        }
    }

    @Test("a signature of ECDSA has one form only")
    func strictDER() throws {
        let recording = Recording.es256
        let signature = recording.assertion.signature
        let rLength = Int(signature[3])
        let r = Array(signature[4..<(4 + rLength)])
        let s = Array(signature[(6 + rLength)...])
        func integer(_ value: [UInt8]) -> [UInt8] { [0x02, UInt8(value.count)] + value }
        func sequence(_ content: [UInt8]) -> [UInt8] { [0x30, UInt8(content.count)] + content }
        let bare = { (value: [UInt8]) in value.first == 0 ? Array(value.dropFirst()) : value }
        let padded = [UInt8](repeating: 0, count: 32 - bare(r).count) + bare(r) + bare(s)
        let forms: [[UInt8]] = [
            sequence(integer([0] + r) + integer(s)), sequence(integer(r) + integer([0] + s)), signature + [0],
            [0x30, 0x81, signature[1]] + signature[2...], sequence(integer(r) + integer(s) + [0x05, 0x00]),
            sequence(integer(r)), [0x31] + signature.dropFirst(),
            sequence([0x03] + integer(r).dropFirst() + integer(s)),
            [0x30, 0x80] + integer(r) + integer(s) + [0, 0], [], [0x30], sequence([]), padded,
            sequence(integer([]) + integer(s)), sequence(integer([0x80] + r.dropFirst()) + integer(s)),
            sequence(integer([0]) + integer(s)),
        ]
        for form in forms {
            var changed = recording
            changed.assertion.signature = form
            #expect(throws: WebAuthnFault.signature) { try changed.signIn() }
        }
        var same = recording
        same.assertion.signature = sequence(integer(r) + integer(s))
        #expect(throws: Never.self) { try same.signIn() }
    }

    private func expectAssertion(
        _ fault: WebAuthnFault, at location: SourceLocation = #_sourceLocation, _ change: (inout [UInt8]) -> Void
    ) throws {
        var recording = Recording.es256
        change(&recording.assertion.authenticatorData)
        #expect(throws: fault, sourceLocation: location) { try recording.signIn() }
    }
}
