import Transactions
import __Module__Application

/// What a unit of work of __Module__ can reach, over SQL.
struct SQL__Module__Context: __Module__Context, SQLBackedContext {
    let sql: SQLContext

    var __module__: any __Entity__Repository { SQL__Entity__Repository(transaction: transaction) }
}
