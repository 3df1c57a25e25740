/// The languages of people.
package enum Languages {
    /// Those that mails and pages are written in, as BCP 47 tags; a user's `locale` is one of them.
    package static let supported = ["en", "id", "ru"]
}
