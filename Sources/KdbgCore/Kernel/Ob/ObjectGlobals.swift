// SPDX-License-Identifier: GPL-3.0-or-later

/// The object manager's variables (spec/boot.md sections 1.10, 5.21).
extension Ob {
    /// `ObpTypeObjectType`: the type of types; NULL before phase 0.
    package static let typeObjectType: Global = .init("ObpTypeObjectType")
    /// `ObpDirectoryObjectType`.
    package static let directoryObjectType: Global = .init("ObpDirectoryObjectType")
    /// `ObpSymbolicLinkObjectType`.
    package static let symbolicLinkObjectType: Global = .init("ObpSymbolicLinkObjectType")
    /// `ObpRootDirectoryObject`: `\`; NULL before phase 1.
    package static let rootDirectoryObject: Global = .init("ObpRootDirectoryObject")
    /// `ObpTypeDirectoryObject`: `\ObjectTypes`; NULL before phase 1.
    package static let typeDirectoryObject: Global = .init("ObpTypeDirectoryObject")
    /// `ObpKernelHandleTable`: the HANDLE_TABLE of the System process.
    package static let kernelHandleTable: Global = .init("ObpKernelHandleTable")
    /// `ObpObjectTypes`: the types by index, from 1.
    package static let objectTypes: Global = .init("ObpObjectTypes", size: 4 * 48)
    /// `ObSystemDeviceMap`: DEVICE_MAP of `\??`.
    package static let systemDeviceMap: Global = .init("ObSystemDeviceMap")
    /// `ObpDefaultObject`: the event that objects without one of their own are waited for on.
    static let defaultObject: GlobalStructure<KEVENT> = .init("ObpDefaultObject")
}

/// Object attributes and header flags (spec/boot.md section 5.2).
package enum ObjectAttribute {
    package static let permanent: UInt32 = 0x10
    package static let exclusive: UInt32 = 0x20
    package static let caseInsensitive: UInt32 = 0x40
    package static let openIf: UInt32 = 0x80
    package static let openLink: UInt32 = 0x100
    package static let kernelHandle: UInt32 = 0x200
}

/// Bits of OBJECT_HEADER.Flags.
enum ObjectFlag {
    static let createInfo: UInt32 = 0x01
    static let kernelMode: UInt32 = 0x02
    static let creatorInfo: UInt32 = 0x04
    static let exclusive: UInt32 = 0x08
    static let permanent: UInt32 = 0x10
    static let security: UInt32 = 0x20
    static let singleProcess: UInt32 = 0x40
    static let deferredDelete: UInt32 = 0x80
}

extension Pointer where Target == OBJECT_HEADER {
    /// The header of the object whose body is at a virtual address.
    static func of(_ object: some Operand) -> Pointer<OBJECT_HEADER> { Pointer(object.value - 0x18) }

    /// The body behind the header.
    var body: Value { value + 0x18 }
    /// The name prefix; only there when `NameInfoOffset` is not 0.
    var nameInfo: Pointer<OBJECT_HEADER_NAME_INFO> { Pointer<OBJECT_HEADER_NAME_INFO>(value - self[dynamicMember: \.NameInfoOffset]) }
}

extension Pointer where Target == OBJECT_HEADER {
    /// The handle prefix; only there when `HandleInfoOffset` is not 0.
    var handleInfo: Pointer<OBJECT_HEADER_HANDLE_INFO> {
        Pointer<OBJECT_HEADER_HANDLE_INFO>(value - self[dynamicMember: \.HandleInfoOffset])
    }
    /// The quota prefix; only there when `QuotaInfoOffset` is not 0.
    var quotaInfo: Pointer<OBJECT_HEADER_QUOTA_INFO> { Pointer<OBJECT_HEADER_QUOTA_INFO>(value - self[dynamicMember: \.QuotaInfoOffset]) }
}

extension Function {
    /// An OBJECT_ATTRIBUTES in the frame, filled in.
    package func objectAttributes(
        _ name: some Operand, _ attributes: some Operand, root: Value = 0, file: StaticString = #fileID, line: UInt = #line
    ) -> Pointer<OBJECT_ATTRIBUTES> {
        let result = structure(OBJECT_ATTRIBUTES.self)
        set(result.Length, OBJECT_ATTRIBUTES.size, file: file, line: line)
        set(result.RootDirectory, root, file: file, line: line)
        set(result.address(of: \.ObjectName).dword(), name, file: file, line: line)
        set(result.Attributes, attributes, file: file, line: line)
        set(result.SecurityDescriptor, 0, file: file, line: line)
        set(result.SecurityQualityOfService, 0, file: file, line: line)
        return result
    }

    /// Fills in a UNICODE_STRING whose maximum is its length.
    func setString(
        _ string: Pointer<UNICODE_STRING>, _ buffer: Value, _ length: Value, file: StaticString = #fileID, line: UInt = #line
    ) {
        set(string.Buffer, buffer, file: file, line: line)
        set(string.Length, length, file: file, line: line)
        set(string.MaximumLength, length, file: file, line: line)
    }
}
