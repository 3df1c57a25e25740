/// The labels of one series, sorted by name.
struct MetricLabels: Hashable, Sendable, Comparable {
    struct Pair: Hashable, Sendable {
        let name: String
        let value: String
    }

    let pairs: [Pair]

    init(_ labels: KeyValuePairs<String, String>, of kind: MetricFamily.Kind) {
        for (name, _) in labels {
            precondition(Self.isName(name, colonAllowed: false), "\(name) is not a label name")
            precondition(name != "le" || kind == .counter || kind == .gauge, "le is the histogram's own label")
        }
        pairs = labels.map { Pair(name: $0.key, value: $0.value) }.sorted { $0.name < $1.name }
        precondition(zip(pairs, pairs.dropFirst()).allSatisfy { $0.name != $1.name }, "a label stands twice")
    }

    private init(pairs: [Pair]) {
        self.pairs = pairs
    }

    /// The series for what is beyond the limit.
    var overflow: MetricLabels {
        MetricLabels(pairs: pairs.map { Pair(name: $0.name, value: "overflow") })
    }

    static func < (left: MetricLabels, right: MetricLabels) -> Bool {
        left.pairs.lexicographicallyPrecedes(right.pairs) { ($0.name, $0.value) < ($1.name, $1.value) }
    }

    /// Letters, digits and underscores, no digit first, and for metrics colons (Prometheus' data model).
    static func isName(_ name: String, colonAllowed: Bool) -> Bool {
        guard let first = name.first, !first.isNumber else { return false }
        return name.allSatisfy { character in
            character.isASCII && (character.isLetter || character.isNumber || character == "_")
                || colonAllowed && character == ":"
        }
    }
}
