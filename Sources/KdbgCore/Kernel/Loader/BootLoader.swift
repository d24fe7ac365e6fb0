// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// What FreeLoader leaves behind (spec/boot.md section 1.0): images in memory, the loader block, paging, descriptor tables, and a CPU that
/// stands at the kernel's first instruction.
///
/// It plays firmware and boot loader, which are not simulated; it writes guest memory before the first instruction and is never heard of again.
struct BootLoader {
    /// VA = physical OR this.
    static let kernelSegment: UInt32 = 0x8000_0000
    static let pcr: UInt32 = 0xFFDF_F000
    static let sharedUserData: UInt32 = 0xFFDF_0000
    private static let page: UInt32 = 0x1000

    let machine: Machine
    /// Next free physical address for the loader's own data, growing from 1 MiB.
    private var heap: UInt32 = 0x0010_0000
    /// Next free physical address for images.
    private var imageBase: UInt32 = 0x0040_0000
    private var modules: [LoadedModule] = []
    /// Pages of the RAM disk, at the end of memory; none without one.
    var ramDisk: Range<UInt32> = 0..<0
    /// ARC name of the partition that was booted from, when it is not the true one.
    var bootDevice: String?

    /// An image in memory.
    struct LoadedModule {
        let image: Image
        /// Virtual address of its first byte.
        let base: UInt32
        let file: PELoader
        /// Virtual address of its LDR_DATA_TABLE_ENTRY.
        var entry: UInt32 = 0
    }

    /// What a boot driver is called.
    struct BootDriver {
        let module: Module
        /// The key under `Services`.
        let service: String
    }

    init(machine: Machine) { self.machine = machine }

    // MARK: The whole of it

    /// Loads the images, builds the structures, and sets the CPU to the first image's entry point.
    /// - Returns: the images' virtual addresses.
    mutating func load(
        _ images: [LoadableImage], bootDrivers: [BootDriver], hive: [UInt8], options: String, disk: BootDisk
    ) -> [Module: UInt32] {
        for image in images { place(image) }
        bindImports()
        // What the kernel keeps comes first, in pages of its own; the rest is given back when it has been read.
        let tables = allocate(0x1000 * 2, aligned: 0x1000)
        let tss = Self.kernelSegment | allocate(KTSS.size, aligned: 0x1000)
        let pcrPage = allocate(0x2000, aligned: 0x1000)
        let directory = pageTables(pcrPage: pcrPage)
        let stack = allocate(0x3000, aligned: 0x1000)
        let stackTop = Self.kernelSegment | (stack + 0x3000)
        let registry = allocate(UInt32(hive.count + 0xFFF) & ~0xFFF, aligned: 0x1000)
        machine.writePhysical(registry, hive)
        let block = loaderBlock(bootDrivers: bootDrivers, options: options, disk: disk)
        set(block, \LOADER_PARAMETER_BLOCK.RegistryBase, hive.isEmpty ? 0 : Self.kernelSegment | registry)
        set(block, \LOADER_PARAMETER_BLOCK.RegistryLength, UInt32(hive.count))
        memoryDescriptors(block: block, pcrPage: pcrPage, stack: stack)
        startProcessor(tables: tables, tss: tss, stackTop: stackTop, directory: directory, block: block)
        return Dictionary(uniqueKeysWithValues: modules.map { ($0.image.module, $0.base) })
    }

    // MARK: Loader memory

    /// Takes physical memory below the kernel image for the loader's own data; the result is a physical address.
    mutating func allocate(_ size: UInt32, aligned alignment: UInt32 = 8) -> UInt32 {
        heap = (heap + alignment - 1) & ~(alignment - 1)
        defer { heap += size }
        precondition(heap + size <= 0x0040_0000, "the loader heap is full")
        return heap
    }

    /// A structure's virtual address in fresh loader memory.
    mutating func allocate<Layout: Structure>(_ type: Layout.Type) -> UInt32 {
        Self.kernelSegment | allocate(Layout.size)
    }

