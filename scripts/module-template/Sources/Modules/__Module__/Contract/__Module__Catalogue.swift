import Shared

/// What the catalogue of events says of those of __Module__.
package enum __Module__Catalogue {
    package static let events = [
        EventDescription(__Entity__Created(__entity__ID: __Entity__ID(.example(0))), "There is one more __words__.")
    ]
}
