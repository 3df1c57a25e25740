import Shared

/// What another system answered, whatever the status.
package struct FetchResponse: Sendable, Equatable {
    package struct Header: Sendable, Equatable {
        /// Lower case.
        package let name: String
        package let value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// 200 to 599.
    package let status: Int
    package let headers: [Header]
    package let body: [UInt8]
    /// Whether the body went on behind `FetchLimits.bodyBytesMax`.
    package let isCut: Bool
    /// Of the peer of the last hop.
    package let address: NetworkAddress?

    package init(
        status: Int, headers: [Header] = [], body: [UInt8] = [], isCut: Bool = false, address: NetworkAddress? = nil
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.isCut = isCut
        self.address = address
    }

    package var isSuccess: Bool { (200...299).contains(status) }

    /// The first of this name.
    package func header(_ name: String) -> String? {
        let name = name.lowercased()
        return headers.first { $0.name == name }?.value
    }
}
