import Redis

/// What Redis does at once with the counters: `Charges` of the domain again, in Lua, for only the server can decide and
/// count in one step. A test runs both over the same draws.
///
/// A key's value is packed, big-endian:
///
/// | bytes | |
/// |---|---|
/// | 8 | version of the entitlement, of a drawer's own key |
/// | 4 | generation: counts up when something is taken back, so that what a process remembers from before counts no more |
/// | 1 | how many closed windows follow the slots |
/// | 6 | when the key was made (ms of the server): another time than a process knows shows that it was lost meanwhile |
/// | 6 | until when it heals, or healed (ms of the server): nothing is counted, and every process says what it saw last |
/// | 6 × 28 | slots by `CounterUnit`: end of the window (s, 4), used, reserved, threshold told for, exhaustion told for (6 each) |
/// | 17 each | closed windows with reservations under way: unit (1), end (4), used (6), reserved (6) |
/// | 14 each | of a drawer's own key: process (8), and the number of its last draw that counted (6) |
enum QuotaScripts {
    /// Decides about a draw, and counts it.
    ///
    /// - KEYS: the drawer's own, those of the counters, and where the draw has a name or a reservation, that one's.
    /// - ARGV: `QuotaDraw.packed`, `QuotaHolds.packed`.
    static let draw = RedisScript(drawSource)

    /// The same for draws of a shape, without a name: ARGV[3] is `QuotaDraw.straight`.
    static func draw(_ shape: QuotaShape) -> RedisScript {
        RedisScript(shape.script(skew: skewMilliseconds) + drawSource)
    }

