import AccessDomain
import Shared

extension QuotaScripts {
    /// A charge that is limited, and refused without room; 1 is limited and soft, 4 more a burst.
    static let hard: UInt8 = 2
    static let soft: UInt8 = 1
    static let burst: UInt8 = 4

    /// How a value is read and written, and which window is open.
    static let common = """
        local EMPTY = string.rep('\\0', 193)
        local HARD, SKEW, LIFETIME, RESERVED_FOR = \(hard), \(skewMilliseconds), \(lifetimeMilliseconds), 172800000
        local LENGTHS = {[0] = 1, [1] = 60, [2] = 86400, [4] = 1, [5] = 60}

        local function now_ms(moment)
            if moment > 0 then return moment end
            local time = redis.call('TIME')
            return time[1] * 1000 + math.floor(time[2] / 1000)
        end

        -- The server's own, whatever the caller takes for now.
        local function clock_ms(moment, now)
            return moment > 0 and now_ms(0) or now
        end

        -- Of a month the caller knows the bounds: three of them, so that his clock may be a little behind.
        local function start_of(unit, e, months)
            if LENGTHS[unit] then return e - LENGTHS[unit] end
            if e <= months[2] then return 0 end
            return e <= months[3] and months[2] or e
        end

        local function end_of(unit, now, months)
            local length = LENGTHS[unit]
            if length then return (math.floor(now / (length * 1000)) + 1) * length end
            return now < months[2] * 1000 and months[2] or months[3]
        end

        local function put(v, unit, e, used, reserved, threshold, exhaustion)
            local at = 26 + 28 * unit
            return v:sub(1, at - 1) .. struct.pack('>I4I6I6I6I6', e, used, reserved, threshold, exhaustion)
                .. v:sub(at + 28)
        end

        local function generation_of(v) return (struct.unpack('>I4', v, 9)) end

        local function with_generation(v, generation)
            return v:sub(1, 8) .. struct.pack('>I4', generation) .. v:sub(13)
        end

        local function with_made(v, made, healed)
            return v:sub(1, 13) .. struct.pack('>I6I6', made, healed) .. v:sub(26)
        end

        -- All slots that change in one piece: what is copied costs most.
        local function with_slots(v, slots, generation)
            if generation ~= generation_of(v) then v = with_generation(v, generation) end
            local first, last
            for unit = 0, 5 do
                if slots[unit] then first, last = first or unit, unit end
            end
            local between = slots[first]
            for unit = first + 1, last do
                between = between .. (slots[unit] or v:sub(26 + 28 * unit, 53 + 28 * unit))
            end
            return v:sub(1, 25 + 28 * first) .. between .. v:sub(54 + 28 * last)
        end

        local function close(v, unit, e, used, reserved)
            local count = v:byte(13)
            if reserved == 0 or count == 255 then return v end
            return v:sub(1, 12) .. string.char(count + 1) .. v:sub(14, 193)
                .. struct.pack('>BI4I6I6', unit, e, used, reserved) .. v:sub(194)
        end

        -- The window of now: the one that is open, else a new one.
        local function roll(v, unit, now, months)
            local e, used, reserved, threshold, exhaustion = struct.unpack('>I4I6I6I6I6', v, 26 + 28 * unit)
            if e * 1000 <= now or start_of(unit, e, months) * 1000 > now + SKEW then
                return close(v, unit, e, used, reserved), end_of(unit, now, months), 0, 0, 0, 0
            end
            return v, e, used, reserved, threshold, exhaustion
        end

        local function last_of(v, node)
            for at = 194 + 17 * v:byte(13), #v - 13, 14 do
                if v:sub(at, at + 7) == node then return (struct.unpack('>I6', v, at + 8)), at end
            end
            return 0
        end

        -- The last 16 processes; the one that counted last stands at the end.
        local function noting(v, node, seq)
            local _, at = last_of(v, node)
            if at then v = v:sub(1, at - 1) .. v:sub(at + 14) end
            local first = 194 + 17 * v:byte(13)
            if #v >= first + 15 * 14 + 13 then v = v:sub(1, first - 1) .. v:sub(first + 14) end
            return v .. node .. struct.pack('>I6', seq)
        end

        -- A day longer than its windows, for reservations under way.
        local function save(key, v, now)
            local day, month = (struct.unpack('>I4', v, 82)), (struct.unpack('>I4', v, 110))
            local last = math.max(day * 1000, month * 1000, now) + 86400000
            redis.call('SET', key, v, 'PX', last - now)
        end

        """

    /// How amounts change in windows that may be closed.
    static let changing = """
        local function closed_at(v, unit, e)
            for at = 194, 177 + 17 * v:byte(13), 17 do
                local u, ended, used, reserved = struct.unpack('>BI4I6I6', v, at)
                if u == unit and ended == e then return at, used, reserved end
            end
        end

        local function find(v, unit, e)
            local ended, used, reserved = struct.unpack('>I4I6I6', v, 26 + 28 * unit)
            if ended == e then return used, reserved end
            local at, closed_used, closed_reserved = closed_at(v, unit, e)
            if at then return closed_used, closed_reserved end
            return 0, 0
        end

        local function change(v, unit, e, more_used, more_reserved, now, months)
            local ended, used, reserved, threshold, exhaustion = struct.unpack('>I4I6I6I6I6', v, 26 + 28 * unit)
            if ended == e then
                return put(v, unit, e, math.max(0, used + more_used), math.max(0, reserved + more_reserved),
                    threshold, exhaustion)
            end
            local at, closed_used, closed_reserved = closed_at(v, unit, e)
            if at then
                closed_used, closed_reserved =
                    math.max(0, closed_used + more_used), math.max(0, closed_reserved + more_reserved)
                local count, entry = v:byte(13), ''
                if closed_reserved > 0 then
                    entry = struct.pack('>BI4I6I6', unit, e, closed_used, closed_reserved)
                else
                    count = count - 1
                end
                return v:sub(1, 12) .. string.char(count) .. v:sub(14, at - 1) .. entry .. v:sub(at + 17)
            end
            -- Nothing is known of a window that is open: it was lost, or nobody has counted in it yet.
            if e > ended and e * 1000 > now and start_of(unit, e, months) * 1000 <= now + SKEW then
                v = close(v, unit, ended, used, reserved)
                return put(v, unit, e, math.max(0, more_used), math.max(0, more_reserved), 0, 0)
            end
            return v
        end

        """

    private static let epoch = Timestamp(milliseconds: 0)
    static var skewMilliseconds: Int64 { epoch.latestCredible.milliseconds }
    private static var lifetimeMilliseconds: Int64 { (epoch + GatewayRequest.lifetime).milliseconds }
}
