import Shared

/// A way to prove who one is, as in `amr` (RFC 8176 where it has a word).
package enum AuthenticationMethod: String, Sendable, CaseIterable {
    case password = "pwd"
    /// A code or link that was mailed.
    case email
    /// Another company's sign-in.
    case federated = "fed"
    case oneTimePassword = "otp"
    case recoveryCode = "rc"
    /// A passkey that stays on its device.
    case hardwareKey = "hwk"
    /// A passkey that is backed up or shared between devices.
    case softwareKey = "swk"
    /// The device made sure that it is the person: by a PIN, a finger, a face.
    case userVerified = "user"
    /// Two factors.
    case multipleFactors = "mfa"
}

/// How sure it is who somebody is, as in `acr`.
package enum AssuranceLevel: String, Sendable, Comparable {
    case aal1
    /// By a second factor or a passkey that verified its user.
    case aal2

    package static func < (left: AssuranceLevel, right: AssuranceLevel) -> Bool { left == .aal1 && right == .aal2 }
}

/// When and by what the person behind a session last proved who he is. A refreshed token is no proof.
package struct SignInProof: Sendable, Equatable {
    /// In the order in which they were given, each once.
    package let methods: [AuthenticationMethod]
    package let level: AssuranceLevel
    package let at: Timestamp

    package init(_ methods: [AuthenticationMethod], level: AssuranceLevel = .aal1, at: Timestamp) {
        self.methods = methods
        self.level = level
        self.at = at
    }

    /// The same proof given once more.
    package func again(at now: Timestamp) -> SignInProof { SignInProof(methods, level: level, at: now) }

    /// With a second factor behind it.
    package func and(_ second: [AuthenticationMethod], at now: Timestamp) -> SignInProof {
        var all = methods.filter { $0 != .multipleFactors }
        for method in second + [.multipleFactors] where !all.contains(method) { all.append(method) }
        return SignInProof(all, level: .aal2, at: now)
    }

    /// The methods as a row keeps them: words with a space between.
    package var methodsText: String { methods.map(\.rawValue).joined(separator: " ") }

    /// Words that are not known, of a newer version, are left out.
    package static func methods(text: String) -> [AuthenticationMethod] {
        text.split(separator: " ").compactMap { AuthenticationMethod(rawValue: String($0)) }
    }
}
