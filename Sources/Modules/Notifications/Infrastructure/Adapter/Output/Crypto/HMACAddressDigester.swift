import Crypto
import NotificationsApplication
import NotificationsDomain
import Shared

/// HMAC-SHA-256 under a key of its own, cut to 16 bytes: enough to tell any number of addresses apart. With another
/// master key the counts of mails begin anew.
struct HMACAddressDigester: AddressDigester {
    private let key: HMACKey

    init(_ masterKey: MasterKey) {
        key = HMACKey(masterKey.derive("notifications/address/1"))
    }

    func digest(_ address: EmailAddress) -> AddressDigest {
        AddressDigest(Array(key.authenticate(Array(address.key.utf8)).prefix(16)))
    }
}
