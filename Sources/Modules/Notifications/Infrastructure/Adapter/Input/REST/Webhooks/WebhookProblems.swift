import HTTP
import NotificationsApplication
import NotificationsDomain
import Shared

extension ProblemKind {
    static let tooManyWebhooks = ProblemKind(409, "too_many_webhooks", "There are as many webhooks as there may be")
    static let webhookDisabled = ProblemKind(409, "webhook_disabled", "The webhook is switched off")
    static let webhookPaused = ProblemKind(
        503, "webhook_paused", "The webhook's host failed several times and is left alone for a while")
}

extension ManageWebhooksService.Outcome {
    /// - Throws: a problem for every other outcome.
    var endpoint: WebhookEndpoint {
        get throws(Problem) {
            switch self {
            case .done(let endpoint): return endpoint
            case .unknown: throw Problem(.notFound)
            case .invalidURL(let message): throw Problem.validation([FieldError("url", message)])
            case .unknownEventType(let type, let index):
                throw Problem.validation([
                    FieldError(
                        "event_types[\(index)]",
                        "is \(type), and no event of that type leaves Gapura; `gapura events catalogue` lists the types"
                    )
                ])
            case .tooMany: throw Problem(.tooManyWebhooks, "At most \(WebhookEndpoint.countMax) webhooks may exist")
            }
        }
    }
}

extension ManageWebhooksService.SecretOutcome {
    /// - Throws: a problem for every other outcome.
    var answer: WebhookSecretAnswer {
        get throws(Problem) {
            switch self {
            case .done(let endpoint, let text):
                return WebhookSecretAnswer(answer: WebhookAnswer(endpoint: endpoint), text: text)
            case .refused(let outcome):
                return WebhookSecretAnswer(answer: WebhookAnswer(endpoint: try outcome.endpoint), text: nil)
            }
        }
    }
}
