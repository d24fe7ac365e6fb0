// SPDX-License-Identifier: GPL-3.0-or-later

/// Names and meanings of bugcheck codes (spec/boot.md section 1.11).
enum BugcheckText {
    static func name(of code: UInt32) -> String { names[code] ?? "unknown" }

    static func meaning(of code: UInt32) -> String {
        switch code {
        case 0x09: "IRQL was to be raised to a lower level."
        case 0x0A: "Memory that is not there was touched with interrupts off or at IRQL 2 or above, where page faults cannot be served."
        case 0x1E: "An exception in the kernel that no handler took; the thread had no frame-based handler."
        case 0x19: "A block of pool, or the list of free ones, was overwritten."
        case 0x41: "An allocation that must succeed did not."
        case 0x4E: "The counts of a physical page are wrong, as when it was unlocked once too often."
        case 0x7D: "There is not enough memory to start."
        case 0xBE: "Code, or constants of an image, or the last page of a stack, were to be overwritten."
        case 0x35: "A request packet was passed down further than it has stack locations."
        case 0x50: "Memory that must always be resident is not there."
        case 0x7B: "The boot volume cannot be reached."
        case 0x7E: "An exception in a system thread that no handler took."
        case 0x7F: "A trap the kernel does not expect, such as a double fault."
        case 0xC2: "The pool was asked for something impossible, such as freeing what is no allocation."
        case 0xD1: "A driver touched memory that is not there at an IRQL where page faults cannot be served."
        case 0xD3: "Memory of a driver that is not there was touched at an IRQL where page faults cannot be served."
        case 0xE2: "The crash was asked for."
        case 0x31, 0x32, 0x5C...0x71, 0x8F, 0x90: "A component's initialization reported failure."
        default: "There is no description of this code."
        }
    }

    /// What a parameter says, from 0.
    static func parameter(_ index: Int, of code: UInt32) -> String {
        let texts: [String] =
            switch code {
            case 0x0A, 0xD1, 0xD3: ["address touched", "IRQL, or -1: interrupts were off", "error: 0 read, 2 write", "instruction"]
            case 0x1E: ["exception code", "instruction", "trap frame", ""]
            case 0x19: ["kind of corruption", "block or list entry", "", ""]
            case 0x41: ["bytes wanted", "pages available", "tag", "pool type"]
            case 0x4E: ["kind of corruption", "page frame number", "", ""]
            case 0x50: ["address touched", "error: 0 read, 2 write", "trap frame", "2: no page table"]
            case 0x7D: ["physical pages", "", "", "0x101, or pages wanted"]
            case 0xBE: ["address written", "its page-table entry", "trap frame", ""]
            case 0x7B: ["device or name", "status", "", ""]
            case 0x7E: ["exception code", "instruction", "exception record", "context"]
            case 0x7F: ["trap number", "", "", ""]
            case 0xC2: ["kind of violation", "", "", "block"]
            case 0x60, 0x64: ["status", "step", "", ""]
            default: ["", "", "", ""]
            }
        return texts[index]
    }

    private static let names: [UInt32: String] = [
        0x09: "IRQL_NOT_GREATER_OR_EQUAL", 0x0A: "IRQL_NOT_LESS_OR_EQUAL", 0x1E: "KMODE_EXCEPTION_NOT_HANDLED",
        0x19: "BAD_POOL_HEADER", 0x41: "MUST_SUCCEED_POOL_EMPTY", 0x4E: "PFN_LIST_CORRUPT",
        0x31: "PHASE0_INITIALIZATION_FAILED", 0x32: "PHASE1_INITIALIZATION_FAILED", 0x33: "UNEXPECTED_INITIALIZATION_CALL",
        0x35: "NO_MORE_IRP_STACK_LOCATIONS", 0x3E: "MULTIPROCESSOR_CONFIGURATION_NOT_SUPPORTED", 0x4D: "NO_PAGES_AVAILABLE",
        0x50: "PAGE_FAULT_IN_NONPAGED_AREA", 0x5C: "HAL_INITIALIZATION_FAILED", 0x5D: "UNSUPPORTED_PROCESSOR",
        0x5E: "OBJECT_INITIALIZATION_FAILED", 0x5F: "SECURITY_INITIALIZATION_FAILED", 0x60: "PROCESS_INITIALIZATION_FAILED",
        0x61: "HAL1_INITIALIZATION_FAILED", 0x62: "OBJECT1_INITIALIZATION_FAILED", 0x63: "SECURITY1_INITIALIZATION_FAILED",
        0x64: "SYMBOLIC_INITIALIZATION_FAILED", 0x65: "MEMORY1_INITIALIZATION_FAILED", 0x66: "CACHE_INITIALIZATION_FAILED",
        0x67: "CONFIG_INITIALIZATION_FAILED", 0x68: "FILE_INITIALIZATION_FAILED", 0x69: "IO1_INITIALIZATION_FAILED",
        0x6A: "LPC_INITIALIZATION_FAILED", 0x6B: "PROCESS1_INITIALIZATION_FAILED", 0x6D: "SESSION1_INITIALIZATION_FAILED",
        0x6E: "SESSION2_INITIALIZATION_FAILED", 0x6F: "SESSION3_INITIALIZATION_FAILED", 0x70: "SESSION4_INITIALIZATION_FAILED",
        0x71: "SESSION5_INITIALIZATION_FAILED", 0x79: "MISMATCHED_HAL", 0x7B: "INACCESSIBLE_BOOT_DEVICE", 0x7D: "INSTALL_MORE_MEMORY",
        0x7E: "SYSTEM_THREAD_EXCEPTION_NOT_HANDLED", 0x7F: "UNEXPECTED_KERNEL_MODE_TRAP", 0x8F: "PP0_INITIALIZATION_FAILED",
        0x90: "PP1_INITIALIZATION_FAILED", 0xA0: "INTERNAL_POWER_ERROR", 0xBE: "ATTEMPTED_WRITE_TO_READONLY_MEMORY",
        0xC2: "BAD_POOL_CALLER", 0xD1: "DRIVER_IRQL_NOT_LESS_OR_EQUAL", 0xD3: "DRIVER_PORTION_MUST_BE_NONPAGED",
        0xE2: "MANUALLY_INITIATED_CRASH",
        0xF8: "RAMDISK_BOOT_INITIALIZATION_FAILED",
    ]
}