    private static let drawSource =
        common + """
            local mode, flags, version, moment, node, seq, m2, m3, healing, count, p =
                struct.unpack('>BBI8I8c8I6I4I4I4B', ARGV[1])
            local insists, named = flags % 2 == 1, flags >= 2
            local now, months = now_ms(moment), {0, m2, m3}
            local values = redis.call('MGET', unpack(KEYS))
            local keys = named and #KEYS - 1 or #KEYS
            for k = 1, keys do if not values[k] then values[k] = EMPTY end end
            local stored = (struct.unpack('>I8', values[1]))
            if stored > version and not insists then return struct.pack('>BI8', 2, stored) end
            if mode ~= 1 and last_of(values[1], node) >= seq then return struct.pack('>BI8', 3, stored) end
            local repeated = false
            if named and values[#KEYS] then
                local at = (struct.unpack('>I8', values[#KEYS]))
                repeated = mode == 2 or now >= at and now - at < LIFETIME
            end
            local refused, generations, made, heals, lost = false, {}, {}, {}, {}
            local slots, changed, clock, wait = {}, {}, nil, 0
            local K, UNIT, KIND, AMOUNT, LIMIT, END, USED, RESERVED = {}, {}, {}, {}, {}, {}, {}, {}
            local THRESHOLD, EXHAUSTION, LACKS, answer = {}, {}, {}, {0}
            for k = 1, keys do
                local _
                generations[k], _, made[k], heals[k] = struct.unpack('>I4BI6I6', values[k], 9)
            end
            for c = 1, count do
                local k, unit, kind, amount, limit, known, floor, generation, born
                k, unit, kind, amount, limit, known, floor, generation, born, p =
                    struct.unpack('>BBBI6I6I4I6I4I6', ARGV[1], p)
                if born > 0 and born ~= made[k] then lost[k] = true end
                local e, used, reserved, threshold, exhaustion
                values[k], e, used, reserved, threshold, exhaustion = roll(values[k], unit, now, months)
                if generation >= generations[k] then
                    if known == e then
                        if floor > used then used = floor end
                    elseif known > e and start_of(unit, known, months) * 1000 <= now + SKEW then
                        e, used, reserved, threshold, exhaustion = known, floor, 0, 0, 0
                    end
                end
                LACKS[c] = kind % 4 == HARD and amount > 0 and amount > limit - used - reserved
                if LACKS[c] then refused = true end
                K[c], UNIT[c], KIND[c], AMOUNT[c], LIMIT[c] = k, unit, kind, amount, limit
                END[c], USED[c], RESERVED[c], THRESHOLD[c], EXHAUSTION[c] = e, used, reserved, threshold, exhaustion
                if generation > generations[k] then generations[k] = generation end
            end
            if not repeated and mode ~= 1 then
                for k = 1, keys do
                    if made[k] == 0 or lost[k] and heals[k] == 0 then
                        clock = clock or clock_ms(moment, now)
                        if lost[k] then heals[k] = clock + healing end
                        if made[k] == 0 then made[k] = clock end
                        values[k] = with_made(values[k], made[k], heals[k])
                        changed[k] = true
                    end
                    if heals[k] > 0 then
                        clock = clock or clock_ms(moment, now)
                        wait = math.max(wait, heals[k] - clock)
                    end
                end
            end
            answer[1] = struct.pack('>BI8', repeated and 4 or wait > 0 and 5 or refused and 0 or 1, now)
            for c = 1, count do
                local k = K[c]
                answer[c + 1] = struct.pack(
                    '>I4I6I6I6I6I4I6', END[c], USED[c], RESERVED[c], THRESHOLD[c], EXHAUSTION[c], generations[k], made[k])
            end
            local result = table.concat(answer)
            if repeated or mode == 1 then return result end
            if wait > 0 then
                for c = 1, count do
                    local k = K[c]
                    slots[k] = slots[k] or {}
                    slots[k][UNIT[c]] =
                        struct.pack('>I4I6I6I6I6', END[c], USED[c], RESERVED[c], THRESHOLD[c], EXHAUSTION[c])
                    changed[k] = true
                end
                for k, of in pairs(slots) do values[k] = with_slots(values[k], of, generations[k]) end
                for k in pairs(changed) do save(KEYS[k], values[k], now) end
                return result .. struct.pack('>I4', wait)
            end
            for c = 1, count do
                local k, kind, amount, limit = K[c], KIND[c], AMOUNT[c], LIMIT[c]
                local used, reserved, threshold, exhaustion = USED[c], RESERVED[c], THRESHOLD[c], EXHAUSTION[c]
                local burst, writes = kind >= 4, not refused
                if writes then
                    if mode == 2 and not burst then reserved = reserved + amount else used = used + amount end
                end
                if kind > 0 and not burst and (writes or LACKS[c]) then
                    local taken = used + reserved
                    if refused or taken >= limit then
                        if limit > exhaustion then
                            exhaustion, threshold, writes = limit, math.max(threshold, limit), true
                        end
                    elseif taken >= limit - math.floor(limit / 5) and limit > threshold then
                        threshold = limit
                    end
                end
                if writes then
                    slots[k] = slots[k] or {}
                    slots[k][UNIT[c]] = struct.pack('>I4I6I6I6I6', END[c], used, reserved, threshold, exhaustion)
                end
            end
            for k, of in pairs(slots) do
                values[k] = with_slots(values[k], of, generations[k])
                changed[k] = true
            end
            if stored ~= version then
                values[1] = struct.pack('>I8', version) .. values[1]:sub(9)
                changed[1] = true
            end
            if not refused then
                values[1] = noting(values[1], node, seq)
                changed[1] = true
                if named then
                    local ends = {}
                    for c = 1, count do
                        if KIND[c] < 4 then ends[#ends + 1] = struct.pack('>I4', END[c]) end
                    end
                    local held = struct.pack('>I8', now) .. struct.pack('>I4', #ends) .. table.concat(ends) .. ARGV[2]
                    redis.call('SET', KEYS[#KEYS], held, 'PX', mode == 2 and RESERVED_FOR or LIFETIME * 2)
                end
            end
            for k in pairs(changed) do save(KEYS[k], values[k], now) end
            return result
            """

