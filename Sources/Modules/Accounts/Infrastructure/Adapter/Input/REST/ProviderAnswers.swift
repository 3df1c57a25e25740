import AccountsApplication
import AccountsDomain
import HTTP
import Shared

/// By which companies people sign in.
struct ProvidersAnswer: Output {
    let providers: IdentityProviders

    static let shape = Shape<ProvidersAnswer>("Providers") { shape in
        shape.member("providers", .list(of: .object)) { $0.providers.all.map { ProviderAnswer(provider: $0) } }
    }
}

struct ProviderAnswer: Output {
    let provider: any IdentityProvider

    static let shape = Shape<ProviderAnswer>("Provider") { shape in
        shape.member("name", .text) { $0.provider.name.text }
        shape.member("label", .text) { $0.provider.label }
        shape.member("login_path", .text) { $0.provider.name.loginPath }
    }
}

extension ProviderName {
    /// Where a sign-in begins.
    var loginPath: String { text == segment ? "/\(text)/login" : "/oidc/\(segment)/login" }
}

/// The caller's accounts at other companies, and which ways of signing in there are.
struct IdentitiesAnswer: Output {
    let identities: [Identity]
    let methods: SignInMethods
    let providers: IdentityProviders

    static let shape = Shape<IdentitiesAnswer>("Identities") { shape in
        shape.member("identities", .list(of: .object)) { answer in
            answer.identities.map { identity in
                IdentityAnswer(identity: identity, label: answer.providers[identity.provider]?.label)
            }
        }
        shape.member("sign_in_methods", .object) { SignInMethodsAnswer(methods: $0.methods) }
    }
}

struct IdentityAnswer: Output {
    let identity: Identity
    /// Nil if its provider is not configured any more.
    let label: String?

    static let shape = Shape<IdentityAnswer>("Identity") { shape in
        shape.member("id", .id) { $0.identity.id }
        shape.member("provider", .text) { $0.identity.provider.text }
        shape.member("label", .text) { $0.label ?? $0.identity.provider.segment }
        shape.nullable("email", .email) { $0.identity.email }
        shape.nullable("name", .text) { $0.identity.claims.name }
        shape.member("linked_at", .timestamp) { $0.identity.linkedAt }
        shape.member("last_used_at", .timestamp) { $0.identity.lastUsed }
    }
}

struct SignInMethodsAnswer: Output {
    let methods: SignInMethods

    static let shape = Shape<SignInMethodsAnswer>("SignInMethods") { shape in
        shape.member("password", .bool) { $0.methods.hasPassword }
        shape.member("mailed_code", .bool) { $0.methods.hasMailedCode }
        shape.member("identities", .integer) { Int64($0.methods.identities) }
    }
}

struct AuthorizeAnswer: Output {
    let address: String

    static let shape = Shape<AuthorizeAnswer>("Authorize") { shape in
        shape.member("authorize_url", .text) { $0.address }
    }
}

/// Everything that is held about an account at another company.
struct HeldIdentityAnswer: Output {
    let identity: Identity

    static let shape = Shape<HeldIdentityAnswer>("HeldIdentity") { shape in
        shape.member("provider", .text) { $0.identity.provider.text }
        shape.member("issuer", .text) { $0.identity.issuer }
        shape.member("subject", .text) { $0.identity.subject }
        shape.nullable("email", .email) { $0.identity.email }
        shape.nullable("name", .text) { $0.identity.claims.name }
        shape.nullable("given_name", .text) { $0.identity.claims.givenName }
        shape.nullable("family_name", .text) { $0.identity.claims.familyName }
        shape.nullable("picture", .text) { $0.identity.claims.picture }
        shape.nullable("locale", .text) { $0.identity.claims.locale }
        shape.nullable("hosted_domain", .text) { $0.identity.claims.hostedDomain }
        shape.nullable("tenant_id", .text) { $0.identity.claims.tenantID }
        shape.member("linked_at", .timestamp) { $0.identity.linkedAt }
        shape.member("last_used_at", .timestamp) { $0.identity.lastUsed }
    }
}
