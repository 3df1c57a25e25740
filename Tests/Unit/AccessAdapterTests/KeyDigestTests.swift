import AccessDoubles
import AccessPortSuites
import Shared
import Testing

@testable import AccessInfrastructure

@Suite("The digest of keys")
struct KeyDigestTests {
    @Test("SHA-256 behaves as every digest", arguments: KeyDigestBehaviour.all)
    func sha256(_ behaviour: KeyDigestBehaviour) throws { try behaviour.check(SHA256KeyDigest()) }

    @Test("the double behaves as every digest", arguments: KeyDigestBehaviour.all)
    func double(_ behaviour: KeyDigestBehaviour) throws { try behaviour.check(KeyDigestDouble()) }

    @Test("it is SHA-256 as others have it: the first vector of NIST for `abc`")
    func vector() {
        let digest = SHA256KeyDigest().digest(of: Array("abc".utf8))
        #expect(Hex.encode(digest) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }
}
