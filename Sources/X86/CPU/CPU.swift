// SPDX-License-Identifier: GPL-3.0-or-later

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Segment numbers as Intel encodes them; LDTR and TR follow.
enum SegmentNumber {
    static var es: Int { 0 }
    static var cs: Int { 1 }
    static var ss: Int { 2 }
    static var ds: Int { 3 }
    static var fs: Int { 4 }
    static var gs: Int { 5 }
    static var ldtr: Int { 6 }
    static var tr: Int { 7 }
}

/// A loaded segment register plus what the fast path compares with.
struct SegmentCache {
    var segment: Segment
    /// `offset + size` up to this value needs no further check; 0 sends every access to the slow path.
    var readLimit: UInt64
    var writeLimit: UInt64
}

/// EFLAGS bits (SDM vol. 1, 3.4.3).
enum EFlags {
    static var cf: UInt32 { 1 }
    static var pf: UInt32 { 4 }
    static var af: UInt32 { 0x10 }
    static var zf: UInt32 { 0x40 }
    static var sf: UInt32 { 0x80 }
    static var tf: UInt32 { 0x100 }
    static var intr: UInt32 { 0x200 }
    static var df: UInt32 { 0x400 }
    static var of: UInt32 { 0x800 }
    static var iopl: UInt32 { 0x3000 }
    static var nt: UInt32 { 0x4000 }
    static var rf: UInt32 { 0x1_0000 }
    static var vm: UInt32 { 0x2_0000 }
    static var ac: UInt32 { 0x4_0000 }
    static var vif: UInt32 { 0x8_0000 }
    static var vip: UInt32 { 0x10_0000 }
    static var id: UInt32 { 0x20_0000 }
    static var arithmetic: UInt32 { 0x8D5 }
    /// Every bit that can be set.
    static var all: UInt32 { 0x3F_7FD5 }
}

/// The whole state of the processor. It lives at one address, owned by `Machine`, and holds only plain words and pointers, so that the
/// interpreter touches no reference count.
struct CPU: ~Copyable {
    /// Eight general registers in Intel's order, then a word that stays zero (the missing base or index). They lie `registerBytes` below the CPU itself, where
    /// fast forms find them without this pointer.
    let regs: UnsafeMutableRawPointer
    static var registerBytes: Int { 64 }
    /// Offset of the next instruction in CS.
    var eip: UInt32 = 0
    /// Offset of the instruction being executed; where faults return to.
    var currentEIP: UInt32 = 0
    /// Instructions so far, including those that ended in an exception.
    var count: UInt64 = 0
    /// When `count` reaches it the loop looks up; 0 means now.
    var deadline: UInt64 = 0
    var csBase: UInt32 = 0
    /// Stands for all that a cached way to a block depends on, see `CodeContext`. 0 when it must be worked out anew, which also makes a running block come back to the loop.
    var codeContext: UInt32 = 0
    /// The mode bits of `codeContext`: bit 0 is user mode, bit 1 32-bit code, bit 2 flat, see `refreshContext`.
    var codeMode: UInt32 = 0
    /// Contexts worked out lately, by what they stand for, and the last one given out.
    let contexts: UnsafeMutablePointer<CodeContext>
    var lastContext: UInt32 = 0
    /// Decoded code.
    let code: UnsafeMutablePointer<CodeCache>
    /// Where blocks start, by linear address.
    let jumps: UnsafeMutablePointer<JumpEntry>
    /// Translations for instruction fetch.
    let codeTLB: UnsafeMutablePointer<CodeTLBEntry>
    var codeTLBGeneration: UInt32 = 1
    var codeTLBCount = 0
    /// A link that waits for the block the loop is about to look up.
    var pendingLink: UnsafeMutablePointer<Link>?
    /// Room for the block builder.
    let blockPositions: UnsafeMutablePointer<UInt8>
    /// Where single steps go on without looking the block up; valid at `cursorLinear` under `cursorContext`.
    var cursor: UnsafeMutablePointer<Instruction>?
    var cursorLinear: UInt32 = 0
    var cursorContext: UInt32 = 0
    /// The host asked to execute the instruction under a code stop.
    var isPassingStop = false
    /// INT and the like raise an exception that no guest sees.
    var refusesInterrupts = false
    /// EFLAGS without the arithmetic six.
    var systemFlags: UInt32 = 2
    var flags = LazyFlags()
    var cpl: UInt8 = 0
    /// FFFF or FFFFFFFF by SS.B.
    var stackMask: UInt32 = 0xFFFF
    let segments: UnsafeMutablePointer<SegmentCache>
    /// TLB of the current privilege: one of the following three.
    var tlb: UnsafeMutablePointer<TLBEntry>
    let tlbSupervisor: UnsafeMutablePointer<TLBEntry>
    let tlbUser: UnsafeMutablePointer<TLBEntry>
    /// Always empty: in force while alignment is checked, so that every access takes the slow path.
    let tlbNone: UnsafeMutablePointer<TLBEntry>
    /// Anything was translated at CPL 3 since the last flush.
    var usesUserTLB = false
    /// A translation through a 4 MiB page happened since reset.
    var hasLargePages = false
    let memory: PhysicalMemory
    /// Physical address bits that reach memory: without bit 20 while the A20 gate is closed.
    var a20Mask: UInt32 = ~0

