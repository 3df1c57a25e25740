import __Module__Contract
import __Module__Domain

package struct __Module__FacadeService: __Module__Facade {
    private let read: any Read__Entity__

    package init(read: any Read__Entity__) {
        self.read = read
    }

    package func title(of id: __Entity__ID) async throws -> String? {
        try await read(id)?.title.text
    }
}
