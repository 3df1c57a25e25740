-- POST of one JSON body, or of one with a fresh address per request. Arguments: body template, access of addresses.
local template

function init(arguments)
    template = arguments[1]
    wrk.method = "POST"
    wrk.headers["Content-Type"] = "application/json"
    math.randomseed(os.time())
    prefix = string.format("%x%x", math.random(0, 0xFFFFFF), os.time())
    count = 0
end

function request()
    count = count + 1
    local body = template:gsub("%%ADDRESS%%", prefix .. "-" .. count .. "@example.com")
    return wrk.format(nil, nil, nil, body)
end
