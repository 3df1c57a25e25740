import HTTP
import Testing

@Suite("The reader's language")
struct LanguageTests {
    @Test(
        "is the one that is wanted most, by its language alone, and English for everybody else",
        arguments: [
            (nil, "en"), ("id", "id"), ("id-ID,id;q=0.9,en;q=0.8", "id"), ("RU-ru", "ru"), ("de, fr;q=0.9", "en"),
            ("de, ru;q=0.5, id;q=0.7", "id"), ("en;q=0.1, ru", "ru"), ("ru;q=0", "en"), ("ru ; q=0.3 , id", "id"),
            ("idx, ru;q=x", "en"), ("*", "en"), ("", "en"), (",;q=", "en"),
        ] as [(String?, String)])
    func language(_ field: String?, _ expected: String) {
        let headers = Headers(field.map { [("Accept-Language", $0)] } ?? [])
        let request = Request(method: .get, path: "/", headers: headers)
        #expect(request.language(among: ["en", "id", "ru"]) == expected)
    }
}
