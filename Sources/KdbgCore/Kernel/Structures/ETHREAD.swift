// SPDX-License-Identifier: GPL-3.0-or-later

/// `ETHREAD` (spec/boot.md section 5.13).
package struct ETHREAD: Structure {
    package static let size: UInt32 = 0x250
    package let Tcb = Embedded<KTHREAD>(0x00)
    package let CreateTime = Embedded<LARGE_INTEGER>(0x1B8)
    package let ExitTime = Embedded<LARGE_INTEGER>(0x1C0)
    package let ExitStatus = Field.u32(0x1C8)
    package let PostBlockList = Embedded<LIST_ENTRY>(0x1CC)
    package let TerminationPort = Field.pointer(0x1D4, to: "TERMINATION_PORT")
    package let ActiveTimerListHead = Embedded<LIST_ENTRY>(0x1DC)
    package let Cid = Field.u64(0x1E4)
    package let LpcReplySemaphore = Embedded<KSEMAPHORE>(0x1EC)
    package let ImpersonationInfo = Field.pointer(0x204, to: "PS_IMPERSONATION_INFORMATION")
    package let IrpList = Embedded<LIST_ENTRY>(0x208)
    package let TopLevelIrp = Field.u32(0x210)
    package let DeviceToVerify = PointerTo<DEVICE_OBJECT>(0x214)
    package let ThreadsProcess = PointerTo<EPROCESS>(0x218)
    package let Win32StartAddress = Field.pointer(0x21C, to: "VOID")
    package let StartAddress = Field.pointer(0x220, to: "KSTART_ROUTINE")
    package let ThreadListEntry = Embedded<LIST_ENTRY>(0x224)
    package let RundownProtect = Field.u32(0x22C)
    package let ThreadLock = Field.u32(0x230)
    package let ReadClusterSize = Field.u32(0x238)
    package let GrantedAccess = Field.u32(0x23C)
    package let CrossThreadFlags = Field.u32(0x240)
    package let SameThreadPassiveFlags = Field.u32(0x244)
    package let SameThreadApcFlags = Field.u32(0x248)

    package static let layout = Self()
}
