/// The parameters of a PHC string, `ln=16,r=8,p=1`, in their order.
struct PHCParameters {
    let names: [String]
    let values: [Int]

    init?(_ text: Substring) {
        var names: [String] = []
        var values: [Int] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let pair = part.split(separator: "=", omittingEmptySubsequences: false)
            guard pair.count == 2, let value = DecimalText.integer(pair[1]) else { return nil }
            names.append(String(pair[0]))
            values.append(value)
        }
        self.names = names
        self.values = values
    }

    /// Base64 without padding or, as Kratos writes it, with it; with `+` or, as passlib writes it, `.`.
    static func decode(_ text: Substring) -> [UInt8]? {
        let standard = text.utf8.map { $0 == UInt8(ascii: ".") ? UInt8(ascii: "+") : $0 }
        return standard.last == UInt8(ascii: "=")
            ? StandardBase64.decodePadded(standard) : StandardBase64.decode(standard)
    }
}
