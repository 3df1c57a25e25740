import Crypto
import Shared
import Testing

@Suite("libcrypto's random bytes")
struct LibcryptoRandomSourceTests {
    @Test("it gives as many bytes as are asked for", arguments: [0, 1, 7, 512, 100_000])
    func count(_ count: Int) {
        #expect(LibcryptoRandomSource().bytes(count).count == count)
    }

    @Test("no two draws are the same")
    func differs() {
        let draws = (0..<1_000).map { _ in LibcryptoRandomSource().bytes(16) }
        #expect(Set(draws).count == draws.count)
    }

    @Test("identifiers take their random bits from it, each its own")
    func identifiers() {
        let source = TimeOrderedIdentifierSource(random: LibcryptoRandomSource())
        let identifiers = (0..<1_000).map { _ in source.next() as Identifier }
        #expect(Set(identifiers.map(\.low)).count == identifiers.count)
        #expect(identifiers == identifiers.sorted())
    }
}
