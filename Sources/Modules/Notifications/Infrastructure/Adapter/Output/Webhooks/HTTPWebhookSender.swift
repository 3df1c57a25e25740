import HTTPClient
import NotificationsApplication
import NotificationsDomain
import Shared

/// Brings events to endpoints by HTTP, through the egress guard.
struct HTTPWebhookSender: WebhookSender {
    let http: any HTTPFetching
    let clock: any WallClock

    func refusal(of url: String) -> String? {
        do throws(FetchURL.Problem) {
            return http.refusal(of: try FetchURL(url))?.message
        } catch {
            return error.message
        }
    }

    func send(_ event: WebhookEvent, to url: String, secrets: [Secret<[UInt8]>]) async throws -> WebhookSending {
        let (body, start) = (Array(event.body.utf8), clock.now)
        let address: FetchURL
        do throws(FetchURL.Problem) {
            address = try FetchURL(url)
        } catch {
            return .tried(WebhookAttempt(status: nil, error: error.message, startedAt: start, endedAt: start))
        }
        let headers =
            [("Content-Type", "application/cloudevents+json")]
            + StandardWebhook.headers(id: event.id.description, at: start, body: body, secrets: secrets)
        let limits = FetchLimits(bodyBytesMax: WebhookAttempt.answerBytesMax, overflow: .cut)
        do {
            let answer = try await http.fetch(
                FetchRequest("POST", address, headers: headers, body: body, limits: limits))
            return .tried(
                WebhookAttempt(
                    status: answer.status, answer: Self.text(answer.body), startedAt: start, endedAt: clock.now,
                    retryAfter: answer.header("retry-after").flatMap { UInt32($0) }.map { .seconds($0) }))
        } catch let failure as FetchFailure {
            if failure.kind == .paused { return .paused(failure.retryAfter ?? .zero) }
            return .tried(
                WebhookAttempt(status: nil, error: failure.description, startedAt: start, endedAt: clock.now))
        }
    }

    /// What staff may read, and PostgreSQL takes: no control characters but line ends.
    private static func text(_ bytes: [UInt8]) -> String {
        let scalars = String(decoding: bytes, as: UTF8.self).unicodeScalars
        return String(String.UnicodeScalarView(scalars.filter { $0.value >= 0x20 || $0 == "\n" || $0 == "\t" }))
    }
}
