// SPDX-License-Identifier: GPL-3.0-or-later

/// Turns the text of an expression into items (grammar: spec/kdbg.md section 2.2, errors: 2.6). Operators and brackets wait on a stack of our own, so that
/// nesting costs no call depth and ten thousand brackets end in an error message.
struct ExpressionParser {
    private let text: [UInt8]
    private let symbol: (String) -> UInt32?
    private let suggestion: (String) -> String?
    private let regroupsComparisons: Bool
    private var position = 0
    private var items: [Expression.Item] = []
    private var pending: [Pending] = []
    private var state = State.start

    /// What may stand at the position.
    private enum State {
        /// The beginning of an expression or of a bracket: an operand, a minus sign, or nothing at all.
        case start
        case operandDue
        case operatorDue
    }

    /// An operator that waits for its right side, or a bracket that waits for its end.
    private enum Pending {
        case operation(Expression.Operator, at: UInt32)
        case parenthesis
        case bracket(Expression.Size, at: UInt32)
    }

    init(
        _ text: [UInt8], regroupsComparisons: Bool, symbol: @escaping (String) -> UInt32?, suggestion: @escaping (String) -> String?
    ) {
        self.text = text
        self.regroupsComparisons = regroupsComparisons
        self.symbol = symbol
        self.suggestion = suggestion
    }

    mutating func parse() throws(ExpressionError) -> [Expression.Item] {
        while true {
            skipBlanks()
            guard position < text.count else { break }
            let byte = text[position]
            switch state {
            case .start where byte == UInt8(ascii: "-"):
                // A leading minus pretends a zero in front of it (section 2.2).
                try emit(.number(0))
                pending.append(.operation(.subtract, at: UInt32(position)))
                position += 1
                state = .operandDue
            case .start where Self.isCloser(byte), .operatorDue where Self.isCloser(byte):
                // An unmatched closing bracket ends the expression without a word (section 2.5).
                guard try close(with: byte) else { return try finish() }
            case .start, .operandDue:
                try parseOperand()
            case .operatorDue:
                try parseOperator()
            }
        }
        return try finish()
    }

    private mutating func finish() throws(ExpressionError) -> [Expression.Item] {
        guard state != .operandDue else { throw ExpressionError("Operand expected", at: position) }
        try reduceAll()
        switch pending.last {
        case nil: return items
        case .bracket: throw ExpressionError("']' expected", at: position)
        default: throw ExpressionError("')' expected", at: position)
        }
    }

    private mutating func parseOperand() throws(ExpressionError) {
        switch text[position] {
        case UInt8(ascii: "("): return try open(.parenthesis, closer: UInt8(ascii: ")"))
        case UInt8(ascii: "["): return try open(.bracket(.dword, at: UInt32(position)), closer: UInt8(ascii: "]"))
        default: break
        }
        let start = position
        let word = scanWord()
        guard !word.isEmpty else { throw ExpressionError("Operand expected", at: start) }
        let end = position
        skipBlanks()
        if position < text.count, text[position] == UInt8(ascii: "[") {
            guard let size = Self.size(named: word) else { throw ExpressionError("Invalid memory size prefix", at: start) }
            return try open(.bracket(size, at: UInt32(position)), closer: UInt8(ascii: "]"))
        }
        position = end
        state = .operatorDue
        if let number = CNumber.whole(word) { return try emit(.number(number)) }
        if let register = Self.register(named: word) { return try emit(.register(register)) }
        // From here on real KDBG gives up; names are our extension (design rule 6).
        let name = qualified(word, from: start)
        if let address = symbol(name) { return try emit(.number(UInt64(address))) }
        throw ExpressionError("Operand expected", at: start, hint: hint(for: name))
    }

    private mutating func open(_ bracket: Pending, closer: UInt8) throws(ExpressionError) {
        position += 1
        if position < text.count, text[position] == closer { throw ExpressionError("Expression expected", at: position) }
        // Every bracket costs an item when it is closed, so more open ones can never come to a good end.
        guard pending.count < 3 * Expression.capacity else { throw .overflow }
        pending.append(bracket)
        state = .start
    }

    /// Closes the innermost bracket.
    /// - Returns: false when there is none.
    private mutating func close(with byte: UInt8) throws(ExpressionError) -> Bool {
        try reduceAll()
        switch pending.last {
        case .parenthesis:
            guard byte == UInt8(ascii: ")") else { throw ExpressionError("')' expected", at: position) }
            try emit(.group)
        case .bracket(let size, let offset):
            guard byte == UInt8(ascii: "]") else { throw ExpressionError("']' expected", at: position) }
            try emit(.load(size, at: offset))
        default:
            return false
        }
        pending.removeLast()
        position += 1
        state = .operatorDue
        return true
    }