    func write(_ address: UInt32, _ value: UInt32) { machine.writePhysical32(address & 0x7FFF_FFFF, value) }
    private func read(_ address: UInt32) -> UInt32 { machine.readPhysical32(address & 0x7FFF_FFFF) }

    func set<Layout: Structure, F: AnyField>(_ address: UInt32, _ field: KeyPath<Layout, F>, _ value: UInt32) {
        let field = Layout.layout[keyPath: field]
        let physical = (address & 0x7FFF_FFFF) + field.offset
        switch field.size {
        case 1: machine.writePhysical8(physical, UInt8(truncatingIfNeeded: value))
        case 2: machine.writePhysical16(physical, UInt16(truncatingIfNeeded: value))
        default: machine.writePhysical32(physical, value)
        }
    }

    private func insertTail(_ head: UInt32, _ entry: UInt32) {
        let last = read(head + 4)
        write(entry, head)
        write(entry + 4, last)
        write(last, entry)
        write(head + 4, entry)
    }

    private func initializeList(_ head: UInt32) {
        write(head, head)
        write(head + 4, head)
    }

    mutating func text(_ string: String) -> UInt32 {
        let bytes = Array(string.utf8) + [0]
        let address = allocate(UInt32(bytes.count))
        machine.writePhysical(address, bytes)
        return Self.kernelSegment | address
    }

    /// Writes a UNICODE_STRING whose characters go to fresh memory.
    private mutating func unicode(_ string: String, at address: UInt32) {
        let units = Array(string.utf16) + [0]
        let buffer = allocate(UInt32(2 * units.count))
        for (index, unit) in units.enumerated() { machine.writePhysical16(buffer + 2 * UInt32(index), unit) }
        let length = UInt32(2 * (units.count - 1))
        write(address, length | (length + 2) << 16)
        write(address + 4, Self.kernelSegment | buffer)
    }

    // MARK: Images

    private mutating func place(_ image: LoadableImage) {
        let base = Self.kernelSegment | imageBase
        let file = PELoader(file: image.file)
        file.load(into: machine, physical: imageBase, base: base)
        modules.append(LoadedModule(image: image.image, base: base, file: file))
        imageBase += file.sizeOfImage
    }

    /// Writes the addresses of exports to import tables. Names of images, as of all files, are the same in any case of letters.
    private func bindImports() {
        let exports = modules.map(\.file.exports)
        let indexes = Dictionary(uniqueKeysWithValues: modules.indices.map { (modules[$0].image.module.name.lowercased(), $0) })
        for module in modules {
            for entry in module.file.imports {
                let exporter = indexes[entry.module.lowercased()]
                for cell in entry.cells {
                    guard let exporter, let rva = exports[exporter][cell.name] else {
                        preconditionFailure("\(module.image.module.name) needs \(entry.module)!\(cell.name)")
                    }
                    write(module.base + cell.rva, modules[exporter].base + rva)
                }
            }
        }
    }

    // MARK: The loader block

