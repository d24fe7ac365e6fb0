// SPDX-License-Identifier: GPL-3.0-or-later

/// What there is to say about a bugcheck code (spec/boot.md section 1.11).
struct BugcheckText {
    let code: UInt32
    let name: String
    let meaning: String
    /// What the first parameters say; those that say nothing are empty or left out.
    let parameters: [String]

    private init(_ code: UInt32, _ name: String, _ meaning: String, _ parameters: String...) {
        self.code = code
        self.name = name
        self.meaning = meaning
        self.parameters = parameters
    }

    /// The row of a code; one that the kernel does not use has no description.
    init(_ code: UInt32) {
        self = Self.rows.first { $0.code == code } ?? Self(code, "unknown", "There is no description of this code.")
    }

    /// What a parameter says, from 0.
    func parameter(_ index: Int) -> String { index < parameters.count ? parameters[index] : "" }

    /// Every code that the kernel can raise, ascending.
    static let rows: [BugcheckText] = [
        .init(
            0x05, "INVALID_PROCESS_ATTACH_ATTEMPT", "A thread that is in another process's address space was to go into a third one's.",
            "process", "where it is", "1: attached"),
        .init(0x09, "IRQL_NOT_GREATER_OR_EQUAL", "IRQL was to be raised to a lower level."),
        .init(
            0x0A, "IRQL_NOT_LESS_OR_EQUAL",
            "Memory that is not there was touched with interrupts off or at IRQL 2 or above, where page faults cannot be served.",
            "address touched", "IRQL, or -1: interrupts were off", "error: 0 read, 2 write", "instruction"),
        .init(0x0C, "MAXIMUM_WAIT_OBJECTS_EXCEEDED", "A wait was for none, or for more objects than it has wait blocks."),
        .init(
            0x19, "BAD_POOL_HEADER", "A block of pool, or the list of free ones, was overwritten.", "kind of corruption",
            "block or list entry"),
        .init(
            0x1E, "KMODE_EXCEPTION_NOT_HANDLED", "An exception in the kernel that no handler took; the thread had no frame-based handler.",
            "exception code", "instruction", "trap frame"),
        .init(0x31, "PHASE0_INITIALIZATION_FAILED", "A component reported failure in phase 0.", "status, or 0"),
        .init(
            0x32, "PHASE1_INITIALIZATION_FAILED", "A component reported failure in phase 1.", "status, or 0", "step, or 0",
            "component, or 0"),
        .init(
            0x33, "UNEXPECTED_INITIALIZATION_CALL", "A component was to be initialized in a phase that it does not have.",
            "0 security, 1 processes", "phase"),
        .init(0x35, "NO_MORE_IRP_STACK_LOCATIONS", "A request packet was passed down further than it has stack locations.", "packet"),
        .init(0x3E, "MULTIPROCESSOR_CONFIGURATION_NOT_SUPPORTED", "A processor lacks features that the first one has."),
        .init(
            0x3F, "NO_MORE_SYSTEM_PTES", "There are no page-table entries left to map memory with.", "kind", "entries wanted",
            "entries free", "entries in all"),
        .init(
            0x41, "MUST_SUCCEED_POOL_EMPTY", "An allocation that must succeed did not.", "bytes wanted", "pages available", "tag",
            "pool type"),
        .init(0x44, "MULTIPLE_IRP_COMPLETE_REQUESTS", "A request packet was completed twice.", "packet"),
        .init(
            0x48, "CANCEL_STATE_IN_COMPLETED_IRP", "A request packet that can still be cancelled was completed.", "packet", "cancel routine"
        ),
        .init(
            0x4D, "NO_PAGES_AVAILABLE", "There is no memory for what a processor needs.", "1 stack for DPCs, 2 map of I/O permissions",
            "bytes wanted"),
        .init(
            0x4E, "PFN_LIST_CORRUPT", "The counts of a physical page are wrong, as when it was unlocked once too often.",
            "kind of corruption",
            "page frame number"),
        .init(
            0x50, "PAGE_FAULT_IN_NONPAGED_AREA", "Memory that must always be resident is not there.", "address touched",
            "error: 0 read, 2 write",
            "trap frame", "2: no page table"),
        .init(0x5C, "HAL_INITIALIZATION_FAILED", "HalInitSystem reported failure in phase 0."),
        .init(
            0x5D, "UNSUPPORTED_PROCESSOR", "The processor lacks something the kernel needs.", "1 no CPUID, 2 no feature, or its type",
            "feature: 1 FPU, 0x10 time-stamp counter, 0x100 CMPXCHG8B"),
        .init(0x5E, "OBJECT_INITIALIZATION_FAILED", "The object manager reported failure in phase 0."),
        .init(0x5F, "SECURITY_INITIALIZATION_FAILED", "Security reported failure in phase 0."),
        .init(0x60, "PROCESS_INITIALIZATION_FAILED", "Processes and threads could not be set up.", "status, or 0", "step, or 0"),
        .init(0x61, "HAL1_INITIALIZATION_FAILED", "HalInitSystem reported failure in phase 1, or a processor did not start."),
        .init(0x62, "OBJECT1_INITIALIZATION_FAILED", "The root of the name space, or what stands in it first, could not be made."),
        .init(0x63, "SECURITY1_INITIALIZATION_FAILED", "\\Security, or what stands in it, could not be made."),
        .init(
            0x64, "SYMBOLIC_INITIALIZATION_FAILED", "\\SystemRoot could not be made.", "status",
            "1 \\ArcName, 2 \\Device, 3 name, 4 target, 5 link"),
        .init(0x65, "MEMORY1_INITIALIZATION_FAILED", "The memory manager reported failure in phase 1."),
        .init(0x66, "CACHE_INITIALIZATION_FAILED", "The cache manager reported failure."),
        .init(0x67, "CONFIG_INITIALIZATION_FAILED", "The registry could not be set up.", "1: CmInitSystem1", "step", "status"),
        .init(0x68, "FILE_INITIALIZATION_FAILED", "The library of the file systems reported failure."),
        .init(0x69, "IO1_INITIALIZATION_FAILED", "IoInitSystem answered FALSE."),
        .init(0x6A, "LPC_INITIALIZATION_FAILED", "The types of ports could not be made."),
        .init(
            0x6B, "PROCESS1_INITIALIZATION_FAILED", "ntdll.dll, or the reference monitor, is not what the process manager needs.",
            "status, or 0", "step, or 0"),
        .init(0x6D, "SESSION1_INITIALIZATION_FAILED", "There was no memory for the session manager's parameters.", "status"),
        .init(0x6E, "SESSION2_INITIALIZATION_FAILED", "There was no memory for the session manager's environment.", "status"),
        .init(0x6F, "SESSION3_INITIALIZATION_FAILED", "smss.exe, or a process for it, could not be had.", "status"),
        .init(0x70, "SESSION4_INITIALIZATION_FAILED", "The session manager's thread could not be started.", "status"),
        .init(0x71, "SESSION5_INITIALIZATION_FAILED", "The session manager ended within its first five seconds.", "status of the wait"),
        .init(
            0x74, "BAD_SYSTEM_CONFIG_INFO", "The SYSTEM hive cannot be used.", "1", "1 damaged, 2 no control set, 3 no Control",
            "status, or 0"),
        .init(
            0x79, "MISMATCHED_HAL", "Kernel, HAL and boot loader do not fit together.", "1 PRCB version, 2 kind of build, 3 loader",
            "found, or size of the loader's block", "expected, or the block's major version", "its minor version"),
        .init(0x7B, "INACCESSIBLE_BOOT_DEVICE", "The boot volume cannot be reached.", "device or name", "status"),
        .init(
            0x7D, "INSTALL_MORE_MEMORY", "There is not enough memory to start.", "physical pages", "", "",
            "0x100 no free page, 0x101 too little, 0x102 image cannot be moved, or pages wanted"),
        .init(
            0x7E, "SYSTEM_THREAD_EXCEPTION_NOT_HANDLED", "An exception in a system thread that no handler took.", "exception code",
            "instruction",
            "exception record", "context"),
        .init(0x7F, "UNEXPECTED_KERNEL_MODE_TRAP", "A trap the kernel does not expect, such as a double fault.", "trap number"),
        .init(0x8F, "PP0_INITIALIZATION_FAILED", "Plug and play reported failure in phase 0."),
        .init(0x90, "PP1_INITIALIZATION_FAILED", "Plug and play reported failure in phase 1."),
        .init(0xA0, "INTERNAL_POWER_ERROR", "The power manager reported failure."),
        .init(0xA5, "ACPI_BIOS_ERROR", "The tables of ACPI are not what the HAL needs.", "kind of error"),
        .init(
            0xBE, "ATTEMPTED_WRITE_TO_READONLY_MEMORY",
            "Code, or constants of an image, or the last page of a stack, were to be overwritten.",
            "address written", "its page-table entry", "trap frame"),
        .init(
            0xC2, "BAD_POOL_CALLER", "The pool was asked for something impossible, such as freeing what is no allocation.",
            "kind of violation", "", "",
            "block"),
        .init(
            0xD1, "DRIVER_IRQL_NOT_LESS_OR_EQUAL",
            "A driver touched memory that is not there at an IRQL where page faults cannot be served.",
            "address touched", "IRQL, or -1: interrupts were off", "error: 0 read, 2 write", "instruction"),
        .init(
            0xD3, "DRIVER_PORTION_MUST_BE_NONPAGED",
            "Memory of a driver that is not there was touched at an IRQL where page faults cannot be served.", "address touched",
            "IRQL, or -1: interrupts were off", "error: 0 read, 2 write", "instruction"),
        .init(0xD7, "DRIVER_UNMAPPING_INVALID_VIEW", "A view of system space was to be unmapped that is none.", "1", "address"),
        .init(
            0xE1, "WORKER_THREAD_RETURNED_AT_BAD_IRQL", "A work item's routine came back at a raised IRQL.", "routine", "IRQL", "work item",
            "work item"),
        .init(0xE2, "MANUALLY_INITIATED_CRASH", "The crash was asked for."),
        .init(0xF8, "RAMDISK_BOOT_INITIALIZATION_FAILED", "The RAM disk to start from could not be set up.", "step", "status"),
        .init(0x12D, "TARGET_MDL_TOO_SMALL", "A part of a memory descriptor list was to go into one that is too short."),
    ]
}
