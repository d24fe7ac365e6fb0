// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// What a configuration changes in the kernel that is linked, in what the boot loader leaves behind, and in the PC. Empty: nothing.
package struct Laboratory: Equatable, Sendable {
    package var faults: [Fault]
    package var mechanism: Mechanism

    package init(faults: [Fault] = [], mechanism: Mechanism = .hook) {
        self.faults = faults
        self.mechanism = mechanism
    }

    /// What is linked differently.
    var variant: LinkVariant {
        var variant = mechanism.variant()
        for fault in faults {
            switch fault.effect {
            case .earlyCall(let name, let place, let irql):
                guard let call = EarlyCall.all.first(where: { $0.name == name }) else { continue }
                variant.insertions.append(call.insertion(at: place?.name, irql: irql))
            case .defect(let name): variant.replacements += Defect.all.first { $0.name == name }?.routines ?? []
            default: break
            }
        }
        return variant
    }

    /// The ARC name of the boot device; nil when it is the real one.
    var bootDevice: String? {
        for case .bootDevice(let name) in faults.map(\.effect) { return name }
        return nil
    }

    /// Bytes that are to be free on the boot volume; nil when it is as it is.
    var freeBytes: Int? {
        for case .fullVolume(let bytes) in faults.map(\.effect) { return bytes }
        return nil
    }

    /// Takes devices out of the PC and spoils its disk.
    func prepare(_ machine: Machine) {
        for fault in faults {
            switch fault.effect {
            case .disk(let fault): machine.disk.faults.add(fault)
            case .noSerialPort(let port): machine.removeSerial(port: port)
            default: break
            }
        }
    }

    /// The boot drivers whose files are there.
    func drivers(_ all: [DriverImage]) -> [DriverImage] {
        all.filter { driver in
            !faults.contains { fault in
                guard case .missing(let path) = fault.effect else { return false }
                let folder = ["reactos", "system32", "drivers"]
                let file = folder + [driver.module.name.lowercased()]
                return file.starts(with: path.map { $0.lowercased() })
            }
        }
    }

    /// The boot volume's contents without what is missing.
    func volume(_ root: [BootVolume.Node]) throws(FaultError) -> [BootVolume.Node] {
        var root = root
        for fault in faults {
            guard case .missing(let path) = fault.effect else { continue }
            root = try Self.remove(path[...], from: root, fault)
        }
        return root
    }

    private static func remove(
        _ path: ArraySlice<String>, from nodes: [BootVolume.Node], _ fault: Fault
    ) throws(FaultError) -> [BootVolume.Node] {
        guard let name = path.first else { return nodes }
        var nodes = nodes
        guard let index = nodes.firstIndex(where: { $0.name.lowercased() == name.lowercased() }) else {
            if name.lowercased() == "kdbinit" { return nodes }
            // A boot driver whose file is missing is not even linked; its absence is what was asked for.
            if name.lowercased().hasSuffix(".sys"), DriverImage.all.contains(where: { $0.module.name == name.lowercased() }) {
                return nodes
            }
            throw FaultError(
                fault.text, column: fault.kind.count + 2, "'\(name)' is not on the boot volume", word: name, candidates: nodes.map(\.name))
        }
        if path.count == 1 {
            nodes.remove(at: index)
        } else if case .folder(let folder, let children) = nodes[index] {
            nodes[index] = .folder(folder, try remove(path.dropFirst(), from: children, fault))
        } else {
            throw FaultError(fault.text, column: fault.kind.count + 2, "'\(name)' is a file and has nothing in it")
        }
        return nodes
    }
}
