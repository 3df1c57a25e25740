import HTTP
import JSON
import __Module__Domain

struct Create__Entity__Body: Input {
    let title: __Entity__Title

    init(_ fields: inout Fields) {
        title = fields.required("title", .__entity__Title)
    }
}

extension FieldType where Value == __Entity__Title {
    static var __entity__Title: FieldType {
        let lengths = __Entity__Title.lengths
        let line = FieldType<String>.text(lengths)
        return FieldType(schema: line.schema, placeholder: __Entity__Title("placeholder")!) { value in
            line.read(value).flatMap { text in
                __Entity__Title(text).map { .success($0) } ?? .failure("must not be blank")
            }
        }
    }
}
