import Shared

/// The unit of work of __Module__.
package typealias __Module__Work = UnitOfWork<any __Module__Context>

/// What a unit of work can reach.
package protocol __Module__Context: UnitOfWorkContext {
    var __module__: any __Entity__Repository { get }
}
