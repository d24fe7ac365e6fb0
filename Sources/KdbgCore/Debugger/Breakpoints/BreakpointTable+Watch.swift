// SPDX-License-Identifier: GPL-3.0-or-later

extension BreakpointTable {
    /// The first enabled watch of writes that an access of at most four bytes there touches.
    func watch(touchedAt address: UInt32) -> Int? {
        slots.firstIndex { slot in
            guard let slot, case .dataStop = slot.armed, case .hardware(_, let size) = slot.kind else { return false }
            return address &- slot.address &+ 3 < UInt32(size.rawValue) &+ 3
        }
    }
}
