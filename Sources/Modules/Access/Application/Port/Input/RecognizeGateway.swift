import AccessContract
import Shared

/// Whether a service or a gateway may ask about a service: by a key of the kind `gateway` that lists it.
package protocol RecognizeGateway: Sendable {
    /// Suspends only for a key that is not known yet.
    ///
    /// - Parameters:
    ///   - key: the key's text.
    ///   - service: the slug of the service that it asks about; nil for what concerns none.
    func callAsFunction(key: String, for service: String?) async throws -> GatewayRecognition
    /// The same from memory; nil if the store has to be asked.
    func recall(key: String, for service: String?) -> GatewayRecognition?
}

package enum GatewayRecognition: Sendable, Equatable {
    case recognized(APIKeyID)
    /// No key of ours, or not good any more.
    case invalidKey
    /// The key does not list this service, or is no gateway's.
    case notAllowed
}
