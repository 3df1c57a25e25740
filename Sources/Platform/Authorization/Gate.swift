import HTTP
import Shared

/// Decides who may use Gapura's own API. The module that knows rights implements it; every module's routes ask it, by
/// `Route.init(_:_:_:needs:gate:)`.
package protocol Gate: Sendable {
    /// Finds out who calls and whether they may. The first credential of a request counts, good or not.
    ///
    /// - Throws: a problem 401 if nobody is signed in; 403 if the caller may not, is blocked, or if the session cookie
    ///   comes from a foreign origin; `Unavailable` if neither memory nor the store can tell.
    func admit(_ request: Request, needing need: Need) async throws -> Principal

    /// Asks a person to prove once more who they are, if the session's last proof is too old or too weak. Keys are not
    /// asked.
    ///
    /// - Parameter need: what of the route; nothing happens for `none`.
    /// - Throws: a problem 401 `step_up_required`; `Unavailable` if the store cannot tell.
    func require(_ need: StepUpNeed, of principal: Principal) async throws

    /// Asks a person who may write on the platform for the second factor, wherever such a right can be handed on by a
    /// route that needs no permission itself. Routes that need one ask by themselves.
    ///
    /// - Throws: a problem 403 `mfa_enrolment_required` or 401 `step_up_required`; `Unavailable` if the store cannot tell.
    func requireAdministration(of principal: Principal) async throws

    /// The rule of cover: whether a caller may do all that a user may do on the whole platform. Answered from memory
    /// and without waiting, so that it can be asked inside a unit of work. What another process gave the user a moment
    /// ago counts after at most a second.
    ///
    /// - Parameter isAdministrator: whether the user is an administrator of the whole platform.
    /// - Throws: `Unavailable` while this process does not hear of changes to roles.
    func mayAct(_ principal: Principal, on user: Identifier, isAdministrator: Bool) throws -> Bool
}

extension Gate {
    /// Who calls a route that lets anybody in; a credential that does not count is none.
    ///
    /// - Throws: `Unavailable` if neither memory nor the store can tell.
    package func admitIfAny(_ request: Request, needing need: Need) async throws -> Principal? {
        do {
            return try await admit(request, needing: need)
        } catch is Problem {
            return nil
        }
    }
}

/// What a route asks of the caller's session beside that it lives.
package enum StepUpNeed: Sendable {
    case none
    /// A fresh proof, by the second factor if the account has one.
    case fresh
    /// The same, unless the call brings the password or a mailed code and the account has no second factor.
    case freshUnlessProved
}

/// What a route asks of its caller.
package enum Need: Sendable {
    /// A person's living session, for what is the person's own. Blocking and deactivating end the sessions, so nothing
    /// else is looked at. Keys do not count.
    case session
    /// A person whose account is in order. Keys are refused.
    case person
    /// A person, or a key of a person or of a service account, whose account is in order.
    case personOrKey
    /// The same with a permission on the whole platform; keys only if it is for keys.
    case permission(DeclaredPermission)

    package var takesKeys: Bool {
        switch self {
        case .session, .person: false
        case .personOrKey: true
        case .permission(let permission): permission.isForKeys
        }
    }

    /// Whether a key is looked at, be it to refuse it.
    package var readsKeys: Bool { if case .session = self { false } else { true } }

    package var permission: DeclaredPermission? {
        if case .permission(let permission) = self { permission } else { nil }
    }
}

extension Principal {
    /// - Throws: a problem 403 if a need is not met by who calls, whose account is in order.
    package func meet(_ need: Need) throws(Problem) {
        guard isPerson || need.takesKeys else { throw Problem(.permissionDenied, "API keys cannot do this") }
        if let permission = need.permission, !may(permission) { throw Problem.needs(permission) }
    }
}
