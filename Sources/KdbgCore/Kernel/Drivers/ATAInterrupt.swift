// SPDX-License-Identifier: GPL-3.0-or-later

import X86

/// uniata.sys: what the disk's interrupt sets off.
enum ATAInterrupt {
    private static let module = ATAPort.module
    private typealias CHANNEL_EXTENSION = ATAPort.CHANNEL_EXTENSION

    /// Status register: BSY, DF, DRQ, ERR.
    private enum Bit {
        static let busy: UInt32 = 0x80
        static let fault: UInt32 = 0x20
        static let dataRequest: UInt32 = 0x08
        static let error: UInt32 = 0x01
    }

    /// `UniataInterrupt(Interrupt*, DeviceObject*) -> BOOLEAN`, at the interrupt's level: reading the status takes the request off the line; a block is moved, or
    /// the DPC asked for when the command is over. FALSE: nobody had asked for anything.
    static let service: Routine = .init("UniataInterrupt", ["Interrupt", "ServiceContext"], module: module) { f in
        let device = f.argument(1, DEVICE_OBJECT.self)
        let channel = f.local(device.DeviceExtension.as(CHANNEL_EXTENSION.self))
        let status = f.local(f.input(Value(0x1F7)))
        f.if(channel.Srb.isNull) { f.return(0) }
        f.if(channel.Srb.SrbStatus != Value(Scsi.statusPending)) { f.return(0) }
        f.if((status & Value(Bit.busy)) != 0) { f.return(0) }
        f.add(channel.InterruptCount, 1)
        f.set(channel.Status, status)
        f.if((status & Value(Bit.error | Bit.fault)) != 0) {
            f.set(channel.Error, f.input(Value(0x1F1)))
            f.set(channel.Srb.SrbStatus, Scsi.statusError)
            Io.requestDpc(f, device, device.CurrentIrp, 0)
            f.return(1)
        }
        f.if(channel.SectorsLeft != 0 && (status & Value(Bit.dataRequest)) != 0) {
            f.call(moveBlock, channel)
            // The last block of a read ends the command; that of a write is told by one more interrupt.
            f.if(channel.SectorsLeft != 0 || channel.IsWriting != 0) { f.return(1) }
        }
        f.if(channel.SectorsLeft != 0) { f.return(1) }
        f.set(channel.Srb.SrbStatus, Scsi.statusSuccess)
        Io.requestDpc(f, device, device.CurrentIrp, 0)
        f.return(1)
    }

    /// `UniataMoveBlock(Channel*)`: as many sectors as a block has, between the data port and memory.
    private static let moveBlock: Routine = .init("UniataMoveBlock", ["Channel"], module: module) { f in
        let channel = f.argument(0, CHANNEL_EXTENSION.self)
        let count = f.local(channel.SectorsLeft)
        f.if(count > channel.BlockSectors) { f.set(count, channel.BlockSectors) }
        let words = f.local(count << 8)
        let buffer = f.local(channel.Buffer)
        let isWriting = f.local(channel.IsWriting)
        f.asm(savesRegisters: true) { a in
            let write = a.newLabel()
            let end = a.newLabel()
            guard case .frame(let wordsAt) = words.node, case .frame(let bufferAt) = buffer.node,
                case .frame(let writingAt) = isWriting.node
            else { preconditionFailure() }
            a.cld()
            a.mov(.ecx, .at(.ebp, wordsAt))
            a.mov(.esi, .at(.ebp, bufferAt))
            a.mov(.edi, .esi)
            a.mov(.edx, 0x1F0)
            a.alu(.cmp, .at(.ebp, writingAt), 0)
            a.jcc(.notEqual, write)
            a.repIns(width: .word)
            a.jmp(end)
            a.bind(write)
            a.repOuts(width: .word)
            a.bind(end)
        }
        f.add(channel.Buffer, count << 9)
        f.set(channel.SectorsLeft, channel.SectorsLeft - count)
        f.return()
    }

    /// Reads of the status register until the first block of a write counts as lost.
    private static let patience: UInt32 = 100_000

