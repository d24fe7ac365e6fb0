// SPDX-License-Identifier: GPL-3.0-or-later

/// The components debug prints are filtered by, in the order `filter` shows them (spec/kdbg.md section 1.8).
package enum DebugComponents {
    package struct Component: Equatable, Sendable {
        package var name: String
        /// The id a print carries.
        package var id: UInt32
    }

    /// Prints without id or level; its mask lets a level through for every component.
    package static let systemWide: UInt32 = 0xFFFF_FFFF
    /// The component of unknown ids, and what `default` means.
    private static let defaultID: UInt32 = 101

    package static let all: [Component] =
        [Component(name: "WIN2000", id: systemWide), Component(name: names[Int(defaultID)], id: defaultID)]
        + names.enumerated().filter { $0.offset != Int(defaultID) }.map { Component(name: $0.element, id: UInt32($0.offset)) }

    /// Ignores case.
    package static func component(named name: String) -> Component? {
        let name = name.uppercased()
        return all.first { $0.name == name }
    }

    /// By id.
    private static let names = """
        SYSTEM SMSS SETUP NTFS FSTUB CRASHDUMP CDAUDIO CDROM CLASSPNP DISK
        REDBOOK STORPROP SCSIPORT SCSIMINIPORT CONFIG I8042PRT SERMOUSE LSERMOUS KBDHID MOUHID
        KBDCLASS MOUCLASS TWOTRACK WMILIB ACPI AMLI HALIA64 VIDEO SVCHOST VIDEOPRT
        TCPIP DMSYNTH NTOSPNP FASTFAT SAMSS PNPMGR NETAPI SCSERVER SCCLIENT SERIAL
        SERENUM UHCD RPCPROXY AUTOCHK DCOMSS UNIMODEM SIS FLTMGR WMICORE BURNENG
        IMAPI SXS FUSION IDLETASK SOFTPCI TAPE MCHGR IDEP PCIIDE FLOPPY
        FDC TERMSRV W32TIME PREFETCHER RSFILTER FCPORT PCI DMIO DMCONFIG DMADMIN
        WSOCKTRANSPORT VSS PNPMEM PROCESSOR DMSERVER SR INFINIBAND IHVDRIVER IHVVIDEO IHVAUDIO
        IHVNETWORK IHVSTREAMING IHVBUS HPS RTLTHREADPOOL LDR TCPIP6 ISAPNP SHPC STORPORT
        STORMINIPORT PRINTSPOOLER VSSDYNDISK VERIFIER VDS VDSBAS VDSDYN VDSDYNDR VDSLDR VDSUTIL
        DFRGIFC DEFAULT MM DFSC WOW64
        ALPC WDI PERFLIB KTM IOSTRESS HEAP WHEA USERGDI MMCSS TPM
        THREADORDER ENVIRON EMS WDT FVEVOL NDIS NVCTRACE LUAFV APPCOMPAT USBSTOR
        SBP2PORT COVERAGE CACHEMGR MOUNTMGR CFR TXF KSECDD FLTREGRESS MPIO MSDSM
        UDFS PSHED STORVSP LSASS SSPICLI CNG EXFAT FILETRACE XSAVE SE DRIVEEXTENDER
        POWER CRASHDUMPXHCI GPIO REFS WER
        CAPIMG VPCI STORAGECLASSMEMORY FSLIB
        """.split(whereSeparator: \.isWhitespace).map(String.init)
}
