// SPDX-License-Identifier: GPL-3.0-or-later

/// Who may have a file open together with whom (spec/boot.md section 6, file.c). The file system keeps one SHARE_ACCESS for each open file.
extension Io {
    /// What an access mask means: reading or executing, writing or appending, deleting.
    private enum Access {
        static let reads: UInt32 = 0x21
        static let writes: UInt32 = 0x06
        static let deletes: UInt32 = 0x1_0000
    }

    private static let parameters = ["DesiredAccess", "DesiredShareAccess", "FileObject", "ShareAccess"]

    /// Notes in the file object what it wants, and what it lets others do.
    private static func noteAccess(_ f: Function, _ file: Pointer<FILE_OBJECT>) {
        f.set(file.ReadAccess, (f.argument(0) & Value(Access.reads)) != 0)
        f.set(file.WriteAccess, (f.argument(0) & Value(Access.writes)) != 0)
        f.set(file.DeleteAccess, (f.argument(0) & Value(Access.deletes)) != 0)
    }

    private static func noteSharing(_ f: Function, _ file: Pointer<FILE_OBJECT>) {
        f.set(file.SharedRead, f.argument(1) & 1)
        f.set(file.SharedWrite, (f.argument(1) >> 1) & 1)
        f.set(file.SharedDelete, (f.argument(1) >> 2) & 1)
    }

    /// Whether a file object wants anything that sharing is about.
    private static func wantsAnything(_ file: Pointer<FILE_OBJECT>) -> Value {
        (file.ReadAccess | file.WriteAccess | file.DeleteAccess) != 0
    }

    /// `IoCheckShareAccess(DesiredAccess, DesiredShareAccess, FileObject*, ShareAccess*, Update) -> status`: 0xC0000043 when somebody has the file open who does
    /// not let others do what is wanted, or does what is not to be shared. `Update` counts the new one in.
    package static let checkShareAccess: Routine = .init("IoCheckShareAccess", parameters + ["Update"]) { f in
        let file = f.argument(2, FILE_OBJECT.self)
        let share = f.argument(3, SHARE_ACCESS.self)
        noteAccess(f, file)
        f.if(!wantsAnything(file)) { f.return(Status.success) }
        noteSharing(f, file)
        let count = share.OpenCount
        f.if(file.ReadAccess != 0 && share.SharedRead < count) { f.return(Status.sharingViolation) }
        f.if(file.WriteAccess != 0 && share.SharedWrite < count) { f.return(Status.sharingViolation) }
        f.if(file.DeleteAccess != 0 && share.SharedDelete < count) { f.return(Status.sharingViolation) }
        f.if(share.Readers != 0 && file.SharedRead == 0) { f.return(Status.sharingViolation) }
        f.if(share.Writers != 0 && file.SharedWrite == 0) { f.return(Status.sharingViolation) }
        f.if(share.Deleters != 0 && file.SharedDelete == 0) { f.return(Status.sharingViolation) }
        f.if((f.argument(4) & 0xFF) != 0) { f.call(updateShareAccess, file, share) }
        f.return(Status.success)
    }

    /// `IoUpdateShareAccess(FileObject*, ShareAccess*)`: counts one more in that `IoCheckShareAccess` has found acceptable.
    package static let updateShareAccess: Routine = .init("IoUpdateShareAccess", ["FileObject", "ShareAccess"]) { f in
        let file = f.argument(0, FILE_OBJECT.self)
        let share = f.argument(1, SHARE_ACCESS.self)
        f.if(!wantsAnything(file)) { f.return() }
        f.add(share.OpenCount, 1)
        f.add(share.Readers, file.ReadAccess)
        f.add(share.Writers, file.WriteAccess)
        f.add(share.Deleters, file.DeleteAccess)
        f.add(share.SharedRead, file.SharedRead)
        f.add(share.SharedWrite, file.SharedWrite)
        f.add(share.SharedDelete, file.SharedDelete)
        f.return()
    }

    /// `IoSetShareAccess(DesiredAccess, DesiredShareAccess, FileObject*, ShareAccess*)`: of the first who opens a file.
    package static let setShareAccess: Routine = .init("IoSetShareAccess", parameters) { f in
        let file = f.argument(2, FILE_OBJECT.self)
        f.zero(f.argument(3), SHARE_ACCESS.size)
        noteAccess(f, file)
        f.if(!wantsAnything(file)) { f.return() }
        noteSharing(f, file)
        f.call(updateShareAccess, file, f.argument(3))
        f.return()
    }

    /// `IoRemoveShareAccess(FileObject*, ShareAccess*)`: at CLEANUP.
    package static let removeShareAccess: Routine = .init("IoRemoveShareAccess", ["FileObject", "ShareAccess"]) { f in
        let file = f.argument(0, FILE_OBJECT.self)
        let share = f.argument(1, SHARE_ACCESS.self)
        f.if(!wantsAnything(file)) { f.return() }
        f.set(share.OpenCount, share.OpenCount - 1)
        f.set(share.Readers, share.Readers - file.ReadAccess)
        f.set(share.Writers, share.Writers - file.WriteAccess)
        f.set(share.Deleters, share.Deleters - file.DeleteAccess)
        f.set(share.SharedRead, share.SharedRead - file.SharedRead)
        f.set(share.SharedWrite, share.SharedWrite - file.SharedWrite)
        f.set(share.SharedDelete, share.SharedDelete - file.SharedDelete)
        f.return()
    }
}
