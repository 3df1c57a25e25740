internal import CLinux
import Glibc

extension Connection {
    /// The most reads of one event, so that a fast peer does not keep the others waiting.
    private static let readsPerEvent = 4

    // MARK: In

    /// Reads what has come and hands it over.
    func receive() {
        for _ in 0..<Self.readsPerEvent {
            let count = recv(descriptor, loop.incoming.baseAddress, loop.incoming.count, 0)
            if count > 0 {
                take(UnsafeRawBufferPointer(rebasing: loop.incoming[..<count]))
                // A short read has emptied the socket; asking again would cost a call.
                if count < loop.incoming.count || phase == .ended || isPaused || hasInputEnded { return }
            } else if count == 0 {
                return socketEnded()
            } else if errno != EINTR {
                let number = errno
                if number != EAGAIN { end(ConnectionFailure(call: "recv", errorNumber: number)) }
                return
            }
        }
    }

    private func take(_ bytes: UnsafeRawBufferPointer) {
        guard let tls else {
            handler?.received(bytes, from: self)
            return
        }
        tls.receive(bytes)
        pump()
    }

    private func socketEnded() {
        if tls != nil {
            // Without TLS's own farewell the end may be somebody's else doing.
            return end(ConnectionFailure(.lost, "the other side broke the connection off"))
        }
        endInput()
    }

    private func endInput() {
        guard !hasInputEnded else { return }
        hasInputEnded = true
        updateInterest()
        handler?.inputEnded(self)
        if hasOutputEnded { end(nil) }
    }

    /// Goes on with the handshake, and hands over what can be decrypted.
    func pump() {
        guard let tls else { return }
        do throws(ConnectionFailure) {
            if phase == .handshaking {
                let isDone = try tls.handshake()
                sendEncrypted()
                guard isDone, phase == .handshaking else { return }
                becomeOpen()
            }
            while phase == .open, !isPaused, !hasInputEnded, let count = try tls.read(into: loop.decrypted) {
                if count == 0 {
                    endInput()
                } else {
                    handler?.received(UnsafeRawBufferPointer(rebasing: loop.decrypted[..<count]), from: self)
                }
            }
            // Answers of the protocol itself.
            if phase == .open { sendEncrypted() }
        } catch {
            // The alert says why, if the socket takes it.
            sendEncrypted()
            end(error)
        }
    }

    // MARK: Out

    func send(_ bytes: UnsafeRawBufferPointer) {
        guard let tls else { return sendRaw(bytes) }
        var rest = bytes[...]
        while !rest.isEmpty, phase == .open {
            do throws(ConnectionFailure) {
                try tls.write(UnsafeRawBufferPointer(rebasing: rest.prefix(TLSSession.recordBytes)))
            } catch {
                return end(error)
            }
            sendEncrypted()
            rest = rest.dropFirst(TLSSession.recordBytes)
        }
    }

    func sendEncrypted() { tls?.takeOutput { sendRaw($0) } }

    private func sendRaw(_ bytes: UnsafeRawBufferPointer) {
        guard phase != .ended else { return }
        var sent = 0
        if output.isEmpty {
            guard let count = sendOnce(bytes) else { return }
            sent = count
        }
        guard sent < bytes.count else { return }
        output.append(UnsafeRawBufferPointer(rebasing: bytes[sent...]))
        if output.count > outputLimit { isCongested = true }
        updateInterest()
    }

    /// - Returns: how many bytes the socket took; nil if the connection ended of it.
    private func sendOnce(_ bytes: UnsafeRawBufferPointer) -> Int? {
        while true {
            let count = clinux_send(descriptor, bytes.baseAddress, UInt(bytes.count))
            if count >= 0 { return count }
            let number = errno
            if number == EAGAIN { return 0 }
            if number == EINTR { continue }
            end(ConnectionFailure(call: "send", errorNumber: number))
            return nil
        }
    }

    /// Sends what waits, as far as the socket takes it.
    func flush() {
        while !output.isEmpty {
            guard let count = output.withBytes(sendOnce) else { return }
            if count == 0 { break }
            output.removeFirst(count)
        }
        updateInterest()
        endOutputIfSent()
        if isCongested, phase == .open, output.count <= outputLimit / 2 {
            isCongested = false
            handler?.drained(self)
        }
    }

    func endOutputIfSent() {
        guard wantsOutputEnd, !hasOutputEnded, output.isEmpty, phase != .ended else { return }
        hasOutputEnded = true
        shutdown(descriptor, Int32(SHUT_WR))
        if hasInputEnded { end(nil) }
    }
}
