/// Prometheus' text exposition format, version 0.0.4
/// (https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format).
struct PrometheusText {
    private(set) var bytes: [UInt8] = []

    mutating func append(_ family: MetricFamily) {
        var lines = ""
        for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) {
            let text = Self.labels(labels)
            switch series {
            case .counter(let counter): lines += Self.line(family.name, text, String(counter.value))
            case .gauge(let gauge): lines += Self.line(family.name, text, String(gauge.value))
            case .function(let read):
                if let value = read() { lines += Self.line(family.name, text, Self.number(value)) }
            case .histogram(let histogram): lines += Self.histogram(family.name, text, histogram.snapshot)
            }
        }
        guard !lines.isEmpty else { return }
        bytes.append(contentsOf: "# HELP \(family.name) \(Self.escapedHelp(family.help))\n".utf8)
        bytes.append(contentsOf: "# TYPE \(family.name) \(Self.type(family.kind))\n".utf8)
        bytes.append(contentsOf: lines.utf8)
    }

    private static func histogram(_ name: String, _ labels: String, _ snapshot: Histogram.Snapshot) -> String {
        var lines = ""
        for (bound, count) in snapshot.cumulative {
            let limit = "le=\"\(bound.map(number) ?? "+Inf")\""
            lines += line("\(name)_bucket", labels.isEmpty ? limit : "\(labels),\(limit)", String(count))
        }
        return lines + line("\(name)_sum", labels, number(snapshot.sum))
            + line("\(name)_count", labels, String(snapshot.count))
    }

    private static func line(_ name: String, _ labels: String, _ value: String) -> String {
        labels.isEmpty ? "\(name) \(value)\n" : "\(name){\(labels)} \(value)\n"
    }

    private static func labels(_ labels: MetricLabels) -> String {
        labels.pairs.map { "\($0.name)=\"\(escapedValue($0.value))\"" }.joined(separator: ",")
    }

    private static func type(_ kind: MetricFamily.Kind) -> String {
        switch kind {
        case .counter: "counter"
        case .gauge: "gauge"
        case .histogram: "histogram"
        }
    }

    /// As Go's ParseFloat reads it.
    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        let text = value.description
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    private static func escapedHelp(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func escapedValue(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
