/// How a command ends (the codes of BSD's sysexits.h).
package enum ExitCode: Int32, Sendable {
    case success = 0
    /// Something was answered, and the answer is no.
    case failure = 1
    /// The command line is wrong.
    case usage = 64
    /// Something that Gapura needs cannot be reached.
    case unavailable = 69
    /// A defect.
    case software = 70
    /// The configuration is wrong.
    case configuration = 78
}
