/// What decisions noted and what is not done yet.
package protocol PendingFollowUps: Sendable {
    /// Everything, which then does not wait any more.
    func drain() -> FollowUpBatch
    /// Lets what could not be done wait again, before what was noted since.
    func putBack(_ batch: FollowUpBatch)
}
