// SPDX-License-Identifier: GPL-3.0-or-later

/// Packets on the line (spec/boot.md sections 4.10 and 5.18, KD_PACKET): a leader, type, length, number and checksum; data packets go on with a header, data and
/// the byte AAh, and are acknowledged by a control packet with their number.
extension KdCom {
    private enum Leader {
        static let data: UInt32 = 0x3030_3030
        static let control: UInt32 = 0x6969_6969
    }

    private enum Control {
        static let acknowledge: Value = 4
        static let resend: Value = 5
        static let reset: Value = 6
    }

    private enum Result {
        static let received: Value = 0
        static let timeOut: Value = 1
        static let resend: Value = 2
    }

    private static let trailer: Value = 0xAA
    private static let breakIn: Value = 0x62
    private static let initialId: UInt32 = 0x8080_0000
    /// In the number of the first packet, so that the other side begins to count anew.
    private static let synchronize: UInt32 = 0x800
    /// How often the line status is looked at before nobody is there.
    private static let patience: UInt32 = 0x1400

    /// Number of the next packet, and of the one that is expected.
    private static let currentPacketId: Global = .init("CurrentPacketId", module: .kdcom)
    private static let remotePacketId: Global = .init("RemotePacketId", module: .kdcom)

    /// `KdpResetPacketIds()`.
    static let resetPacketIds: Routine = .init("KdpResetPacketIds", module: .kdcom) { f in
        f.set(currentPacketId.dword, initialId | synchronize)
        f.set(remotePacketId.dword, initialId)
        f.return()
    }

    // MARK: Bytes

    /// `KdpReceiveByte(Byte*) -> 0 received, 1 timed out`.
    private static let receiveByte: Routine = .init("KdpReceiveByte", ["Byte"], module: .kdcom) { f in
        let left = f.local(patience)
        f.while(left != 0) {
            f.if((f.input(port.Address + 5) & 1) != 0) {
                f.set(f.argument(0).byte(), f.input(port.Address))
                f.return(Result.received)
            }
            f.add(left, 0xFFFF_FFFF as Value)
        }
        f.return(Result.timeOut)
    }

    /// `KdpReceiveBuffer(Buffer, Length) -> 0 received, 1 timed out`.
    private static let receiveBuffer: Routine = .init("KdpReceiveBuffer", ["Buffer", "Length"], module: .kdcom) { f in
        let index = f.local(0)
        f.while(index < f.argument(1)) {
            let result = f.call(receiveByte, f.argument(0) + index)
            f.if(result != Result.received) { f.return(result) }
            f.add(index, 1)
        }
        f.return(Result.received)
    }

    /// `KdpSendBuffer(Buffer, Length)`.
    private static let sendBuffer: Routine = .init("KdpSendBuffer", ["Buffer", "Length"], module: .kdcom) { f in
        let index = f.local(0)
        f.while(index < f.argument(1)) {
            f.call(Kd.portPutByteEx, port, (f.argument(0) + index).byte())
            f.add(index, 1)
        }
        f.return()
    }

    /// `KdpCalculateChecksum(Buffer, Length) -> sum of the bytes`.
    private static let checksum: Routine = .init("KdpCalculateChecksum", ["Buffer", "Length"], module: .kdcom) { f in
        let sum = f.local(0)
        let index = f.local(0)
        f.while(index < f.argument(1)) {
            f.add(sum, (f.argument(0) + index).byte())
            f.add(index, 1)
        }
        f.return(sum)
    }

    /// `KdpSendControlPacket(PacketType, PacketId)`.
    private static let sendControl: Routine = .init("KdpSendControlPacket", ["PacketType", "PacketId"], module: .kdcom) { f in
        let packet = f.structure(KD_PACKET.self)
        f.zero(packet, KD_PACKET.size)
        f.set(packet.PacketLeader, Leader.control)
        f.set(packet.PacketType, f.argument(0))
        f.set(packet.PacketId, f.argument(1))
        f.call(sendBuffer, packet, KD_PACKET.size)
        f.return()
    }

    // MARK: Sending

    /// `KdSendPacket(PacketType, MessageHeader*, MessageData* or NULL, KdContext*)`: until the other side has it. When it has not after all retries, nobody is there:
    /// KdDebuggerNotPresent.
    static let sendPacket: Routine = .init(
        "KdSendPacket", ["PacketType", "MessageHeader", "MessageData", "Context"], module: .kdcom
    ) { f in
        let header = f.argument(1, STRING.self)
        let data = f.argument(2, STRING.self)
        let length = f.local(0)
        let bytes = f.local(0)
        f.if(port.Address == 0) {
            f.set(Kd.debuggerNotPresent.byte, 1)
            f.return()
        }
        f.if(data.isNotNull) {
            f.set(length, data.Length)
            f.set(bytes, data.Buffer)
        }
        let packet = f.structure(KD_PACKET.self)
        f.set(packet.PacketLeader, Leader.data)
        f.set(packet.PacketType, f.argument(0))
        f.set(packet.ByteCount, header.Length + length)
        let sum = f.call(checksum, header.Buffer, header.Length)
        f.set(packet.Checksum, sum + f.call(checksum, bytes, length))
        let retries = f.local(f.argument(3, KD_CONTEXT.self).KdpDefaultRetries)
        f.while(retries != 0) {
            f.set(packet.PacketId, currentPacketId.dword)
            f.call(sendBuffer, packet, KD_PACKET.size)
            f.call(sendBuffer, header.Buffer, header.Length)
            f.call(sendBuffer, bytes, length)
            f.call(Kd.portPutByteEx, port, trailer)
            let result = f.call(receivePacket, Control.acknowledge, 0, 0, 0, f.argument(3))
            f.if(result == Result.received) {
                f.set(currentPacketId.dword, (currentPacketId.dword & ~Value(synchronize)) ^ 1)
                f.return()
            }
            f.add(retries, 0xFFFF_FFFF as Value)
        }
        f.set(Kd.debuggerNotPresent.byte, 1)
        f.call(resetPacketIds)
        f.return()
    }

