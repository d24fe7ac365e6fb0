// SPDX-License-Identifier: GPL-3.0-or-later

/// What class and port drivers say to each other (Windows DDK, srb.h and ntddscsi.h; SCSI-2 for the commands).
enum Scsi {
    // Srb.Function.
    static let executeScsi: UInt32 = 0x00
    static let claimDevice: UInt32 = 0x01
    static let releaseDevice: UInt32 = 0x06
    static let shutdown: UInt32 = 0x07
    static let flush: UInt32 = 0x08

    // Srb.SrbFlags.
    static let dataIn: UInt32 = 0x40
    static let dataOut: UInt32 = 0x80

    // Srb.SrbStatus.
    static let statusPending: UInt32 = 0x00
    static let statusSuccess: UInt32 = 0x01
    static let statusAborted: UInt32 = 0x02
    static let statusError: UInt32 = 0x04
    static let statusInvalidRequest: UInt32 = 0x06
    static let statusTimeout: UInt32 = 0x09
    static let statusSelectionTimeout: UInt32 = 0x0A
    /// The sense buffer says more.
    static let autosenseValid: UInt32 = 0x80

    // First bytes of command blocks.
    static let testUnitReady: UInt32 = 0x00
    static let inquiry: UInt32 = 0x12
    static let readCapacity: UInt32 = 0x25
    static let read10: UInt32 = 0x28
    static let write10: UInt32 = 0x2A
    static let verify10: UInt32 = 0x2F
    static let synchronizeCache: UInt32 = 0x35

    // Sense keys and additional codes.
    static let mediumError: UInt32 = 0x03
    static let hardwareError: UInt32 = 0x04
    static let illegalRequest: UInt32 = 0x05
    static let dataProtect: UInt32 = 0x07
    static let abortedCommand: UInt32 = 0x0B
    static let illegalBlock: UInt32 = 0x21

    /// IOCTL_SCSI_GET_CAPABILITIES and IOCTL_SCSI_GET_ADDRESS.
    static let getCapabilities: UInt32 = 0x41010
    static let getAddress: UInt32 = 0x41018

    /// Bytes of one request at most, as the port driver tells the class driver.
    static let maximumTransfer: UInt32 = 0x1_0000

    /// Bytes of sense information.
    static let senseSize: UInt32 = 18

    /// Stores a 32-bit number in a command block, high byte first.
    static func setBigEndian(_ f: Function, _ place: Value, _ number: Value) {
        f.set(place.byte(0), number >> 24)
        f.set(place.byte(1), number >> 16)
        f.set(place.byte(2), number >> 8)
        f.set(place.byte(3), number)
    }

    /// Reads one.
    static func bigEndian(_ place: Value) -> Value {
        (place.byte(0) << 24) | (place.byte(1) << 16) | (place.byte(2) << 8) | place.byte(3)
    }
}