    /// `UniataFirstBlock(Channel*) -> BOOLEAN`: the first block of a write is asked for without an interrupt (9.6).
    static let firstBlock: Routine = .init("UniataFirstBlock", ["Channel"], module: module) { f in
        let channel = f.argument(0, CHANNEL_EXTENSION.self)
        let left = f.local(patience)
        let status = f.local(Bit.busy)
        f.while(left != 0 && (status & Value(Bit.busy)) != 0) {
            // The alternate status leaves the line alone: an error is for the service routine.
            f.set(status, f.input(Value(0x3F6)))
            f.set(left, left - 1)
        }
        f.if((status & Value(Bit.error | Bit.fault)) != 0) { f.return(1) }
        f.if((status & Value(Bit.dataRequest)) == 0) {
            f.set(channel.Srb.SrbStatus, Scsi.statusTimeout)
            f.return(0)
        }
        f.call(moveBlock, channel)
        f.return(1)
    }

    // MARK: The DPC

    /// `UniataDpc(Dpc*, DeviceObject*, Irp*, Context)`, at DISPATCH_LEVEL: what became of the packet.
    static let dpc: Routine = .init("UniataDpc", ["Dpc", "DeviceObject", "Irp", "Context"], module: module) { f in
        let device = f.argument(1, DEVICE_OBJECT.self)
        let channel = f.local(device.DeviceExtension.as(CHANNEL_EXTENSION.self))
        let irp = f.argument(2, IRP.self)
        let srb = f.local(channel.Srb)
        f.if(srb.isNull) { f.return() }
        f.if(srb.SrbStatus == Value(Scsi.statusSuccess) && channel.Identify != 0) { f.call(takeIdentity, channel, srb) }
        let status = f.local(Status.success)
        let code = f.local(srb.SrbStatus)
        f.if(code == Value(Scsi.statusError)) {
            f.set(status, f.call(sense, channel, srb))
            f.set(code, srb.SrbStatus)
        }
        f.if(code == Value(Scsi.statusTimeout)) { f.set(status, Status.ioTimeout) }
        f.if(code == Value(Scsi.statusSelectionTimeout)) { f.set(status, Status.deviceDoesNotExist) }
        f.if(code == Value(Scsi.statusInvalidRequest)) { f.set(status, Status.invalidDeviceRequest) }
        f.call(finish, device, irp, code, status)
        f.return()
    }

    /// `UniataFinish(DeviceObject*, Irp*, SrbStatus, Status)`: completes the packet and starts the next.
    static let finish: Routine = .init("UniataFinish", ["DeviceObject", "Irp", "SrbStatus", "Status"], module: module) { f in
        let device = f.argument(0, DEVICE_OBJECT.self)
        let irp = f.argument(1, IRP.self)
        let channel = f.local(device.DeviceExtension.as(CHANNEL_EXTENSION.self))
        let srb = f.local(channel.Srb)
        f.set(channel.address(of: \.Srb).dword(), 0)
        f.set(channel.TimeLeft, 0)
        f.if(channel.Identify != 0) {
            f.call(Ex.freePoolWithTag, channel.Identify, ATAPort.tag)
            f.set(channel.Identify, 0)
        }
        f.set(srb.SrbStatus, f.argument(2))
        f.set(irp.IoStatus.Status, f.argument(3))
        f.set(irp.IoStatus.Information, 0)
        f.if(f.argument(3).isSuccess) {
            f.set(irp.IoStatus.Information, srb.DataTransferLength)
        } else: {
            f.set(srb.DataTransferLength, 0)
        }
        f.call(Io.startNextPacket, device, 1)
        // IO_DISK_INCREMENT.
        f.call(Io.completeRequest, irp, 1)
        f.return()
    }

