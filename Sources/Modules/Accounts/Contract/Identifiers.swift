import Shared

/// A person's account.
package struct UserID: EntityID {
    package let value: Identifier
    package init(_ value: Identifier) { self.value = value }
}

/// One signed-in device.
package struct SessionID: EntityID {
    package let value: Identifier
    package init(_ value: Identifier) { self.value = value }
}

/// An account at another company by which somebody signs in.
package struct IdentityID: EntityID {
    package let value: Identifier
    package init(_ value: Identifier) { self.value = value }
}

/// A mailed sign-in code. The id alone tells nothing about its digits.
package struct SignInCodeID: EntityID {
    package let value: Identifier
    package init(_ value: Identifier) { self.value = value }
}

/// A mailed proof of an address. The id alone proves nothing: the link also holds a keyed hash.
package struct ValidationID: EntityID {
    package let value: Identifier
    package init(_ value: Identifier) { self.value = value }
}

/// A passkey of an account.
package struct PasskeyID: EntityID {
    package let value: Identifier
    package init(_ value: Identifier) { self.value = value }
}

/// A second factor of an account.
package struct FactorID: EntityID {
    package let value: Identifier
    package init(_ value: Identifier) { self.value = value }
}

/// A sign-in that waits for its second step.
package struct MFAChallengeID: EntityID {
    package let value: Identifier
    package init(_ value: Identifier) { self.value = value }
}

/// That an account is to lose its second factors. The link that stops it has the same number.
package struct MFAResetID: EntityID {
    package let value: Identifier
    package init(_ value: Identifier) { self.value = value }
}
