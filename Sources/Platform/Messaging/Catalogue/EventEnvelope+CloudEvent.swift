import JSON
import Shared

extension EventEnvelope {
    /// The event by the JSON format of CloudEvents 1.0, as it leaves the installation.
    ///
    /// - Parameter appURL: where schemas of public types are served.
    package func cloudEvent(appURL: String) -> JSONObject {
        var event: JSONObject = [
            "specversion": "1.0",
            "id": .string(id.description),
            "source": .string(source),
            "type": .string(type),
            "subject": .string(subject.description),
            "time": .string(time.description),
            "datacontenttype": "application/json",
        ]
        if reach == .public {
            event["dataschema"] = .string(appURL + EventCatalogue.path(of: type, version: version))
        }
        if let traceparent { event["traceparent"] = .string(traceparent) }
        event["partitionkey"] = .string(subject.description)
        event["sequence"] = .string(sequence)
        event["data"] = (try? JSONValue(parsing: Array(data.utf8))) ?? .null
        return event
    }
}
