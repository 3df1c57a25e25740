import AccessApplication
import AccessDomain
import AccessDoubles
import AccountsContract
import Configuration
import Lifecycle
import Shared
import TestSupport
import Testing

@testable import AccessInfrastructure

@Suite("Access, wired")
struct AccessModuleTests {
    private func settings(
        _ values: [String: String] = [:], isProduction: Bool
    ) -> (settings: AccessSettings, failures: Int) {
        var reader = SettingsReader(values: values) { _ in "" }
        let settings = AccessSettings(&reader, isProduction: isProduction)
        return (settings, reader.failures.count)
    }

    @Test("a development installation has services to try things with; who removes one has it removed for good")
    func samples() async throws {
        try await withAccessHouse { house in
            let settings = settings(isProduction: false).settings
            let module = try await AccessModule(settings, try house.dependencies())
            #expect(module.isCurrent(house.clock.now))
            let process = try await house.process()
            #expect(
                process.services.all.map(\.slug.text) == ["3dbinpacking", "cvmaker", "jobportal", "media_information"])
            let plans = [PlanCode.anonymous, .free, .pro, .enterprise]
            #expect(process.services.all.allSatisfy { service in plans.allSatisfy { service.isOpen(to: $0) } })
            let answer = try await module.decide(try AccessHouse.question(.none, service: "cvmaker"))
            #expect(answer.decision.isAllowed)
            let id = try #require(process.services.service("cvmaker")?.id)
            try await process.work.write { try $0.services.delete(id) }
            _ = try await AccessModule(settings, try house.dependencies())
            #expect(try await process.work.read { try $0.services.all().count } == 3)
        }
    }

    @Test("a production installation begins without services")
    func production() async throws {
        try await withAccessHouse { house in
            _ = try await AccessModule(settings(isProduction: true).settings, try house.dependencies())
            #expect(try await house.process().services.all.isEmpty)
        }
    }

    @Test("the anonymous amount of a network is set within bounds")
    func anonymousPerPrefix() {
        #expect(settings(isProduction: true).settings.anonymousPerPrefix == 1)
        #expect(settings(["ANONYMOUS_PER_PREFIX": "5"], isProduction: true).settings.anonymousPerPrefix == 5)
        for bad in ["0", "-1", "many"] {
            #expect(settings(["ANONYMOUS_PER_PREFIX": bad], isProduction: true).failures == 1)
        }
    }
}
