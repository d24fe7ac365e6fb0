// SPDX-License-Identifier: GPL-3.0-or-later

/// `EX_FAST_REF`: a cell that holds a pointer to an object, and in its low three bits how many references the cell owns beyond its own. Taking one of these is a
/// single interlocked operation (spec/boot.md section 5.14).
extension Ob {
    /// How many there are at most.
    private static let most: UInt32 = 7

    /// `ObInitializeFastReference(FastRef*, Object or NULL)`: the cell gets references of its own, seven and one.
    package static let initializeFastReference: Routine = .init("ObInitializeFastReference", ["FastRef", "Object"]) { f in
        f.set(f.argument(0).dword(), f.argument(1))
        f.if(f.argument(1) != 0) {
            f.exchangeAdd(Pointer<OBJECT_HEADER>.of(f.argument(1)).PointerCount, most + 1)
            f.set(f.argument(0).dword(), f.argument(1) | most.value)
        }
        f.return()
    }

    /// `ObFastReferenceObject(FastRef*) -> object or NULL`: with a reference, which the caller gives back with `ObFastDereferenceObject`.
    package static let fastReferenceObject: Routine = .init("ObFastReferenceObject", ["FastRef"]) { f in
        let cell = f.argument(0)
        f.loop {
            let old = f.local(cell.dword())
            let object = f.local(old & ~most.value)
            f.if(object == 0) { f.return(0) }
            f.if((old & most.value) == 0) {
                // None left in the cell. Its own reference keeps the object meanwhile: whoever replaces the cell's object has to own it.
                f.call(referenceObject, object)
                f.return(object)
            }
            f.if(f.compareExchange(cell.dword(), old - 1, comparand: old) == old) { f.return(object) }
        }
    }

    /// `ObFastDereferenceObject(FastRef*, Object)`: back into the cell while it holds this object and has room, else to the object.
    package static let fastDereferenceObject: Routine = .init("ObFastDereferenceObject", ["FastRef", "Object"]) { f in
        let cell = f.argument(0)
        f.loop {
            let old = f.local(cell.dword())
            f.if((old & ~most.value) != f.argument(1) || (old & most.value) == most.value) {
                f.call(dereferenceObject, f.argument(1))
                f.return()
            }
            f.if(f.compareExchange(cell.dword(), old + 1, comparand: old) == old) { f.return() }
        }
    }

    /// `ObFastReplaceObject(FastRef*, Object or NULL) -> old object or NULL`: the old one's references are given back but one, which is the caller's.
    package static let fastReplaceObject: Routine = .init("ObFastReplaceObject", ["FastRef", "Object"]) { f in
        let new = f.local(f.argument(1))
        f.if(new != 0) {
            f.exchangeAdd(Pointer<OBJECT_HEADER>.of(new).PointerCount, most + 1)
            f.set(new, new | most.value)
        }
        let old = f.local(f.exchange(f.argument(0).dword(), with: new))
        let object = f.local(old & ~most.value)
        f.if(object != 0) { f.exchangeAdd(Pointer<OBJECT_HEADER>.of(object).PointerCount, -(old & most.value)) }
        f.return(object)
    }
}
