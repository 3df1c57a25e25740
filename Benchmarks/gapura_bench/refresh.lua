-- POST of a refresh token; each answer brings the next one. The arguments are tokens, more than there are connections.
local tokens = {}

function init(arguments)
    for _, token in ipairs(arguments) do
        tokens[#tokens + 1] = token
    end
    wrk.method = "POST"
    wrk.headers["Content-Type"] = "application/json"
end

function request()
    return wrk.format(nil, nil, nil, '{"refresh_token":"' .. table.remove(tokens, 1) .. '"}')
end

function response(status, headers, body)
    local token = body:match('"refresh_token":"([^"]+)"')
    if token then
        tokens[#tokens + 1] = token
    end
end
