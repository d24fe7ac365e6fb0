// SPDX-License-Identifier: GPL-3.0-or-later

/// iorsrce.c: the HAL's report, which has no driver.
extension Io {
    /// `IoReportHalResourceUsage(HalName*, RawResourceList*, TranslatedResourceList*, ResourceListSize) -> status`: both lists in the registry, in the key of the HAL's name below
    /// `RESOURCEMAP\Hardware Abstraction Layer`; drivers that want some of it have a conflict, because their lists are translated too.
    package static let reportHalResourceUsage: Routine = .init(
        "IoReportHalResourceUsage", ["HalName", "RawResourceList", "TranslatedResourceList", "ResourceListSize"]
    ) { f in
        let status = f.local(f.call(rememberReport, 0, 0, f.argument(2), f.argument(3)))
        f.if(status.isError) { f.return(status) }
        let path = f.stringBuffer(160)
        let handle = f.local(0)
        f.call(Rtl.appendUnicodeToString, path, f.wide(#"\REGISTRY\MACHINE\HARDWARE\RESOURCEMAP\Hardware Abstraction Layer"#))
        f.set(status, f.call(createRegistryKeyEx, f.address(of: handle), 0, path, 0xF003F, 1, 0))
        f.if(status.isError) { f.return(status) }
        f.call(Ob.ntClose, handle)
        f.call(Rtl.appendUnicodeToString, path, f.wide(#"\"#))
        f.call(Rtl.appendUnicodeStringToString, path, f.argument(0))
        f.set(status, f.call(createRegistryKeyEx, f.address(of: handle), 0, path, 0xF003F, 1, 0))
        f.if(status.isError) { f.return(status) }
        f.set(status, f.call(Cm.zwSetValueKey, handle, f.unicode(".Raw"), 0, 8, f.argument(1), f.argument(3)))
        f.if(status.isSuccess) {
            f.set(status, f.call(Cm.zwSetValueKey, handle, f.unicode(".Translated"), 0, 8, f.argument(2), f.argument(3)))
        }
        f.call(Ob.ntClose, handle)
        f.return(status)
    }
}
