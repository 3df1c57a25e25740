import __Module__Contract
import __Module__Domain

package protocol __Entity__Repository {
    func find(_ id: __Entity__ID) throws -> __Entity__?

    /// - Returns: false if the title is taken; nothing is changed then.
    func insert(_ __entity__: __Entity__) throws -> Bool
}
