/// Input that breaks rules: every bad field at once. Becomes 422 `validation_failed`.
package struct InvalidFields: Error, Sendable, Equatable {
    package struct Problem: Sendable, Equatable {
        /// A field's name; in lists with its place, from 0: `routes[2].path`.
        package let field: String
        /// What it must be, after the field's name: `must be a whole number`.
        package let message: String

        package init(_ field: String, _ message: String) {
            self.field = field
            self.message = message
        }
    }

    package let problems: [Problem]

    package init(_ problems: [Problem]) {
        self.problems = problems
    }
}