    private mutating func parseOperator() throws(ExpressionError) {
        guard let (operation, length) = scanOperator() else { throw ExpressionError("Operator expected", at: position) }
        // Left-associative at every level, comparisons too; KDBG regroups chains of those (section 2.4, mended).
        try reduce(above: regroupsComparisons && operation.isComparison ? operation.precedence + 1 : operation.precedence)
        pending.append(.operation(operation, at: UInt32(position)))
        position += length
        state = .operandDue
    }

    /// Emits the operators of the innermost bracket that bind at least as tightly as `precedence`.
    private mutating func reduce(above precedence: Int) throws(ExpressionError) {
        while case .operation(let operation, let offset) = pending.last, operation.precedence >= precedence {
            try emit(.apply(operation, at: offset))
            pending.removeLast()
        }
    }

    /// Emits every operator of the innermost bracket. KDBG applies comparisons that wait for each other in the order they were written, to the last
    /// operands first: `1<2<3` becomes 1, 2, 3, `<`, `<` (section 2.4).
    private mutating func reduceAll() throws(ExpressionError) {
        guard regroupsComparisons else { return try reduce(above: 0) }
        try reduce(above: Expression.Operator.equal.precedence + 1)
        let isOperation: (Pending) -> Bool = { if case .operation = $0 { true } else { false } }
        let first = pending.lastIndex { !isOperation($0) }.map { $0 + 1 } ?? 0
        for case .operation(let operation, let offset) in pending[first...] { try emit(.apply(operation, at: offset)) }
        pending.removeSubrange(first...)
    }

    private mutating func emit(_ item: Expression.Item) throws(ExpressionError) {
        guard items.count < Expression.capacity else { throw .overflow }
        items.append(item)
    }
}

// MARK: Scanning

extension ExpressionParser {
    private mutating func skipBlanks() {
        while position < text.count, Self.isBlank(text[position]) { position += 1 }
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || (9...13).contains(byte)
    }

    private static func isCloser(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ")") || byte == UInt8(ascii: "]")
    }

    private static func endsWord(_ byte: UInt8) -> Bool {
        isBlank(byte) || "+-*/%()[]<>!=".utf8.contains(byte)
    }

    private mutating func scanWord() -> String {
        let start = position
        while position < text.count, !Self.endsWord(text[position]) { position += 1 }
        return String(decoding: text[start..<position], as: UTF8.self)
    }

    /// `word`, or `word!name` when a name follows the exclamation mark.
    private mutating func qualified(_ word: String, from start: Int) -> String {
        guard position + 1 < text.count, text[position] == UInt8(ascii: "!"), !Self.endsWord(text[position + 1]) else { return word }
        position += 1
        return word + "!" + scanWord()
    }

    private func scanOperator() -> (Expression.Operator, length: Int)? {
        let next = position + 1 < text.count ? text[position + 1] : 0
        let isDouble = next == UInt8(ascii: "=")
        switch text[position] {
        case UInt8(ascii: "*"): return (.multiply, 1)
        case UInt8(ascii: "/"): return (.divide, 1)
        case UInt8(ascii: "%"): return (.remainder, 1)
        case UInt8(ascii: "+"): return (.add, 1)
        case UInt8(ascii: "-"): return (.subtract, 1)
        case UInt8(ascii: "="): return isDouble ? (.equal, 2) : nil
        case UInt8(ascii: "!"): return isDouble ? (.notEqual, 2) : nil
        case UInt8(ascii: "<"): return isDouble ? (.lessOrEqual, 2) : (.less, 1)
        case UInt8(ascii: ">"): return isDouble ? (.greaterOrEqual, 2) : (.greater, 1)
        default: return nil
        }
    }

    private static func size(named word: String) -> Expression.Size? {
        switch word.lowercased() {
        case "byte": .byte
        case "word": .word
        case "dword": .dword
        case "qword": .qword
        default: nil
        }
    }

    private static func register(named word: String) -> Register? {
        word.utf8.count <= 6 ? Register(rawValue: word.lowercased()) : nil
    }

    private func hint(for name: String) -> String {
        if name.first == "0", name.allSatisfy({ $0.isNumber }) { return "A number with a leading 0 is octal." }
        if name.first?.isNumber == true, name.allSatisfy({ $0.isHexDigit }) { return "Hexadecimal numbers begin with 0x." }
        let near = suggestion(name).map { " Did you mean '\($0)'?" } ?? ""
        return "There is no number, register or symbol '\(name.prefix(64))'.\(near)".harmless()
    }
}

extension Expression.Operator {
    var isComparison: Bool { precedence == 1 }

    /// Higher binds tighter (section 2.4).
    var precedence: Int {
        switch self {
        case .multiply, .divide, .remainder: 3
        case .add, .subtract: 2
        default: 1
        }
    }
}
