// SPDX-License-Identifier: GPL-3.0-or-later

/// bootlog.c: which drivers have been loaded and which have not. Dormant as in the commit, where phase 1 no longer calls the initialiser: the boot option
/// `BOOTLOG` alone only shows a message. `BOOTLOG=1` makes the call.
extension Io {
    /// Whether there is a log at all.
    package static let bootLogCreate: Global = .init("IopBootLogCreate")
    /// Whether records are taken at the moment.
    package static let bootLogEnabled: Global = .init("IopBootLogEnabled")
    /// Whether records go to the file instead of the registry.
    package static let bootLogFile: Global = .init("IopBootLogFile")
    /// How many records there have been; the next one's number.
    package static let logEntryCount: Global = .init("IopLogEntryCount")
    static let bootLogResource: GlobalStructure<ERESOURCE> = .init("IopBootLogResource")

    private static let bootLogKey = #"\Registry\Machine\System\CurrentControlSet\Control\BootLog"#
    private static let bootLogPath = #"\SystemRoot\rosboot.log"#

    /// `IopInitializeBootLogging(LoaderBlock*, Header)`: from now on records are taken. The header is the first one: zero-terminated text.
    package static let initializeBootLogging: Routine = .init("IopInitializeBootLogging", ["LoaderBlock", "HeaderMessage"]) { f in
        let header = f.stringBuffer(80)
        f.set(logEntryCount.dword, 0)
        f.set(bootLogFile.byte, 0)
        f.call(Ex.initializeResourceLite, bootLogResource)
        f.set(bootLogCreate.byte, 1)
        f.set(bootLogEnabled.byte, 1)
        f.call(Rtl.appendAnsiToString, header, f.argument(1))
        f.set((header.Buffer + header.Length).word(), 0)
        f.call(addBootLogRecord, header)
        f.return()
    }

    /// `IopBootLog(DriverName*, Success)`: the record "Loaded driver" or "Did not load driver". Nothing happens while no log is wanted.
    package static let bootLog: Routine = .init("IopBootLog", ["DriverName", "Success"]) { f in
        f.if(bootLogCreate.byte == 0 || bootLogEnabled.byte == 0) { f.return() }
        let text = f.stringBuffer(256)
        f.if((f.argument(1) & 0xFF) != 0) {
            f.call(Rtl.appendUnicodeToString, text, f.wide("Loaded driver "))
        } else: {
            f.call(Rtl.appendUnicodeToString, text, f.wide("Did not load driver "))
        }
        f.call(Rtl.appendUnicodeStringToString, text, f.argument(0))
        f.call(addBootLogRecord, text)
        f.return()
    }

    /// `IopAddBootLogRecord(Text*)`: to the registry, or to the file once that is open.
    private static let addBootLogRecord: Routine = .init("IopAddBootLogRecord", ["Text"]) { f in
        f.call(Ex.acquireResourceExclusiveLite, bootLogResource, 1)
        f.if(bootLogFile.byte != 0) {
            f.call(writeBootLogLine, 0, f.argument(0))
        } else: {
            let handle = f.local(0)
            let number = f.stringBuffer(12)
            f.call(Rtl.appendNumberToString, number, logEntryCount.dword, 10, 1)
            let status = f.call(createRegistryKeyEx, f.address(of: handle), 0, f.unicode(bootLogKey), 0xF003F, 1, 0)
            f.if(status.isSuccess) {
                f.call(setRegistryString, handle, number, f.argument(0))
                f.call(Ob.ntClose, handle)
            }
        }
        f.add(logEntryCount.dword, 1)
        f.call(Ex.releaseResourceLite, bootLogResource)
        f.return()
    }

