// SPDX-License-Identifier: GPL-3.0-or-later

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Unicorn, the other machine: libunicorn from the PyPI package, loaded at run time, so that nothing depends on it at build time.
///
/// It executes i386 code with paging and reports exceptions instead of delivering them. Segment limits are not its business (see `Run.cut`).
final class Unicorn {
    /// Numbers of `uc_x86_reg` (unicorn/x86.h).
    enum Register: Int32, CaseIterable {
        case eax = 19, ecx = 22, edx = 24, ebx = 21, esp = 30, ebp = 20, esi = 29, edi = 23
        case eip = 26, eflags = 25
        case es = 28, cs = 11, ss = 49, ds = 17, fs = 32, gs = 33
        case cr0 = 50, cr2 = 52, cr3 = 53, cr4 = 54
        case dr6 = 72, dr7 = 73
        case gdtr = 243, idtr = 242, ldtr = 244, tr = 245
        static let general: [Register] = [.eax, .ecx, .edx, .ebx, .esp, .ebp, .esi, .edi]
        static let segments: [Register] = [.es, .cs, .ss, .ds, .fs, .gs]
    }

    /// Why a run ended.
    enum End: Equatable {
        /// At the end of the window or outside.
        case done
        /// An exception, or a software interrupt with EIP behind the instruction.
        case exception(vector: UInt32, code: UInt32)
        case invalidOpcode
        /// An access outside RAM, which Unicorn reports as an error of the host.
        case outsideMemory
        case failed(Int32)
    }

    private typealias Handle = OpaquePointer
    private typealias Open = @convention(c) (Int32, Int32, UnsafeMutablePointer<Handle?>) -> Int32
    private typealias Close = @convention(c) (Handle) -> Int32
    private typealias Map = @convention(c) (Handle, UInt64, Int, UInt32, UnsafeMutableRawPointer) -> Int32
    private typealias Access = @convention(c) (Handle, Int32, UnsafeMutableRawPointer) -> Int32
    private typealias Start = @convention(c) (Handle, UInt64, UInt64, UInt64, Int) -> Int32
    private typealias Stop = @convention(c) (Handle) -> Int32
    // Variadic in C. The calling conventions of the machines we run on pass these arguments alike.
    private typealias Hook =
        @convention(c) (Handle, UnsafeMutablePointer<Int>, Int32, UnsafeRawPointer, UnsafeMutableRawPointer, UInt64, UInt64) -> Int32
    private typealias Control = @convention(c) (Handle, UInt32, Int) -> Int32
    private typealias ContextAlloc = @convention(c) (Handle, UnsafeMutablePointer<OpaquePointer?>) -> Int32
    private typealias ContextCopy = @convention(c) (Handle, OpaquePointer) -> Int32
    private typealias ContextSize = @convention(c) (Handle) -> Int

    private struct Functions {
        let open: Open, close: Close, map: Map, read: Access, write: Access, start: Start, stop: Stop, hook: Hook, control: Control
        let contextAlloc: ContextAlloc, contextSave: ContextCopy, contextRestore: ContextCopy, contextSize: ContextSize

        init?(_ path: String) {
            guard let library = dlopen(path, RTLD_NOW | RTLD_LOCAL) else { return nil }
            func find<T>(_ name: String, _: T.Type) -> T? { dlsym(library, name).map { unsafeBitCast($0, to: T.self) } }
            guard let open = find("uc_open", Open.self), let close = find("uc_close", Close.self),
                let map = find("uc_mem_map_ptr", Map.self),
                let read = find("uc_reg_read", Access.self), let write = find("uc_reg_write", Access.self),
                let start = find("uc_emu_start", Start.self), let stop = find("uc_emu_stop", Stop.self),
                let hook = find("uc_hook_add", Hook.self),
                let control = find("uc_ctl", Control.self), let contextAlloc = find("uc_context_alloc", ContextAlloc.self),
                let contextSave = find("uc_context_save", ContextCopy.self),
                let contextRestore = find("uc_context_restore", ContextCopy.self),
                let contextSize = find("uc_context_size", ContextSize.self)
            else { return nil }
            (self.open, self.close, self.map, self.read, self.write) = (open, close, map, read, write)
            (self.start, self.stop, self.hook, self.control) = (start, stop, hook, control)
            (self.contextAlloc, self.contextSave, self.contextRestore, self.contextSize) = (
                contextAlloc, contextSave, contextRestore, contextSize
            )
        }
    }

    /// What the callbacks look at and leave behind; they get its address.
    private struct Watch {
        var stop: Stop
        var window: Range<UInt64> = 0..<0
        var vector: UInt32?
    }

    private let functions: Functions
    private let handle: Handle
    private let context: OpaquePointer
    private let scratch: OpaquePointer
    private let watch: UnsafeMutablePointer<Watch>
    /// RAM from physical address 0, shared with Unicorn.
    let memory: UnsafeMutableRawPointer
    let size: Int
    private var errorCodeOffset: Int?

