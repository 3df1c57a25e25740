import SQL
import Shared
import __Module__Application
import __Module__Contract
import __Module__Domain

struct SQL__Entity__Repository: __Entity__Repository {
    let transaction: any SQLTransaction

    func find(_ id: __Entity__ID) throws -> __Entity__? {
        try transaction.first("SELECT id, title, created_at FROM __table__ WHERE id = \(id)", Self.__entity__)
    }

    func insert(_ __entity__: __Entity__) throws -> Bool {
        let inserted = try transaction.execute(
            """
            INSERT INTO __table__ (id, title, created_at)
            VALUES (\(__entity__.id), \(__entity__.title.text), \(__entity__.createdAt))
            ON CONFLICT (title) DO NOTHING
            """)
        return inserted == 1
    }

    private static func __entity__(_ row: Row) throws -> __Entity__ {
        var next = row.reader
        let id: __Entity__ID = try next.id()
        guard let title = __Entity__Title(try next.text()) else {
            throw InternalFailure("__words__ \(id) has no valid title")
        }
        return __Entity__(id: id, title: title, createdAt: try next.timestamp())
    }
}