    // MARK: Receiving

    /// `KdReceivePacket(PacketType, MessageHeader*, MessageData*, DataLength*, KdContext*) -> 0 received, 1 timed out, 2 send again`. Type 4 waits for the
    /// acknowledgement of the packet that was sent last, type 8 looks for a break-in.
    static let receivePacket: Routine = .init(
        "KdReceivePacket", ["PacketType", "MessageHeader", "MessageData", "DataLength", "Context"], module: .kdcom
    ) { f in
        let packet = f.structure(KD_PACKET.self)
        f.if(port.Address == 0) { f.return(Result.timeOut) }
        f.if(f.argument(0) == KdPacket.pollBreakIn) {
            let byte = f.local(0)
            f.if((f.input(port.Address + 5) & 1) == 0) { f.return(Result.timeOut) }
            f.call(receiveByte, f.address(of: byte))
            f.if(byte == breakIn) { f.return(Result.received) }
            f.return(Result.timeOut)
        }
        f.loop {
            let result = f.call(receiveHead, packet, f.argument(4))
            f.if(result != Result.received) { f.return(result) }
            f.if(packet.PacketLeader == Value(Leader.control)) {
                f.if(packet.PacketType == Control.resend) { f.return(Result.resend) }
                f.if(packet.PacketType == Control.reset) {
                    f.call(resetPacketIds)
                    f.call(sendControl, Control.reset, 0)
                    f.return(Result.resend)
                }
                let number = f.local(currentPacketId.dword & ~Value(synchronize))
                f.if(packet.PacketType == Control.acknowledge && f.argument(0) == Control.acknowledge && packet.PacketId == number) {
                    f.return(Result.received)
                }
            } else: {
                f.if(f.argument(0) == Control.acknowledge) {
                    f.call(sendControl, Control.resend, 0)
                } else: {
                    f.set(result, f.call(receiveBody, packet, f.argument(1), f.argument(2), f.argument(3)))
                    f.if(result == Result.timeOut) { f.return(result) }
                    f.if(result == Result.received && packet.PacketType == f.argument(0)) { f.return(result) }
                }
            }
        }
        f.return(Result.timeOut)
    }

    /// `KdpReceivePacketHead(Packet*, KdContext*) -> 0 received, 1 timed out`: up to the checksum. What is no leader is passed over; a break-in is remembered.
    private static let receiveHead: Routine = .init("KdpReceivePacketHead", ["Packet", "Context"], module: .kdcom) { f in
        let packet = f.argument(0, KD_PACKET.self)
        let byte = f.local(0)
        let count = f.local(0)
        let leader = f.local(0)
        f.while(count < 4) {
            f.if(f.call(receiveByte, f.address(of: byte)) != Result.received) { f.return(Result.timeOut) }
            f.if(byte == breakIn) { f.set(f.argument(1, KD_CONTEXT.self).KdpControlCPending, 1) }
            f.if(byte != (leader & 0xFF)) { f.set(count, 0) }
            f.if(byte == 0x30 || byte == 0x69) {
                f.set(leader, byte)
                f.add(count, 1)
            } else: {
                f.set(leader, 0)
                f.set(count, 0)
            }
        }
        f.set(packet.PacketLeader, leader * 0x0101_0101)
        f.return(f.call(receiveBuffer, f.argument(0) + 4, KD_PACKET.size - 4))
    }

    /// `KdpReceivePacketBody(Packet*, MessageHeader*, MessageData*, DataLength*) -> 0 received, 1 timed out, 2 passed over`: what does not fit or is damaged
    /// is asked for again, what was there before is acknowledged again.
    private static let receiveBody: Routine = .init(
        "KdpReceivePacketBody", ["Packet", "MessageHeader", "MessageData", "DataLength"], module: .kdcom
    ) { f in
        let packet = f.argument(0, KD_PACKET.self)
        let header = f.argument(1, STRING.self)
        let data = f.argument(2, STRING.self)
        let length = f.local(packet.ByteCount - header.MaximumLength)
        f.if(packet.ByteCount < header.MaximumLength || length > data.MaximumLength) {
            f.call(sendControl, Control.resend, 0)
            f.return(Result.resend)
        }
        f.set(header.Length, header.MaximumLength)
        f.set(data.Length, length)
        f.set(f.argument(3).dword(), length)
        f.if(f.call(receiveBuffer, header.Buffer, header.Length) != Result.received) { f.return(Result.timeOut) }
        f.if(f.call(receiveBuffer, data.Buffer, length) != Result.received) { f.return(Result.timeOut) }
        let end = f.local(0)
        f.if(f.call(receiveByte, f.address(of: end)) != Result.received) { f.return(Result.timeOut) }
        let sum = f.call(checksum, header.Buffer, header.Length)
        f.add(sum, f.call(checksum, data.Buffer, length))
        f.if(end != trailer || sum != packet.Checksum) {
            f.call(sendControl, Control.resend, 0)
            f.return(Result.resend)
        }
        let number = f.local(packet.PacketId & ~Value(synchronize))
        f.call(sendControl, Control.acknowledge, number)
        f.if(number != remotePacketId.dword) { f.return(Result.resend) }
        f.set(remotePacketId.dword, remotePacketId.dword ^ 1)
        f.return(Result.received)
    }
}
