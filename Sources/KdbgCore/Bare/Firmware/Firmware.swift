// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// A small firmware of our own for `--disk`: a ROM of real-mode code that starts the machine, offers the classic services behind INT 10h to INT 1Ah, and
/// boots. It drives the devices by port I/O like any other program, so one can step through it.
///
/// What it offers is what boot sectors and boot loaders use; the register conventions are those of Ralf Brown's Interrupt List.
struct Firmware {
    var code = RealModeAssembler()
    let disk: DiskGeometry
    let map: MemoryMap

    /// The segment it lies in.
    static let segment: UInt16 = 0xF000
    /// Bytes of the ROM.
    private static let size = 0x1_0000
    /// Where a PC's firmware has its entry, date and model.
    private static let resetOffset = 0xFFF0

    /// The ROM, and where its routines are, for the debugger.
    /// - Parameters:
    ///   - disk: what it boots from.
    ///   - map: what INT 15h tells of memory.
    static func build(disk: DiskGeometry, map: MemoryMap) -> (image: [UInt8], symbols: [Symbol]) {
        var firmware = Firmware(disk: disk, map: map)
        firmware.writeBoot()
        firmware.writeInterrupts()
        firmware.writeVideo()
        firmware.writeScrolling()
        firmware.writeDisk()
        firmware.writeExtendedDisk()
        firmware.writeKeyboard()
        firmware.writeSystem()
        firmware.writeMemoryServices()
        firmware.writeClock()
        guard let (bytes, labels) = firmware.code.assembled(at: 0) else { preconditionFailure("a label of the firmware is missing") }
        precondition(bytes.count <= resetOffset)
        var end = RealModeAssembler()
        end.jmpFar(segment, labels["reset"] ?? 0)
        end.bytes(Array("11/25/26".utf8))
        end.zeros(1)
        // Model FCh: an AT.
        end.byte(0xFC)
        end.zeros(1)
        let last = end.assembled(at: 0)?.bytes ?? []
        let image = bytes + [UInt8](repeating: 0xFF, count: resetOffset - bytes.count) + last
        precondition(image.count == size)
        return (image, symbols(labels, end: UInt16(bytes.count)))
    }

    private init(disk: DiskGeometry, map: MemoryMap) {
        self.disk = disk
        self.map = map
    }

    /// A routine reaches to the next one. Labels within a routine have a dot in their name and are nobody's business.
    private static func symbols(_ labels: [String: UInt16], end: UInt16) -> [Symbol] {
        let routines = labels.filter { !$0.key.contains(".") }.sorted { ($0.value, $0.key) < ($1.value, $1.key) }
        return routines.enumerated().map { index, routine in
            let next = index + 1 < routines.count ? routines[index + 1].value : end
            return Symbol(
                name: routine.key, module: "firmware", address: UInt32(segment) << 4 + UInt32(routine.value),
                size: UInt32(next - routine.value), kind: .code)
        }
    }
}

// MARK: The frame of a service

extension Firmware {
    /// What a service finds at SS:EBP: the caller's registers, in which it also leaves its results.
    enum Frame {
        static let es: Int32 = 0
        static let ds: Int32 = 2
        static let di: Int32 = 4
        static let si: Int32 = 8
        static let bp: Int32 = 12
        static let bx: Int32 = 20
        static let dx: Int32 = 24
        static let cx: Int32 = 28
        static let ax: Int32 = 32
        static let flags: Int32 = 40
        /// Low and high byte of a register.
        static var al: Int32 { ax }
        static var ah: Int32 { ax + 1 }
        static var bl: Int32 { bx }
        static var bh: Int32 { bx + 1 }
        static var cl: Int32 { cx }
        static var ch: Int32 { cx + 1 }
        static var dl: Int32 { dx }
        static var dh: Int32 { dx + 1 }
    }

    /// The caller's register at an offset of `Frame`.
    func caller(_ offset: Int32) -> Assembler.Memory { .at(.ebp, offset) }

    /// A byte, word or dword of the BIOS data area (segment 40h), which services see through DS = 0.
    func data(_ offset: Int32) -> Assembler.Memory { Assembler.Memory(displacement: 0x400 + offset) }

    /// Begins a service: saves everything, makes DS 0 and EBP the frame.
    mutating func enter(_ label: String) {
        code.label(label)
        code.pushad()
        code.push(.ds)
        code.push(.es)
        code.cld()
        code.mov(.ebp, .esp)
        code.movzxWord(.ebp, .ebp)
        code.alu(.xor, .eax, .eax)
        code.mov(.ds, .eax)
    }

    /// Ends a service. `leave` is what all of them jump to.
    mutating func writeLeave() {
        code.label("leave")
        code.pop(.es)
        code.pop(.ds)
        code.popad()
        code.iret()
    }

    /// Ends a service with carry clear, or with carry set.
    mutating func leave(carry: Bool) {
        setCarry(carry)
        code.jmp("leave")
    }

    mutating func setCarry(_ carry: Bool) {
        if carry { code.alu(.or, caller(Frame.flags), byte: 1) } else { code.alu(.and, caller(Frame.flags), byte: 0xFE) }
    }

    /// Jumps to a routine for each value that AH may have; falls through for all others.
    mutating func dispatch(_ functions: [(UInt8, String)]) {
        code.mov(.al, caller(Frame.ah))
        for (number, label) in functions {
            code.alu(.cmp, .al, number)
            code.jcc(.equal, label)
        }
    }
}

extension BareConfiguration {
    /// The ROM image with which a disk of that many sectors is booted on a machine of that size.
    package static func firmware(diskSectors: Int, memoryMiB: Int) -> [UInt8] {
        Firmware.build(disk: DiskGeometry(sectors: diskSectors), map: MemoryMap(size: memoryMiB << 20)).image
    }
}
