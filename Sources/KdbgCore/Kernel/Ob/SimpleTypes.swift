// SPDX-License-Identifier: GPL-3.0-or-later

/// Types without a body of their own.
extension Ob {
    /// `ObpCreateSimpleType(Name*, BodySize) -> status`: a type in nonpaged pool with default security, to which only its name matters.
    package static let createSimpleType: Routine = .init("ObpCreateSimpleType", ["Name", "BodySize"], section: .initialization) { f in
        let initializer = f.structure(OBJECT_TYPE_INITIALIZER.self)
        let type = f.local(0)
        f.zero(initializer, OBJECT_TYPE_INITIALIZER.size)
        f.set(initializer.Length, OBJECT_TYPE_INITIALIZER.size)
        f.set(initializer.InvalidAttributes, 0x100)
        f.set(initializer.ValidAccessMask, 0x1F_0001)
        f.set(initializer.DefaultNonPagedPoolCharge, f.argument(1))
        f.return(f.call(createObjectType, f.argument(0), initializer, 0, f.address(of: type)))
    }
}