    /// A Pentium II with `size` bytes of RAM; nil when the library cannot be used. `real`: it starts in real-address mode, else in protected mode.
    init?(library path: String, real: Bool, size: Int) {
        guard let functions = Functions(path) else { return nil }
        var handle: Handle?
        guard functions.open(4, real ? 2 : 4, &handle) == 0, let handle else { return nil }
        guard functions.control(handle, 7 | 1 << 26 | 1 << 30, 9) == 0 else { return nil }
        memory = .allocate(byteCount: size, alignment: 4096)
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: size)
        guard functions.map(handle, 0, size, 7, memory) == 0 else { return nil }
        var context: OpaquePointer?
        var scratch: OpaquePointer?
        guard functions.contextAlloc(handle, &context) == 0, functions.contextAlloc(handle, &scratch) == 0, let context, let scratch else {
            return nil
        }
        (self.functions, self.handle, self.context, self.scratch, self.size) = (functions, handle, context, scratch, size)
        watch = .allocate(capacity: 1)
        watch.initialize(to: Watch(stop: functions.stop))
        // Per block: a hook per instruction makes Unicorn forget flags when the instruction after them faults.
        let onBlock: @convention(c) (OpaquePointer, UInt64, UInt32, UnsafeMutableRawPointer) -> Void = { handle, address, _, data in
            let watch = data.assumingMemoryBound(to: Watch.self)
            if !watch.pointee.window.contains(address) { _ = watch.pointee.stop(handle) }
        }
        let onInterrupt: @convention(c) (OpaquePointer, UInt32, UnsafeMutableRawPointer) -> Void = { handle, vector, data in
            let watch = data.assumingMemoryBound(to: Watch.self)
            watch.pointee.vector = vector
            _ = watch.pointee.stop(handle)
        }
        var hook = 0
        guard functions.hook(handle, &hook, 8, unsafeBitCast(onBlock, to: UnsafeRawPointer.self), watch, 1, 0) == 0,
            functions.hook(handle, &hook, 1, unsafeBitCast(onInterrupt, to: UnsafeRawPointer.self), watch, 1, 0) == 0
        else { return nil }
    }

    deinit {
        _ = functions.close(handle)
        memory.deallocate()
        watch.deallocate()
    }

    subscript(_ register: Register) -> UInt32 {
        get {
            var value: UInt64 = 0
            _ = functions.read(handle, register.rawValue, &value)
            return UInt32(truncatingIfNeeded: value)
        }
        set {
            var value = UInt64(newValue)
            _ = functions.write(handle, register.rawValue, &value)
        }
    }

    /// Sets GDTR, IDTR, LDTR or TR (`uc_x86_mmr`).
    func setTable(_ register: Register, selector: UInt16 = 0, base: UInt32, limit: UInt32, flags: UInt32 = 0) {
        var value: (UInt16, UInt64, UInt32, UInt32) = (selector, UInt64(base), limit, flags)
        _ = functions.write(handle, register.rawValue, &value)
    }

    /// Keeps the present registers, all of them, for `restore`.
    func save() { _ = functions.contextSave(handle, context) }

    /// Registers as they were at `save`; translations and code are looked up anew when `flushing`.
    func restore(flushing: Bool) {
        _ = functions.contextRestore(handle, context)
        if flushing { _ = functions.control(handle, 10 | 1 << 30, 0) }
        _ = functions.control(handle, 11 | 1 << 30, 0)
    }

    /// Executes from an address (EIP in CS; linear in real mode) until an exception, or a jump out of `window`. `nowhere`: an address that is never
    /// reached, whose page can be read.
    func run(from start: UInt32, window: Range<UInt32>, until nowhere: UInt32) -> End {
        watch.pointee.window = UInt64(window.lowerBound)..<UInt64(window.upperBound)
        watch.pointee.vector = nil
        let result = functions.start(handle, UInt64(start), UInt64(nowhere), 2_000_000, 0)
        if let vector = watch.pointee.vector { return .exception(vector: vector, code: errorCode) }
        switch result {
        case 0: return .done
        case 10: return .invalidOpcode
        // A jump that left the window for where there is no RAM.
        case 8: return .done
        case 6, 7: return .outsideMemory
        default: return .failed(result)
        }
    }

    // MARK: The error code, which has no name in Unicorn's interface

    private var errorCode: UInt32 {
        guard let errorCodeOffset else { return 0 }
        _ = functions.contextSave(handle, scratch)
        return UnsafeRawPointer(scratch).load(fromByteOffset: errorCodeOffset, as: UInt32.self)
    }

    /// Finds where a saved context holds the error code: `provoke(n)` causes exceptions whose error codes it answers.
    func locateErrorCode(_ provoke: (Int) -> UInt32?) {
        let length = functions.contextSize(handle) - 4
        var candidates = Array(stride(from: 0, to: length, by: 4))
        var n = 0
        while let expected = provoke(n) {
            _ = functions.contextSave(handle, scratch)
            candidates = candidates.filter { UnsafeRawPointer(scratch).load(fromByteOffset: $0, as: UInt32.self) == expected }
            n += 1
        }
        errorCodeOffset = candidates.count == 1 ? candidates[0] : nil
    }

    /// Whether `locateErrorCode` succeeded.
    var knowsErrorCodes: Bool { errorCodeOffset != nil }
}
