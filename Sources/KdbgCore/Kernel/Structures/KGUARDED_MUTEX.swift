// SPDX-License-Identifier: GPL-3.0-or-later

/// `KGUARDED_MUTEX`: a mutex whose owner gets no kernel APCs; the layout is that of Windows Server 2003.
package struct KGUARDED_MUTEX: Structure {
    package static let size: UInt32 = 0x20
    /// 1 free, 0 owned, below 0 owned and waited for.
    package let Count = Field.i32(0x00)
    package let Owner = PointerTo<KTHREAD>(0x04)
    package let Contention = Field.u32(0x08)
    package let Event = Embedded<KEVENT>(0x0C)
    package let KernelApcDisable = Field.i16(0x1C)
    package let SpecialApcDisable = Field.i16(0x1E)

    package static let layout = Self()
}