    var cr0: UInt32 = 0
    var cr2: UInt32 = 0
    var cr3: UInt32 = 0
    var cr4: UInt32 = 0
    var dr: (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
    var dr6: UInt32 = 0xFFFF_0FF0
    var dr7: UInt32 = 0x400
    var gdtr = DescriptorTable(base: 0, limit: 0xFFFF)
    var idtr = DescriptorTable(base: 0, limit: 0x3FF)
    var msr = ModelSpecific()
    var fpu = FPUState()

    /// An exception that a handler raised; the loop delivers it.
    var fault = Fault(0)
    var hasFault = false
    /// DR6 bits of a debug trap due after this instruction (data breakpoints, task switch).
    var pendingDebug: UInt32 = 0
    /// TF was set when the instruction started.
    var stepArmed = false
    /// RF was set when the instruction started, and is clear now.
    var rfArmed = false
    /// `count` at which interrupts are held off: the instruction after STI or a load of SS.
    var inhibitAt: UInt64 = .max
    /// The instruction at `inhibitAt` loaded SS, which holds debug traps off as well.
    var inhibitsTraps = false
    /// A task switch has given the processor to a task whose segments could not be loaded yet.
    var isBetweenTasks = false
    /// A REP has finished at least one iteration.
    var hasProgress = false
    /// HLT executed; only an interrupt ends it.
    var isHalted = false
    /// VMCALL returns to the host; otherwise it is #UD, as on a processor without VMX.
    var answersVMCALL = true
    /// Why the loop must return to the host after this instruction.
    var pendingStop: PendingStop = .none
    var stopCode: UInt32 = 0
    var dataHit = DataStopHit(id: 0, address: 0, isWrite: false, eip: 0)
    /// Any guest breakpoint on execution is enabled in DR7.
    var hasCodeBreakpoints = false
    /// Any guest data breakpoint is enabled in DR7, or the host watches something.
    var watchCount = 0
    let watches: UnsafeMutablePointer<Watch>
    /// The owning `Machine`, unretained.
    var owner: UnsafeMutableRawPointer?
    /// The slot for instructions that are not cached.
    let scratch: UnsafeMutablePointer<Instruction>
    let fetchBuffer: UnsafeMutablePointer<UInt8>

    /// `registers` are `registerBytes` bytes that the owner keeps right below the CPU.
    init(memory: PhysicalMemory, registers: UnsafeMutableRawPointer) {
        self.memory = memory
        regs = registers
        regs.initializeMemory(as: UInt32.self, repeating: 0, count: Self.registerBytes / 4)
        segments = .allocate(capacity: 8)
        segments.initialize(
            repeating: SegmentCache(segment: Segment(selector: 0, base: 0, limit: 0, attributes: 0), readLimit: 0, writeLimit: 0), count: 8)
        tlbSupervisor = zeroed(TLBEntry.count)
        tlbUser = zeroed(TLBEntry.count)
        tlbNone = zeroed(TLBEntry.count)
        tlb = tlbSupervisor
        code = memory.code
        contexts = zeroed(CodeContext.count)
        blockPositions = zeroed(Block.maximumCount)
        jumps = zeroed(JumpEntry.count)
        codeTLB = zeroed(CodeTLBEntry.count)
        scratch = .allocate(capacity: 1)
        scratch.initialize(to: .empty)
        fetchBuffer = .allocate(capacity: 16)
        fetchBuffer.initialize(repeating: 0, count: 16)
        watches = .allocate(capacity: Watch.capacity)
        watches.initialize(repeating: Watch(), count: Watch.capacity)
    }

    deinit {
        segments.deallocate()
        free(tlbSupervisor)
        free(tlbUser)
        free(tlbNone)
        free(jumps)
        free(contexts)
        free(blockPositions)
        free(codeTLB)
        scratch.deallocate()
        fetchBuffer.deallocate()
        watches.deallocate()
    }

    /// Asks the loop to look up before the next instruction.
    @inline(__always) mutating func wakeLoop() { deadline = 0 }

    /// Ends the current instruction with an exception. The caller returns at once without changing state.
    @inline(never) mutating func raise(_ fault: Fault) {
        self.fault = fault
        hasFault = true
        deadline = 0
    }

    /// Turns an access that answered nil into a throw, for code paths that throw.
    @inline(__always) mutating func check<T>(_ value: T?) throws(Fault) -> T {
        if let value { return value }
        throw takeFault()
    }

    /// Likewise for stores.
    @inline(__always) mutating func check(_ done: Bool) throws(Fault) {
        if !done { throw takeFault() }
    }

    /// The raised exception, which is then no longer pending.
    mutating func takeFault() -> Fault {
        hasFault = false
        return fault
    }

    var isProtected: Bool { cr0 & 1 != 0 }
    var isVirtual8086: Bool { systemFlags & EFlags.vm != 0 }
    var iopl: UInt8 { UInt8(systemFlags >> 12 & 3) }
}

/// Why the loop must hand control to the host.
enum PendingStop {
    case none, code, vmcall, debugExit, data, shutdown
}

/// The registers RDMSR and WRMSR reach (SDM vol. 4, table 2-2).
struct ModelSpecific: Equatable, Hashable {
    /// Added to the instruction count by RDTSC.
    var tscOffset: UInt64 = 0
    var apicBase: UInt64 = 0xFEE0_0900
    var sysenterCS: UInt64 = 0
    var sysenterESP: UInt64 = 0
    var sysenterEIP: UInt64 = 0
    var pat: UInt64 = 0x0007_0406_0007_0406
    var efer: UInt64 = 0
}

/// Zero-filled memory for `count` values of which zero is a valid one, committed page by page as it is touched; `free` gives it back.
func zeroed<T>(_ count: Int) -> UnsafeMutablePointer<T> {
    guard let memory = calloc(count, MemoryLayout<T>.stride) else { fatalError("out of memory") }
    return memory.bindMemory(to: T.self, capacity: count)
}