    /// Changes counters by amounts, wherever their windows are.
    ///
    /// - KEYS: of what was held (a name's or a reservation's), then those of the counters.
    /// - ARGV: what is held now; what it is to be, empty for nothing; `QuotaChange.packed`.
    ///
    /// Answers 0 if something else is held, 2 with the charge that has no room, else 1.
    static let settle = RedisScript(
        common + changing + """
            local held = redis.call('GET', KEYS[1]) or ''
            if held ~= ARGV[1] then return struct.pack('>B', 0) end
            local moment, m2, m3, bumps, count, p = struct.unpack('>I8I4I4BB', ARGV[3])
            local now, months, values = now_ms(moment), {0, m2, m3}, {}
            for k = 2, #KEYS do values[k] = redis.call('GET', KEYS[k]) or EMPTY end
            for c = 1, count do
                local k, unit, kind, e, limit, less_used, more_used, less_reserved, more_reserved
                k, unit, kind, e, limit, less_used, more_used, less_reserved, more_reserved, p =
                    struct.unpack('>BBBI4I6I6I6I6I6', ARGV[3], p)
                local used, reserved = find(values[k], unit, e)
                local more = more_used + more_reserved - less_used - less_reserved
                if kind == HARD and more > 0 and more > limit - used - reserved then
                    return struct.pack('>BBI6I6', 2, c - 1, used, reserved)
                end
                values[k] = change(values[k], unit, e, more_used - less_used, more_reserved - less_reserved, now, months)
            end
            for k = 2, #KEYS do
                if bumps == 1 then values[k] = with_generation(values[k], generation_of(values[k]) + 1) end
                save(KEYS[k], values[k], now)
            end
            if ARGV[2] == '' then
                redis.call('DEL', KEYS[1])
            else
                redis.call('SET', KEYS[1], ARGV[2], 'PX', RESERVED_FOR)
            end
            return struct.pack('>B', 1)
            """)

    /// Adds what a process counted while it could not ask, once.
    ///
    /// - KEYS: the drawer's own, then those of the counters.
    /// - ARGV: `QuotaReturn.packed`.
    static let bringBack = RedisScript(
        common + changing + """
            local moment, node, back, seq, m2, m3, floors, entries, p =
                struct.unpack('>I8c8c8I6I4I4I4I4', ARGV[1])
            local now, months, values = now_ms(moment), {0, m2, m3}, {}
            for k = 1, #KEYS do values[k] = redis.call('GET', KEYS[k]) or EMPTY end
            if last_of(values[1], back) >= seq then return struct.pack('>B', 0) end
            local last = last_of(values[1], node)
            for _ = 1, floors do
                local k, unit, e, used, generation
                k, unit, e, used, generation, p = struct.unpack('>BBI4I6I4', ARGV[1], p)
                local there = find(values[k], unit, e)
                if generation >= generation_of(values[k]) then
                    values[k] = with_generation(values[k], generation)
                    if used > there then values[k] = change(values[k], unit, e, used - there, 0, now, months) end
                end
            end
            for _ = 1, entries do
                local number, wanted, count
                number, wanted, count, p = struct.unpack('>I6BB', ARGV[1], p)
                local done = number > 0 and number <= last
                local sign = 0
                if wanted == 1 and not done then sign = 1 elseif wanted == 0 and done then sign = -1 end
                for _ = 1, count do
                    local k, unit, e, amount
                    k, unit, e, amount, p = struct.unpack('>BBI4I6', ARGV[1], p)
                    if sign ~= 0 then values[k] = change(values[k], unit, e, sign * amount, 0, now, months) end
                end
            end
            -- A draw that comes late after all is not counted either.
            values[1] = noting(noting(values[1], node, math.max(last, seq)), back, seq)
            for k = 1, #KEYS do save(KEYS[k], values[k], now) end
            return struct.pack('>B', 1)
            """)

    /// Forgets what is used, also what processes remember of it.
    ///
    /// - KEYS: those of the counters.
    /// - ARGV: the moment.
    static let reset = RedisScript(
        common + """
            local now = now_ms((struct.unpack('>I8', ARGV[1])))
            for k = 1, #KEYS do
                local v = redis.call('GET', KEYS[k]) or EMPTY
                for unit = 0, 5 do
                    local e, _, reserved = struct.unpack('>I4I6I6', v, 26 + 28 * unit)
                    v = put(v, unit, e, 0, reserved, 0, 0)
                end
                save(KEYS[k], with_generation(v, generation_of(v) + 1), now)
            end
            return #KEYS
            """)
}
