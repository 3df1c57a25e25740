import Shared
import TestSupport

/// The context of a module that keeps nothing but notes, to try units of work on.
package protocol NotesContext: UnitOfWorkContext {
    /// The notes, in the order of their text.
    func notes() throws -> [String]
    /// Fails if there is the same note already.
    func add(_ note: String) throws
}

package struct NotesStore: InMemoryStore {
    package var notes: Set<String> = []
    package var traces = WorkTraces()

    package init() {}

    package static func context(_ memory: InMemoryContext<NotesStore>) -> any NotesContext {
        InMemoryNotesContext(memory: memory)
    }
}

private struct InMemoryNotesContext: NotesContext, InMemoryBackedContext {
    let memory: InMemoryContext<NotesStore>

    func notes() throws -> [String] { memory.store.notes.sorted() }

    func add(_ note: String) throws {
        guard try memory.change({ $0.notes.insert(note).inserted }) else {
            throw InternalFailure("there is the same note already")
        }
    }
}

/// Somebody has written a note.
package struct NoteWritten: DomainEvent {
    package static let type = "note.written"
    package static let source = "/gapura/notes"
    package static let isPublic = false
    package let subject: Identifier

    package init(_ subject: Identifier) {
        self.subject = subject
    }
}
