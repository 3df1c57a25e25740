-- POST of a JSON body, the one argument. `%ADDRESS%` in it becomes an e-mail address that nobody had before.
local template, prefix, count

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
    -- In two steps, because gsub has two results.
    local body = template:gsub("%%ADDRESS%%", prefix .. "-" .. count .. "@example.com")
    return wrk.format(nil, nil, nil, body)
end
