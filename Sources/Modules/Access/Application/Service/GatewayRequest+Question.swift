import AccessDomain

extension GatewayRequest.Question {
    init(_ question: AccessQuestion) {
        var caller = Hasher()
        switch question.credential {
        case .none:
            caller.combine(0)
            caller.combine(question.visitor)
        case .accessToken(let token):
            caller.combine(1)
            caller.combine(token)
        case .apiKey(let key):
            caller.combine(2)
            caller.combine(key)
        case .malformed: caller.combine(3)
        }
        var demand = Hasher()
        switch question.demand {
        case .request(let method, let path):
            demand.combine(method)
            demand.combine(path.text)
        case .unknownPath: demand.combine(1)
        case .permission(let permission): demand.combine(permission)
        }
        demand.combine(question.cost)
        self.init(
            caller: UInt64(bitPattern: Int64(caller.finalize())), demand: UInt64(bitPattern: Int64(demand.finalize())))
    }
}
