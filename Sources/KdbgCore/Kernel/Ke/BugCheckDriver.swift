// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// Whose fault a crash is (spec/boot.md section 3.5).
extension Ke {
    /// LDR_DATA_TABLE_ENTRY of the driver that a crash is blamed on; NULL when it is not known, or is kernel or HAL.
    static let bugCheckDriver: Global = .init("KiBugCheckDriver")

    /// `KiIsKernelOrHal(LdrEntry*) -> BOOLEAN`: the first two of `PsLoadedModuleList`.
    private static let isKernelOrHal: Routine = .init("KiIsKernelOrHal", ["LdrEntry"]) { f in
        let first = Mm.loadedModuleList.Flink
        f.return(f.argument(0) == first.value || f.argument(0) == first.Flink.value)
    }

    /// `KiRewriteBugCheck(Code, P1, P2, P4) -> code`. Code that is not the kernel's or the HAL's makes 0x0A into 0xD1, and a driver's memory that
    /// those two touch makes it 0xD3. Finds the driver at fault on the way. Before there is a list of modules everything stays as it is.
    static let rewriteBugCheck: Routine = .init("KiRewriteBugCheck", ["Code", "Parameter1", "Parameter2", "Parameter4"]) { f in
        let code = f.argument(0)
        f.if(isListEmpty(Mm.loadedModuleList.value) || Mm.loadedModuleList.Flink.isNull) { f.return(code) }
        let instruction = f.local(0)
        f.if(code == 0x0A) { f.set(instruction, f.argument(3)) }
        f.if(code == 0x1E || code == 0x7E) { f.set(instruction, f.argument(2)) }
        f.if(instruction == 0) { f.return(code) }
        let module = f.call(Mm.moduleAt, instruction)
        let isOurs = f.local(0)
        f.if(module != 0) { f.set(isOurs, f.call(isKernelOrHal, module)) }
        f.if(isOurs == 0) {
            f.set(bugCheckDriver.dword, module)
            f.if(code == 0x0A) { f.return(0xD1) }
            f.return(code)
        }
        f.if(code == 0x0A) {
            let touched = f.call(Mm.moduleAt, f.argument(1))
            f.if(touched != 0) {
                f.if(f.call(isKernelOrHal, touched) == 0) {
                    f.set(bugCheckDriver.dword, touched)
                    f.return(0xD3)
                }
            }
        }
        f.return(code)
    }

    /// `KiPrintBugCheckDriver()`: `Driver at fault: NAME.`, if it is known.
    static let printBugCheckDriver: Routine = .init("KiPrintBugCheckDriver") { f in
        let driver = f.local(bugCheckDriver.dword).as(LDR_DATA_TABLE_ENTRY.self)
        f.if(driver.isNotNull) { f.print("Driver at fault: %wZ.\n", driver.BaseDllName) }
        f.return()
    }
}
