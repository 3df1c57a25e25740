import HTTP

extension ProblemKind {
    static let __entity__TitleTaken = ProblemKind(409, "__snake___title_taken", "Another __words__ has this title")
}
