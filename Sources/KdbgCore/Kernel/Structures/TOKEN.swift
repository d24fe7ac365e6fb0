// SPDX-License-Identifier: GPL-3.0-or-later

/// `TOKEN`, as Windows Server 2003 has it: privileges, accounts and their SIDs begin at VariablePart, primary group and default list lie in DynamicPart.
package struct TOKEN: Structure {
    package static let size: UInt32 = 0xA8
    package let TokenSource = Embedded<TOKEN_SOURCE>(0x00)
    package let TokenId = Embedded<LUID>(0x10)
    package let AuthenticationId = Embedded<LUID>(0x18)
    package let ParentTokenId = Embedded<LUID>(0x20)
    package let ExpirationTime = Embedded<LARGE_INTEGER>(0x28)
    package let TokenLock = PointerTo<ERESOURCE>(0x30)
    package let AuditPolicy = Field.u64(0x38)
    package let ModifiedId = Embedded<LUID>(0x40)
    package let SessionId = Field.u32(0x48)
    package let UserAndGroupCount = Field.u32(0x4C)
    package let RestrictedSidCount = Field.u32(0x50)
    package let PrivilegeCount = Field.u32(0x54)
    package let VariableLength = Field.u32(0x58)
    package let DynamicCharged = Field.u32(0x5C)
    package let DynamicAvailable = Field.u32(0x60)
    package let DefaultOwnerIndex = Field.u32(0x64)
    package let UserAndGroups = Field.pointer(0x68, to: "SID_AND_ATTRIBUTES")
    package let RestrictedSids = Field.pointer(0x6C, to: "SID_AND_ATTRIBUTES")
    package let PrimaryGroup = Field.pointer(0x70, to: "SID")
    package let Privileges = Field.pointer(0x74, to: "LUID_AND_ATTRIBUTES")
    package let DynamicPart = Field.pointer(0x78)
    package let DefaultDacl = Field.pointer(0x7C, to: "ACL")
    package let TokenType = Field.u32(0x80)
    package let ImpersonationLevel = Field.u32(0x84)
    package let TokenFlags = Field.u32(0x88)
    package let TokenInUse = Field.u8(0x8C)
    package let ProxyData = Field.pointer(0x90)
    package let AuditData = Field.pointer(0x94)
    package let OriginatingLogonSession = Embedded<LUID>(0x98)
    package let VariablePart = Field.u32(0xA0)

    package static let layout = Self()
}
