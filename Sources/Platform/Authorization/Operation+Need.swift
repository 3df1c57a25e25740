import HTTP

extension HTTP.Operation {
    /// The operation with what the document tells of a need: who may call, the permission, how the gate refuses.
    func guarded(by need: Need, _ stepUp: StepUpNeed = .none) -> HTTP.Operation {
        let note = need.permission.map { "; needs `\($0)`" } ?? ""
        return secured(
            need.takesKeys ? .signedInOrKey : .signedIn, note: note,
            refusals: need.refusals + stepUp.refusals + [.validationFailed])
    }
}

extension Need {
    /// Beside those of the way in which a caller is known.
    fileprivate var refusals: [ProblemKind] {
        switch self {
        case .session: []
        case .personOrKey: [.accountBlocked]
        case .person: [.accountBlocked, .permissionDenied]
        case .permission: [.accountBlocked, .permissionDenied, .mfaEnrolmentRequired, .stepUpRequired]
        }
    }
}

extension StepUpNeed {
    fileprivate var refusals: [ProblemKind] {
        switch self {
        case .none: []
        case .fresh, .freshUnlessProved: [.stepUpRequired]
        }
    }
}
