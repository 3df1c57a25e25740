import AccountsApplication
import HTTP

/// Links to our own pages, or to the operator's front end where `PAGES_URL` names one.
struct PageLinks: AccountsLinks {
    /// `APP_URL`, without a slash at the end.
    let appURL: String
    let pagesURL: String?

    func verification(token: String) -> String {
        "\(pagesURL ?? appURL)/verify?token=\(PercentCoding.encode(token))"
    }

    func newPassword(token: String) -> String {
        "\(pagesURL ?? appURL)/new-password?token=\(PercentCoding.encode(token))"
    }

    func magicLink(token: String) -> String {
        "\(pagesURL ?? appURL)/login/link?token=\(PercentCoding.encode(token))"
    }

    func emailChange(token: String) -> String {
        "\(pagesURL ?? appURL)/change-email/confirm?token=\(PercentCoding.encode(token))"
    }

    /// Always our own page: whoever lost an account is helped whether or not the front end knows this link.
    func emailUndo(token: String) -> String {
        "\(appURL)/change-email/undo?token=\(PercentCoding.encode(token))"
    }

    /// Always our own page, for the same reason.
    func reactivation(token: String) -> String {
        "\(appURL)/reactivate?token=\(PercentCoding.encode(token))"
    }

    /// Always our own page, for the same reason.
    func factorReset(token: String) -> String {
        "\(appURL)/mfa-reset/stop?token=\(PercentCoding.encode(token))"
    }

    func administrator(token: String) -> String {
        "\(appURL)/administrator/accept?token=\(PercentCoding.encode(token))"
    }
}
