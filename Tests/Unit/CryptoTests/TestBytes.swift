import Shared

func bytes(hex: String) -> [UInt8] {
    let digits = hex.utf8.compactMap { Hex.value(of: $0) }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

func secret(_ text: String) -> Secret<[UInt8]> {
    Secret(Array(text.utf8))
}
