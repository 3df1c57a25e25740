-- What a gateway asks about a client that makes its credentials up, each time from another address of one network.
local function half()
    return string.format("%x:%x", math.random(0, 0xFFFF), math.random(0, 0xFFFF))
end

function init(arguments)
    math.randomseed(os.time())
end

function request()
    return wrk.format("GET", nil, {
        ["X-Forwarded-Uri"] = "/", ["X-Forwarded-Method"] = "GET",
        ["X-Forwarded-For"] = "2001:db8:1:7:" .. half() .. ":" .. half(),
        ["Authorization"] = "Bearer nonsense" .. math.random(0, 0x7FFFFFFF),
    })
end