    /// `IopSaveBootLogToFile() -> status`: everything recorded so far goes to `\SystemRoot\rosboot.log`, one line each, UTF-16 with a byte order mark as the log
    /// of NT; later records are appended. The key in the registry is volatile and stays until the end.
    package static let saveBootLogToFile: Routine = .init("IopSaveBootLogToFile") { f in
        f.if(bootLogCreate.byte == 0 || bootLogFile.byte != 0) { f.return(Status.success) }
        f.call(Ex.acquireResourceExclusiveLite, bootLogResource, 1)
        let key = f.local(0)
        let file = f.local(0)
        let status = f.local(f.call(openBootLogFile, f.address(of: file), 0))
        f.if(status.isSuccess) { f.set(status, f.call(openRegistryKeyEx, f.address(of: key), 0, f.unicode(bootLogKey), 0x20019)) }
        f.if(status.isSuccess) {
            let mark = f.local(0xFEFF)
            let result = f.structure(IO_STATUS_BLOCK.self)
            f.call(ntWriteFile, file, 0, 0, 0, result, f.address(of: mark), 2, 0, 0)
            let entry = f.local(0)
            f.while(entry < logEntryCount.dword) {
                f.call(copyBootLogRecord, key, file, entry)
                f.add(entry, 1)
            }
            f.set(bootLogFile.byte, 1)
        }
        f.if(key != 0) { f.call(Ob.ntClose, key) }
        f.if(file != 0) { f.call(Ob.ntClose, file) }
        f.call(Ex.releaseResourceLite, bootLogResource)
        f.return(status)
    }

    /// `IopCopyBootLogRecord(KeyHandle, FileHandle, Number)`.
    private static let copyBootLogRecord: Routine = .init("IopCopyBootLogRecord", ["KeyHandle", "FileHandle", "Number"]) { f in
        let number = f.stringBuffer(12)
        let text = f.structure(UNICODE_STRING.self)
        let value = f.local(0)
        f.call(Rtl.appendNumberToString, number, f.argument(2), 10, 1)
        f.if(f.call(queryRegistryValue, f.argument(0), number, f.address(of: value)).isError) { f.return() }
        f.set(text.Buffer, value + value.dword(8))
        f.set(text.Length, value.dword(0x0C) - 2)
        f.set(text.MaximumLength, value.dword(0x0C))
        f.call(writeBootLogLine, f.argument(1), text)
        f.call(Ex.freePoolWithTag, value, Value.tag("Io  "))
        f.return()
    }

    /// `IopOpenBootLogFile(FileHandle*, IsAppended) -> status`: a new file, or the end of the one that is there.
    private static let openBootLogFile: Routine = .init("IopOpenBootLogFile", ["FileHandle", "IsAppended"]) { f in
        let attributes = f.objectAttributes(f.unicode(bootLogPath), ObjectAttribute.caseInsensitive | ObjectAttribute.kernelHandle)
        let result = f.structure(IO_STATUS_BLOCK.self)
        // Overwrite-if, or open-if to append.
        let disposition = f.local(5)
        let access = f.local(0x10_0002)
        f.if(f.argument(1) != 0) {
            f.set(disposition, 3)
            f.set(access, 0x10_0004)
        }
        f.return(f.call(ntCreateFile, f.argument(0), access, attributes, result, 0, 0x80, 1, disposition, 0x60, 0, 0))
    }

    /// `IopWriteBootLogLine(FileHandle, Text*)`: opens the file for it when there is no handle.
    private static let writeBootLogLine: Routine = .init("IopWriteBootLogLine", ["FileHandle", "Text"]) { f in
        let text = f.argument(1, UNICODE_STRING.self)
        let handle = f.local(f.argument(0))
        let result = f.structure(IO_STATUS_BLOCK.self)
        f.if(handle == 0) { f.if(f.call(openBootLogFile, f.address(of: handle), 1).isError) { f.return() } }
        f.call(ntWriteFile, handle, 0, 0, 0, result, text.Buffer, text.Length, 0, 0)
        f.call(ntWriteFile, handle, 0, 0, 0, result, f.wide("\r\n"), 4, 0, 0)
        f.if(f.argument(0) == 0) { f.call(Ob.ntClose, handle) }
        f.return()
    }
}
