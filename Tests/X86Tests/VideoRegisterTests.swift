// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import X86

/// The VGA's registers (IBM PS/2 Hardware Interface Technical Reference, "Video Subsystem").
@Suite struct VideoRegisterTests {
    @Test func cursorAndStart() {
        let p = DevicePorts()
        let m = p.machine
        p.setIndex(0x3D4, 0x0E, 3)
        p.setIndex(0x3D4, 0x0F, 0x21)
        #expect(m.textScreenCursor.map { [$0.row, $0.column] } == [10, 1])
        #expect(p.index(0x3D4, 0x0E) == 3)
        // The start address moves the window over the cells, and the cursor with it.
        p.setIndex(0x3D4, 0x0C, 0)
        p.setIndex(0x3D4, 0x0D, 160)
        m.writePhysical(0xB8000 + 320, [0x41, 7])
        #expect(m.textScreenLines()[0] == "A")
        #expect(m.textScreenCursor.map { [$0.row, $0.column] } == [8, 1])
        // Cursor start bit 5 hides it; start and end read back.
        p.setIndex(0x3D4, 0x0A, 0x2E)
        p.setIndex(0x3D4, 0x0B, 0x0F)
        #expect(m.textScreenCursor == nil)
        #expect(p.index(0x3D4, 0x0A) == 0x2E)
        #expect(p.index(0x3D4, 0x0B) == 0x0F)
        p.setIndex(0x3D4, 0x0A, 0x0E)
        p.setIndex(0x3D4, 0x0E, 0x30)
        #expect(m.textScreenCursor == nil)
    }

    @Test func crtcRegisters() {
        let p = DevicePorts()
        for index in 8..<25 as Range<UInt8> where index != 0x11 {
            p.setIndex(0x3D4, index, index ^ 0xA5)
            #expect(p.index(0x3D4, index) == index ^ 0xA5)
        }
        // Register 11h bit 7 protects the first eight, but for bit 4 of the eighth.
        #expect(p.index(0x3D4, 0x11) & 0x80 != 0)
        p.setIndex(0x3D4, 0, 0x12)
        #expect(p.index(0x3D4, 0) == 0x5F)
        p.setIndex(0x3D4, 7, 0)
        #expect(p.index(0x3D4, 7) == 0x0F)
        p.setIndex(0x3D4, 0x11, 0)
        for index in 0..<8 as Range<UInt8> {
            p.setIndex(0x3D4, index, index + 1)
            #expect(p.index(0x3D4, index) == index + 1)
        }
        // Beyond the last there is nothing.
        p.setIndex(0x3D4, 0x19, 5)
        #expect(p.index(0x3D4, 0x19) == 0)
        #expect(p[0x3D4] == 0x19)
    }

    @Test func statusToggles() {
        let p = DevicePorts()
        let seen = p.read(0x3DA, 4)
        #expect(Set(seen) == [0, 9])
    }

    @Test func indexedRegisters() {
        let p = DevicePorts()
        for (port, count) in [(0x3C4, 5), (0x3CE, 9)] as [(UInt16, UInt8)] {
            for index in 0..<count {
                p.setIndex(port, index, index + 0x11)
                #expect(p.index(port, index) == index + 0x11)
            }
            p[port] = 3
            #expect(p[port] == 3)
        }
    }

    @Test func attributeController() {
        let p = DevicePorts()
        for index in 0..<21 as Range<UInt8> {
            // Reading the status makes the next byte an index.
            _ = p[0x3DA]
            p.write(0x3C0, index, index + 7)
            p[0x3C0] = index | 0x20
            #expect(p[0x3C1] == index + 7)
            #expect(p[0x3C0] == index | 0x20)
        }
    }

    @Test func paletteAndMiscellaneous() {
        let p = DevicePorts()
        p[0x3C8] = 254
        // The last colour lacks its blue, so it is not there yet.
        p.write(0x3C9, 1, 2, 3, 0xFF, 5, 6, 7, 8)
        p[0x3C7] = 254
        #expect(p[0x3C7] == 3)
        #expect(p.read(0x3C9, 7) == [1, 2, 3, 0x3F, 5, 6, 0])
        p[0x3C8] = 16
        #expect(p[0x3C8] == 16)
        #expect(p[0x3C7] == 0)
        p[0x3C6] = 0x0F
        #expect(p[0x3C6] == 0x0F)
        p[0x3DA] = 3
        #expect(p[0x3CA] == 3)
        #expect(p[0x3C2] == 0x10)
        #expect(p[0x3CC] == 0x67)
        // As a monochrome adapter it is found at 3B4h.
        #expect(p[0x3B4] == 0xFF)
        p[0x3C2] = 0x66
        #expect(p[0x3CC] == 0x66)
        #expect(p[0x3D4] == 0xFF)
        p.setIndex(0x3B4, 0x0E, 9)
        #expect(p.index(0x3B4, 0x0E) == 9)
    }
}
