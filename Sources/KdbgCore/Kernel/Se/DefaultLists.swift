// SPDX-License-Identifier: GPL-3.0-or-later

/// The access control lists and security descriptors that the system gives its own objects.
extension Se {
    /// A list, the descriptor around it, and who may do what.
    package struct DefaultList: Sendable {
        /// The variable with the ACL's address.
        package let dacl: Global
        /// The variable with the descriptor's address: absolute, without owner and group.
        package let descriptor: Global
        /// Whom an entry is about, and its access mask.
        let entries: [(sid: WellKnownSid, mask: UInt32)]

        init(_ name: String, _ entries: (WellKnownSid, UInt32)...) {
            dacl = .init("Se\(name)Dacl")
            descriptor = .init("Se\(name)Sd")
            self.entries = entries.map { (sid: $0.0, mask: $0.1) }
        }

        /// Bytes of the ACL.
        var size: UInt32 { entries.reduce(8) { $0 + 16 + 4 * UInt32($1.sid.numbers.count) } }
    }

    /// GENERIC_READ, GENERIC_WRITE, GENERIC_EXECUTE, GENERIC_ALL, READ_CONTROL.
    private enum Right {
        static let read: UInt32 = 0x8000_0000
        static let write: UInt32 = 0x4000_0000
        static let execute: UInt32 = 0x2000_0000
        static let all: UInt32 = 0x1000_0000
        static let readControl: UInt32 = 0x0002_0000
    }

    static let publicDefault: DefaultList = .init("PublicDefault", (worldSid, Right.execute), (localSystemSid, Right.all))
    static let publicDefaultUnrestricted: DefaultList = .init(
        "PublicDefaultUnrestricted", (worldSid, Right.execute), (localSystemSid, Right.all), (aliasAdminsSid, Right.all),
        (restrictedSid, Right.execute))
    static let publicOpen: DefaultList = .init(
        "PublicOpen", (worldSid, Right.read | Right.write | Right.execute), (localSystemSid, Right.all), (aliasAdminsSid, Right.all))
    static let publicOpenUnrestricted: DefaultList = .init(
        "PublicOpenUnrestricted", (worldSid, Right.read | Right.write | Right.execute), (localSystemSid, Right.all),
        (aliasAdminsSid, Right.all), (restrictedSid, Right.read | Right.execute))
    static let systemDefault: DefaultList = .init(
        "SystemDefault", (localSystemSid, Right.all), (aliasAdminsSid, Right.read | Right.execute | Right.readControl))
    static let unrestricted: DefaultList = .init("Unrestricted", (worldSid, Right.all), (restrictedSid, Right.read | Right.execute))

    /// In the order in which they are made.
    package static let defaultLists: [DefaultList] = [
        publicDefault, publicDefaultUnrestricted, publicOpen, publicOpenUnrestricted, systemDefault, unrestricted,
    ]

    /// `SepInitDACLs() -> BOOLEAN`: the lists, in paged pool, tag 'SeAc'. FALSE when it is exhausted.
    static let initDACLs: Routine = .init("SepInitDACLs", section: .initialization) { f in
        for list in defaultLists {
            let acl = f.local(f.call(Ex.allocatePoolWithTag, 1, list.size, Value.tag("SeAc")))
            f.if(acl == 0) { f.return(0) }
            f.call(Rtl.createAcl, acl, list.size, 2)
            for entry in list.entries { f.call(Rtl.addAccessAllowedAce, acl, 2, entry.mask, entry.sid.sid) }
            f.set(list.dacl.dword, acl)
        }
        f.return(1)
    }

    /// `SepInitSDs() -> BOOLEAN`: the descriptors, in paged pool, tag 'SeSd'. FALSE when it is exhausted.
    static let initSDs: Routine = .init("SepInitSDs", section: .initialization) { f in
        for list in defaultLists {
            let descriptor = f.local(f.call(Ex.allocatePoolWithTag, 1, SECURITY_DESCRIPTOR.size, Value.tag("SeSd")))
            f.if(descriptor == 0) { f.return(0) }
            f.call(Rtl.createSecurityDescriptor, descriptor, 1)
            f.call(Rtl.setDaclSecurityDescriptor, descriptor, 1, list.dacl.dword, 0)
            f.set(list.descriptor.dword, descriptor)
        }
        f.return(1)
    }
}
