// SPDX-License-Identifier: GPL-3.0-or-later

/// Processes that are made of a program: a section of the file, and views of the system DLL and of the program (spec/boot.md section 1.8 #36).
extension Ps {
    /// `PspCreateImageProcess(FileName*, Process**) -> status`: a process with SectionObject, SectionBaseAddress and ImageFileName; no thread, no PEB. The caller has the reference.
    static let createImageProcess: Routine = .init("PspCreateImageProcess", ["FileName", "Process"]) { f in
        let section = f.local(0)
        let name = f.buffer(16)
        f.set(f.argument(1).dword(), 0)
        let status = f.local(f.call(createImageSection, f.argument(0), f.address(of: section)))
        f.if(status.isError) { f.return(status) }
        f.call(nameOfImage, section, name)
        f.set(status, f.call(createProcess, name, f.argument(1)))
        f.if(status.isError) {
            f.call(Ob.dereferenceObject, section)
            f.return(status)
        }
        let process = f.local(f.argument(1).dword()).as(EPROCESS.self)
        // The reference goes with the process.
        f.set(process.SectionObject, section)
        let base = f.local(0)
        // First, as it must be where it is linked for.
        f.set(status, f.call(mapSystemDll, process, 0))
        f.if(status.isSuccess) { f.set(status, f.call(mapImage, section, process, f.address(of: base))) }
        f.set(process.SectionBaseAddress, base)
        f.if(status.isError) {
            f.call(abandonProcess, process)
            f.set(f.argument(1).dword(), 0)
        }
        f.return(status)
    }

    /// `PspAbandonProcess(Process*)`: one that no thread has ever run in gives its address space back and goes.
    static let abandonProcess: Routine = .init("PspAbandonProcess", ["Process"]) { f in
        f.call(Ke.attachProcess, f.argument(0))
        f.call(Mm.cleanProcessAddressSpace, f.argument(0))
        f.call(Ke.detachProcess)
        f.call(Ob.dereferenceObject, f.argument(0))
        f.return()
    }

    /// `PspNameOfImage(Section*, Buffer)`: the last component of the file's name, one byte a character, 15 at most, and zeros up to 16.
    private static let nameOfImage: Routine = .init("PspNameOfImage", ["Section", "Buffer"]) { f in
        let file = f.local(f.argument(0, SECTION.self).Segment.ControlArea.FilePointer)
        f.zero(f.argument(1), 16)
        let length = f.local(file.FileName.Length >> 1)
        let text = f.local(file.FileName.Buffer)
        let index = f.local(0)
        let count = f.local(0)
        f.while(index < length) {
            let character = f.local((text + (index << 1)).word())
            f.if(character == 0x5C) {
                f.set(count, 0)
                f.zero(f.argument(1), 16)
            } else: {
                f.if(count < 15) { f.set((f.argument(1) + count).byte(), character) }
                f.add(count, 1)
            }
            f.add(index, 1)
        }
        f.return()
    }

    /// `PspImageEntryPoint(Process*) -> address`: where the program wants to be started, in the process's view of it.
    static let imageEntryPoint: Routine = .init("PspImageEntryPoint", ["Process"]) { f in
        let process = f.argument(0, EPROCESS.self)
        let segment = f.local(process.SectionObject.as(SECTION.self).Segment)
        let information = segment.u2.as(SECTION_IMAGE_INFORMATION.self)
        f.return(information.TransferAddress - segment.BasedAddress + process.SectionBaseAddress)
    }
}
