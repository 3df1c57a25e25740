import SQL
import Testing

@Suite("A constraint violation")
struct ConstraintViolationTests {
    @Test("is recognised by kind, table and columns together")
    func recognised() {
        let violation = ConstraintViolation(.unique, table: "identities", columns: ["provider", "subject"])
        #expect(violation.isUnique("identities", "provider", "subject"))
        #expect(!violation.isUnique("identities", "provider"))
        #expect(!violation.isUnique("users", "provider", "subject"))
        let other = ConstraintViolation(.notNull, table: "identities", columns: ["provider", "subject"])
        #expect(!other.isUnique("identities", "provider", "subject"))
    }

    @Test("names what it knows")
    func description() {
        #expect("\(ConstraintViolation(.check, name: "age"))" == "check constraint violated: age")
        #expect("\(ConstraintViolation(.unique, table: "t", columns: ["a"]))" == "unique constraint violated: t a")
        #expect("\(ConstraintViolation(.foreignKey))" == "foreign key constraint violated: unknown")
    }
}
