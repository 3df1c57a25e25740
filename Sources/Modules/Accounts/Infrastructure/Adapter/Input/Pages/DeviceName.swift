/// What people call a device, from what its browser says it is (`User-Agent`, which anybody can write).
struct DeviceName: Sendable, Equatable {
    let browser: String?
    let system: String?

    /// The first that is named counts: browsers call themselves by each other's names too.
    private static let browsers = [
        ("Edg/", "Edge"), ("EdgA/", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung Internet"),
        ("YaBrowser/", "Yandex Browser"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"),
        ("Chrome/", "Chrome"), ("Safari/", "Safari"),
    ]
    private static let systems = [
        ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("CrOS", "ChromeOS"), ("Windows", "Windows"),
        ("Mac OS X", "macOS"), ("Linux", "Linux"),
    ]

    init(_ userAgent: String) {
        browser = Self.browsers.first { userAgent.contains($0.0) }?.1 ?? Self.program(userAgent)
        system = Self.systems.first { userAgent.contains($0.0) }?.1
    }

    /// - Parameter on: the word between the two.
    /// - Returns: nil if nothing is known.
    func text(on: String) -> String? {
        switch (browser, system) {
        case (let browser?, let system?): "\(browser) \(on) \(system)"
        case (let name?, nil), (nil, let name?): name
        case (nil, nil): nil
        }
    }

    /// A program's own name: `curl/7.88.1`.
    private static func program(_ userAgent: String) -> String? {
        guard !userAgent.hasPrefix("Mozilla/") else { return nil }
        let name = userAgent.prefix { $0 != "/" && $0 != " " }.prefix(40)
        return name.isEmpty ? nil : String(name)
    }
}