    private mutating func loaderBlock(bootDrivers: [BootDriver], options: String, disk: BootDisk) -> UInt32 {
        let block = allocate(LOADER_PARAMETER_BLOCK.self)
        let fields = LOADER_PARAMETER_BLOCK.layout
        initializeList(block + fields.LoadOrderListHead.offset)
        initializeList(block + fields.MemoryDescriptorListHead.offset)
        initializeList(block + fields.BootDriverListHead.offset)
        for index in modules.indices {
            // Whatever is neither kernel, HAL or transport nor a driver was brought along because somebody imports it.
            let isNamed = index < 3 || bootDrivers.contains { $0.module == modules[index].image.module }
            loadOrderEntry(index, block, flags: LoaderFlag.entryProcessed | (isNamed ? 0 : LoaderFlag.dependentLibrary))
        }
        for driver in bootDrivers { bootDriverEntry(driver, block) }
        let arcName = bootDevice ?? (ramDisk.isEmpty ? "multi(0)disk(0)rdisk(0)partition(\(disk.partition))" : "ramdisk(0)")
        set(block, \LOADER_PARAMETER_BLOCK.ArcBootDeviceName, text(arcName))
        set(block, \LOADER_PARAMETER_BLOCK.ArcHalDeviceName, text(arcName))
        set(block, \LOADER_PARAMETER_BLOCK.NtBootPathName, text(#"\ReactOS\"#))
        set(block, \LOADER_PARAMETER_BLOCK.NtHalPathName, text(#"\"#))
        set(block, \LOADER_PARAMETER_BLOCK.LoadOptions, text(options))
        set(block, \LOADER_PARAMETER_BLOCK.ArcDiskInformation, arcDisks(disk))
        set(block, \LOADER_PARAMETER_BLOCK.Extension, loaderExtension())
        set(block, \LOADER_PARAMETER_BLOCK.ConfigurationRoot, configurationTree())
        let nls = allocate(NLS_DATA_BLOCK.self)
        set(block, \LOADER_PARAMETER_BLOCK.NlsData, nls)
        return block
    }

    private mutating func loadOrderEntry(_ index: Int, _ block: UInt32, flags: UInt32) {
        let module = modules[index]
        let entry = allocate(LDR_DATA_TABLE_ENTRY.self)
        let isDriver = module.image.module.name.hasSuffix(".sys")
        insertTail(block + LOADER_PARAMETER_BLOCK.layout.LoadOrderListHead.offset, entry)
        set(entry, \LDR_DATA_TABLE_ENTRY.DllBase, module.base)
        set(entry, \LDR_DATA_TABLE_ENTRY.EntryPoint, module.file.entryPoint == 0 ? 0 : module.base + module.file.entryPoint)
        set(entry, \LDR_DATA_TABLE_ENTRY.SizeOfImage, module.file.sizeOfImage)
        set(entry, \LDR_DATA_TABLE_ENTRY.Flags, flags)
        set(entry, \LDR_DATA_TABLE_ENTRY.CheckSum, module.file.checkSum)
        set(entry, \LDR_DATA_TABLE_ENTRY.LoadCount, 1)
        let folder = isDriver ? #"\SystemRoot\System32\Drivers\"# : #"\SystemRoot\System32\"#
        unicode(folder + module.image.module.name, at: entry + LDR_DATA_TABLE_ENTRY.layout.FullDllName.offset)
        unicode(module.image.module.name, at: entry + LDR_DATA_TABLE_ENTRY.layout.BaseDllName.offset)
        modules[index].entry = entry
    }

    private mutating func bootDriverEntry(_ driver: BootDriver, _ block: UInt32) {
        guard let module = modules.first(where: { $0.image.module == driver.module }) else { return }
        let entry = allocate(BOOT_DRIVER_LIST_ENTRY.self)
        insertTail(block + LOADER_PARAMETER_BLOCK.layout.BootDriverListHead.offset, entry)
        unicode(#"System32\Drivers\"# + driver.module.name, at: entry + BOOT_DRIVER_LIST_ENTRY.layout.FilePath.offset)
        let key = #"\Registry\Machine\System\CurrentControlSet\Services\"# + driver.service
        unicode(key, at: entry + BOOT_DRIVER_LIST_ENTRY.layout.RegistryPath.offset)
        set(entry, \BOOT_DRIVER_LIST_ENTRY.LdrEntry, module.entry)
    }

    private mutating func arcDisks(_ boot: BootDisk) -> UInt32 {
        let information = allocate(ARC_DISK_INFORMATION.self)
        initializeList(information)
        let disk = allocate(ARC_DISK_SIGNATURE.self)
        insertTail(information, disk)
        set(disk, \ARC_DISK_SIGNATURE.Signature, boot.signature)
        set(disk, \ARC_DISK_SIGNATURE.CheckSum, boot.checksum)
        set(disk, \ARC_DISK_SIGNATURE.ArcName, text("multi(0)disk(0)rdisk(0)"))
        set(disk, \ARC_DISK_SIGNATURE.ValidPartitionTable, 1)
        return information
    }

    private mutating func loaderExtension() -> UInt32 {
        let block = allocate(LOADER_PARAMETER_EXTENSION.self)
        set(block, \LOADER_PARAMETER_EXTENSION.Size, LOADER_PARAMETER_EXTENSION.size)
        set(block, \LOADER_PARAMETER_EXTENSION.MajorVersion, 5)
        set(block, \LOADER_PARAMETER_EXTENSION.MinorVersion, 2)
        write(block + LOADER_PARAMETER_EXTENSION.layout.Profile.offset, 2)
        set(block, \LOADER_PARAMETER_EXTENSION.LoaderPagesSpanned, mappedBytes / Self.page)
        set(block, \LOADER_PARAMETER_EXTENSION.AcpiTable, 1)
        initializeList(block + LOADER_PARAMETER_EXTENSION.layout.FirmwareDescriptorListHead.offset)
        return block
    }

    // MARK: Memory

    /// What is mapped at 0x80000000 and, until the kernel takes it away, at 0: everything up to the end of the images, in units of 4 MiB.
    private var mappedBytes: UInt32 { (imageBase + 0x3F_FFFF) & ~0x3F_FFFF }

    /// Descriptors of all RAM, in order of address (types: spec/boot.md section 5.20).
    private mutating func memoryDescriptors(block: UInt32, pcrPage: UInt32, stack: UInt32) {
        let head = block + LOADER_PARAMETER_BLOCK.layout.MemoryDescriptorListHead.offset
        let top = UInt32(machine.memorySize) / Self.page
        var regions: [(type: UInt32, pages: Range<UInt32>)] = [
            (6, 0..<1), (2, 1..<0x9F), (6, 0x9F..<0x100),
        ]
        regions.append((0x14, 0x100..<pcrPage >> 12))
        regions.append((0x11, pcrPage >> 12..<(pcrPage >> 12) + 2))
        regions.append((0x14, (pcrPage >> 12) + 2..<stack >> 12))
        regions.append((8, stack >> 12..<(stack >> 12) + 3))
        // The heap still grows by the descriptors themselves.
        let heapEnd = (heap + 0x1000 + 0xFFF) >> 12
        let registry = (stack >> 12) + 3
        let registryEnd = registry + (read(block + LOADER_PARAMETER_BLOCK.layout.RegistryLength.offset) + 0xFFF) >> 12
        regions.append((0x13, registry..<registryEnd))
        regions.append((7, registryEnd..<heapEnd))
        regions.append((2, heapEnd..<0x400))
        for (index, module) in modules.enumerated() {
            let first = (module.base & 0x7FFF_FFFF) >> 12
            let type: UInt32 = index == 0 ? 9 : index == 1 ? 0xA : 0xB
            regions.append((type, first..<first + module.image.size >> 12))
        }
        regions.append((2, imageBase >> 12..<(ramDisk.isEmpty ? top : ramDisk.lowerBound)))
        // XIPRom: a boot volume in memory.
        regions.append((0x19, ramDisk))
        for region in regions where !region.pages.isEmpty {
            let descriptor = allocate(MEMORY_ALLOCATION_DESCRIPTOR.self)
            insertTail(head, descriptor)
            set(descriptor, \MEMORY_ALLOCATION_DESCRIPTOR.MemoryType, region.type)
            set(descriptor, \MEMORY_ALLOCATION_DESCRIPTOR.BasePage, region.pages.lowerBound)
            set(descriptor, \MEMORY_ALLOCATION_DESCRIPTOR.PageCount, UInt32(region.pages.count))
        }
        precondition(heap <= heapEnd << 12, "the descriptors do not fit")
    }

    /// Page directory with the self-map at PDE 0x300, the identity map below and at 0x80000000, and the HAL's page table at PDE 0x3FF.
    private mutating func pageTables(pcrPage: UInt32) -> UInt32 {
        let directory = allocate(Self.page, aligned: Self.page)
        for slot in 0..<mappedBytes >> 22 {
            let table = allocate(Self.page, aligned: Self.page)
            for index in 0..<UInt32(1024) where slot > 0 || index > 0 {
                write(table + 4 * index, slot << 22 | index << 12 | 3)
            }
            write(directory + 4 * slot, table | 3)
            write(directory + 4 * (0x200 + slot), table | 3)
        }
        let hal = allocate(Self.page, aligned: Self.page)
        write(directory + 4 * 0x300, directory | 3)
        write(directory + 4 * 0x3FF, hal | 3)
        write(hal + 4 * ((Self.pcr >> 12) & 0x3FF), pcrPage | 3)
        write(hal + 4 * ((Self.sharedUserData >> 12) & 0x3FF), (pcrPage + Self.page) | 3)
        // Not cached, written through.
        if machine.processorCount > 1 { write(hal + 4 * ((Hal.localAPIC >> 12) & 0x3FF), LocalAPIC.base | 0x1B) }
        return directory
    }

    // MARK: The processor

    /// GDT of spec/boot.md section 4.2, an empty IDT behind it, and the registers of section 1.0 #7.
    private mutating func startProcessor(tables: UInt32, tss: UInt32, stackTop: UInt32, directory: UInt32, block: UInt32) {
        let gdt = Self.kernelSegment | tables
        let idt = gdt + 0x400
        func descriptor(_ selector: UInt32, base: UInt32, limit: UInt32, access: UInt32, flags: UInt32) {
            write(gdt + selector, limit & 0xFFFF | base << 16)
            write(gdt + selector + 4, base >> 16 & 0xFF | access << 8 | limit & 0xF_0000 | flags << 20 | base & 0xFF00_0000)
        }
        descriptor(0x08, base: 0, limit: 0xFFFFF, access: 0x9A, flags: 0xC)
        descriptor(0x10, base: 0, limit: 0xFFFFF, access: 0x92, flags: 0xC)
        descriptor(0x18, base: 0, limit: 0xFFFFF, access: 0xFA, flags: 0xC)
        descriptor(0x20, base: 0, limit: 0xFFFFF, access: 0xF2, flags: 0xC)
        descriptor(0x28, base: tss, limit: 0x20AB, access: 0x8B, flags: 0)
        descriptor(0x30, base: Self.pcr, limit: 1, access: 0x92, flags: 0xC)
        descriptor(0x38, base: 0, limit: 0xFFF, access: 0xF3, flags: 4)
        descriptor(0x40, base: 0x400, limit: 0xFFFF, access: 0xF2, flags: 0)
        descriptor(0x50, base: 0, limit: 0x68, access: 0x89, flags: 0)
        descriptor(0x58, base: 0, limit: 0x68, access: 0x89, flags: 0)
        descriptor(0x60, base: 0x20000, limit: 0xFFFF, access: 0x92, flags: 0)
        descriptor(0x68, base: 0xB8000, limit: 0x3FFF, access: 0x92, flags: 0)
        descriptor(0x70, base: 0xFFFF_7000, limit: 0x3FF, access: 0x92, flags: 0)
        var registers = Registers.reset
        registers.cr0 = 0x8000_0011
        registers.cr3 = directory
        registers.gdtr = DescriptorTable(base: gdt, limit: 0x3FF)
        registers.idtr = DescriptorTable(base: idt, limit: 0x7FF)
        registers.cs = Segment(selector: 0x08, base: 0, limit: 0xFFFF_FFFF, attributes: 0xC09B)
        let data = Segment(selector: 0x10, base: 0, limit: 0xFFFF_FFFF, attributes: 0xC093)
        registers.ss = data
        registers.ds = data
        registers.es = data
        registers.fs = Segment(selector: 0x30, base: Self.pcr, limit: 0x1FFF, attributes: 0xC093)
        registers.gs = Segment(selector: 0, base: 0, limit: 0, attributes: 0)
        registers.ldtr = Segment(selector: 0, base: 0, limit: 0, attributes: 0)
        registers.tr = Segment(selector: 0x28, base: tss, limit: 0x20AB, attributes: 0x008B)
        registers.eflags = 2
        registers.eip = modules[0].base + modules[0].file.entryPoint
        registers.esp = stackTop - 8
        write(stackTop - 8, 0)
        write(stackTop - 4, block)
        machine.registers = registers
    }
}

/// An image and the bytes of its file.
struct LoadableImage {
    let image: Image
    let file: [UInt8]
}
