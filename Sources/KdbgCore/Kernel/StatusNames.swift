// SPDX-License-Identifier: GPL-3.0-or-later

/// Symbolic names of the NTSTATUS values a boot meets (spec/boot.md and spec/kdbg.md).
package enum StatusNames {
    /// The name, or the value in hex when it has none here.
    package static func name(of status: UInt32) -> String {
        names[status] ?? "0x\(status.hex(8))"
    }

    /// The status of that name; nil when there is none here.
    static func value(of name: String) -> UInt32? { names.first { $0.value == name }?.key }

    /// All names, in order of their values.
    static var all: [String] { names.keys.sorted().compactMap { names[$0] } }

    private static let names: [UInt32: String] = [
        0x0000_0000: "STATUS_SUCCESS",
        0x0000_0102: "STATUS_TIMEOUT",
        0x0000_0103: "STATUS_PENDING",
        0x8000_0002: "STATUS_DATATYPE_MISALIGNMENT",
        0x8000_0003: "STATUS_BREAKPOINT",
        0x8000_0004: "STATUS_SINGLE_STEP",
        0xC000_0001: "STATUS_UNSUCCESSFUL",
        0xC000_0002: "STATUS_NOT_IMPLEMENTED",
        0xC000_0005: "STATUS_ACCESS_VIOLATION",
        0xC000_0006: "STATUS_IN_PAGE_ERROR",
        0xC000_0008: "STATUS_INVALID_HANDLE",
        0xC000_000D: "STATUS_INVALID_PARAMETER",
        0xC000_000E: "STATUS_NO_SUCH_DEVICE",
        0xC000_000F: "STATUS_NO_SUCH_FILE",
        0xC000_0010: "STATUS_INVALID_DEVICE_REQUEST",
        0xC000_0011: "STATUS_END_OF_FILE",
        0xC000_0013: "STATUS_NO_MEDIA_IN_DEVICE",
        0xC000_0017: "STATUS_NO_MEMORY",
        0xC000_001D: "STATUS_ILLEGAL_INSTRUCTION",
        0xC000_0022: "STATUS_ACCESS_DENIED",
        0xC000_0023: "STATUS_BUFFER_TOO_SMALL",
        0xC000_0024: "STATUS_OBJECT_TYPE_MISMATCH",
        0xC000_0033: "STATUS_OBJECT_NAME_INVALID",
        0xC000_0034: "STATUS_OBJECT_NAME_NOT_FOUND",
        0xC000_0035: "STATUS_OBJECT_NAME_COLLISION",
        0xC000_0037: "STATUS_PORT_DISCONNECTED",
        0xC000_003A: "STATUS_OBJECT_PATH_NOT_FOUND",
        0xC000_003B: "STATUS_OBJECT_PATH_SYNTAX_BAD",
        0xC000_0043: "STATUS_SHARING_VIOLATION",
        0xC000_007F: "STATUS_DISK_FULL",
        0xC000_008C: "STATUS_ARRAY_BOUNDS_EXCEEDED",
        0xC000_0094: "STATUS_INTEGER_DIVIDE_BY_ZERO",
        0xC000_0095: "STATUS_INTEGER_OVERFLOW",
        0xC000_009A: "STATUS_INSUFFICIENT_RESOURCES",
        0xC000_009C: "STATUS_DEVICE_DATA_ERROR",
        0xC000_009D: "STATUS_DEVICE_NOT_CONNECTED",
        0xC000_00A3: "STATUS_DEVICE_NOT_READY",
        0xC000_00BA: "STATUS_FILE_IS_A_DIRECTORY",
        0xC000_00BB: "STATUS_NOT_SUPPORTED",
        0xC000_00C0: "STATUS_DEVICE_DOES_NOT_EXIST",
        0xC000_00FD: "STATUS_STACK_OVERFLOW",
        0xC000_0103: "STATUS_NOT_A_DIRECTORY",
        0xC000_0106: "STATUS_NAME_TOO_LONG",
        0xC000_0120: "STATUS_CANCELLED",
        0xC000_014F: "STATUS_UNRECOGNIZED_VOLUME",
        0xC000_0182: "STATUS_DEVICE_CONFIGURATION_ERROR",
        0xC000_0185: "STATUS_IO_DEVICE_ERROR",
        0xC000_02B5: "STATUS_FLOAT_MULTIPLE_TRAPS",
        0xC000_0354: "STATUS_DEBUGGER_INACTIVE",
        0xC000_0365: "STATUS_FAILED_DRIVER_ENTRY",
        0xC000_0420: "STATUS_ASSERTION_FAILURE",
    ]
}
