import __Module__Contract
import __Module__Domain

package struct __Module__FacadeService: __Module__Facade {
    private let read: Read__Entity__Service

    package init(read: Read__Entity__Service) {
        self.read = read
    }

    package func title(of id: __Entity__ID) async throws -> String? {
        try await read(id)?.title.text
    }
}
