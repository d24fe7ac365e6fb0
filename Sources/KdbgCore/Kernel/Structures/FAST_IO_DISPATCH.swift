// SPDX-License-Identifier: GPL-3.0-or-later

/// `FAST_IO_DISPATCH` (spec/boot.md section 5.4): a file system's routines for requests without a packet. Nobody here has any, so DRIVER_OBJECT.FastIoDispatch is NULL.
package struct FAST_IO_DISPATCH: Structure {
    package static let size: UInt32 = 0x70
    package let SizeOfFastIoDispatch = Field.u32(0x00)
    package let FastIoCheckIfPossible = Field.pointer(0x04)
    package let FastIoRead = Field.pointer(0x08)
    package let FastIoWrite = Field.pointer(0x0C)
    package let FastIoQueryBasicInfo = Field.pointer(0x10)
    package let FastIoQueryStandardInfo = Field.pointer(0x14)
    package let FastIoLock = Field.pointer(0x18)
    package let FastIoUnlockSingle = Field.pointer(0x1C)
    package let FastIoUnlockAll = Field.pointer(0x20)
    package let FastIoUnlockAllByKey = Field.pointer(0x24)
    package let FastIoDeviceControl = Field.pointer(0x28)
    package let AcquireFileForNtCreateSection = Field.pointer(0x2C)
    package let ReleaseFileForNtCreateSection = Field.pointer(0x30)
    package let FastIoDetachDevice = Field.pointer(0x34)
    package let FastIoQueryNetworkOpenInfo = Field.pointer(0x38)
    package let AcquireForModWrite = Field.pointer(0x3C)
    package let MdlRead = Field.pointer(0x40)
    package let MdlReadComplete = Field.pointer(0x44)
    package let PrepareMdlWrite = Field.pointer(0x48)
    package let MdlWriteComplete = Field.pointer(0x4C)
    package let FastIoReadCompressed = Field.pointer(0x50)
    package let FastIoWriteCompressed = Field.pointer(0x54)
    package let MdlReadCompleteCompressed = Field.pointer(0x58)
    package let MdlWriteCompleteCompressed = Field.pointer(0x5C)
    package let FastIoQueryOpen = Field.pointer(0x60)
    package let ReleaseForModWrite = Field.pointer(0x64)
    package let AcquireForCcFlush = Field.pointer(0x68)
    package let ReleaseForCcFlush = Field.pointer(0x6C)

    package static let layout = Self()
}
