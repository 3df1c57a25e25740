import AccountsDomain
import Shared

extension AccountsStore {
    /// What is over is kept for questions: 30 days what a person may ask about, a day what only limits count.
    mutating func removeExpired(at now: Timestamp, limit: Int) -> Int {
        let horizon = now - .seconds(30 * 86_400)
        let day = now - .seconds(86_400)
        let goneSessions = sessions.values
            .filter { $0.expiresAt < horizon || $0.revokedAt.map { $0 < horizon } == true }.prefix(limit).map(\.id)
        for id in goneSessions { sessions[id] = nil }
        refreshTokens.removeAll { goneSessions.contains($0.sessionID) }
        let goneLinks = validations.values.filter { $0.expiresAt < horizon }.prefix(limit).map(\.id)
        for id in goneLinks { validations[id] = nil }
        let goneCodes = signInCodes.values.filter { $0.expiresAt < day }.prefix(limit).map(\.id)
        for id in goneCodes { signInCodes[id] = nil }
        let goneFailures = signInFailures.values.filter { $0.lastFailure < day }.prefix(limit).map(\.key)
        for key in goneFailures { signInFailures[key] = nil }
        let goneRevocations = revocations.indices.filter { revocations[$0].until < now }.prefix(limit)
        for index in goneRevocations.reversed() { revocations.remove(at: index) }
        let goneQuiet = quietAddresses.filter { $0.value < now }.prefix(limit).map(\.key)
        for key in goneQuiet { quietAddresses[key] = nil }
        let flows = now - FlowClaim.lifetime
        let goneFlows = flowClaims.values.filter { $0.createdAt < flows }.prefix(limit).map(\.hash)
        for hash in goneFlows { flowClaims[hash] = nil }
        let goneAppCodes = appCodes.values.filter { $0.expiresAt < day }.prefix(limit).map(\.hash)
        for hash in goneAppCodes { appCodes[hash] = nil }
        let goneSteps = mfaChallenges.values.filter { $0.expiresAt < day }.prefix(limit).map(\.id)
        for id in goneSteps { mfaChallenges[id] = nil }
        let goneFactors = totpFactors.values.filter { !$0.isConfirmed && $0.createdAt < day }.prefix(limit).map(\.id)
        for id in goneFactors { totpFactors[id] = nil }
        return goneSessions.count + goneLinks.count + goneCodes.count + goneFailures.count + goneRevocations.count
            + goneFlows.count + goneAppCodes.count + goneQuiet.count + goneSteps.count + goneFactors.count
    }
}