    /// `UniataSense(Channel*, Srb*) -> status`: the error register as sense information and as an NT status.
    private static let sense: Routine = .init("UniataSense", ["Channel", "Srb"], module: module) { f in
        let channel = f.argument(0, CHANNEL_EXTENSION.self)
        let srb = f.argument(1, SCSI_REQUEST_BLOCK.self)
        let error = f.local(channel.Error)
        let key = f.local(Scsi.abortedCommand)
        let code = f.local(0)
        let status = f.local(Status.ioDeviceError)
        f.if((error & 0x10) != 0) {
            // ID not found: there is no such sector.
            f.set(key, Scsi.illegalRequest)
            f.set(code, Scsi.illegalBlock)
            f.set(status, Status.nonexistentSector)
        }
        f.if((error & 0x40) != 0) {
            // Uncorrectable data; of a write: protected.
            f.set(key, Scsi.mediumError)
            f.set(status, Status.deviceDataError)
            f.if(channel.IsWriting != 0) {
                f.set(key, Scsi.dataProtect)
                f.set(status, Status.mediaWriteProtected)
            }
        }
        f.if((channel.Status & Value(Bit.fault)) != 0) {
            f.set(key, Scsi.hardwareError)
            f.set(status, Status.ioDeviceError)
        }
        f.if(srb.SenseInfoBuffer != 0 && srb.SenseInfoBufferLength >= Scsi.senseSize.value) {
            let buffer = f.local(srb.SenseInfoBuffer)
            f.zero(buffer, Scsi.senseSize)
            f.set(buffer.byte(), 0x70)
            f.set(buffer.byte(2), key)
            f.set(buffer.byte(7), 10)
            f.set(buffer.byte(12), code)
            f.set(srb.SrbStatus, Scsi.statusError | Scsi.autosenseValid)
            // CHECK CONDITION.
            f.set(srb.ScsiStatus, 2)
        }
        f.return(status)
    }

    /// `UniataTakeIdentity(Channel*, Srb*)`: what IDENTIFY has told becomes the answer to INQUIRY: a direct-access device, its vendor, product and revision.
    private static let takeIdentity: Routine = .init("UniataTakeIdentity", ["Channel", "Srb"], module: module) { f in
        let channel = f.argument(0, CHANNEL_EXTENSION.self)
        let srb = f.argument(1, SCSI_REQUEST_BLOCK.self)
        let data = f.local(channel.Identify)
        let out = f.local(srb.DataBuffer)
        f.set(channel.Identify, 0)
        // Words 60 and 61: sectors that 28-bit commands reach. Word 59: the block READ MULTIPLE uses.
        f.set(channel.SectorCount, data.dword(120))
        f.set(channel.BlockSectors, 1)
        f.if((data.word(118) & 0x100) != 0) { f.set(channel.BlockSectors, data.word(118) & 0xFF) }
        f.set(channel.IsPresent, 1)
        f.zero(out, srb.DataTransferLength)
        f.set(out.byte(4), 31)
        // Words hold two characters, the first in the high byte.
        let index = f.local(0)
        f.while(index < 24) {
            f.set((out + index).byte(8), (data + (index ^ 1)).byte(54))
            f.add(index, 1)
        }
        f.while(index < 28) {
            f.set((out + index).byte(8), (data + ((index - 24) ^ 1)).byte(46))
            f.add(index, 1)
        }
        f.call(Ex.freePoolWithTag, data, ATAPort.tag)
        f.return()
    }

    // MARK: Lost requests

    /// `UniataTimer(DeviceObject*, Context)`, once a second at DISPATCH_LEVEL: a request whose time has run out is given up.
    static let timer: Routine = .init("UniataTimer", ["DeviceObject", "Context"], module: module) { f in
        let device = f.argument(0, DEVICE_OBJECT.self)
        let channel = f.local(device.DeviceExtension.as(CHANNEL_EXTENSION.self))
        f.if(channel.TimeLeft == 0) { f.return() }
        f.set(channel.TimeLeft, channel.TimeLeft - 1)
        f.if(channel.TimeLeft != 0) { f.return() }
        let isLost = f.call(Ke.synchronizeExecution, channel.InterruptObject, giveUp, device)
        f.if(isLost != 0) { f.call(finish, device, device.CurrentIrp, Scsi.statusTimeout, Status.ioTimeout) }
        f.return()
    }

    /// `UniataGiveUp(DeviceObject*) -> BOOLEAN`, at the interrupt's level: resets the channel, unless the interrupt has come after all.
    private static let giveUp: Routine = .init("UniataGiveUp", ["DeviceObject"], module: module) { f in
        let channel = f.local(f.argument(0, DEVICE_OBJECT.self).DeviceExtension.as(CHANNEL_EXTENSION.self))
        f.if(channel.Srb.isNull) { f.return(0) }
        f.if(channel.Srb.SrbStatus != Value(Scsi.statusPending)) { f.return(0) }
        f.set(channel.Srb.SrbStatus, Scsi.statusTimeout)
        f.output(Value(0x3F6), 4)
        f.output(Value(0x3F6), 0)
        f.return(1)
    }
}
