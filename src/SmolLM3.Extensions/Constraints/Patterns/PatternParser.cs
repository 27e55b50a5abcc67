using SmolLM3.Extensions.Constraints.Grammars;

namespace SmolLM3.Extensions.Constraints.Patterns;

/// <summary>
/// Reads the regular expressions of JSON Schema's <c>pattern</c>: those of ECMA-262 with the <c>u</c> flag, but for
/// what no automaton does (look-around, back-references) and word boundaries. More than it asks for, every escaped
/// punctuation mark stands for itself, as schemas often write.
/// </summary>
internal sealed class PatternParser
{
    // Far above what people write, and low enough that the recursion over groups and over the nodes of a hostile
    // pattern stays within a thread's stack.
    private const int Longest = 1_000;
    private const int Deepest = 100;
    private const int MostTimes = 10_000;

    private readonly Grammar _grammar;
    private readonly Func<Grammar, CharacterSet, Node> _write;
    private readonly PatternReader _reader;
    private int _depth;

    private PatternParser(Grammar grammar, string pattern, Func<Grammar, CharacterSet, Node> write) =>
        (_grammar, _reader, _write) = (grammar, new(pattern), write);

    /// <summary>The contents of JSON strings, quotes not included, in which a pattern matches somewhere. Each
    /// character has the one form that <see cref="JsonCharacters.Of"/> gives it.</summary>
    /// <exception cref="NotSupportedException">The pattern is malformed, too large, or holds what is not supported.
    /// The message names it and says where.</exception>
    /// <exception cref="GrammarTooComplexException">The grammar has become too large.</exception>
    public static Node Parse(Grammar grammar, string pattern) => Parse(grammar, pattern, JsonCharacters.Of);

    /// <summary>The same for texts in which characters are written otherwise.</summary>
    /// <param name="grammar">Where the nodes go.</param>
    /// <param name="pattern">The pattern.</param>
    /// <param name="write">How one character of a set is written.</param>
    /// <inheritdoc cref="Parse(Grammar, string)" path="/exception"/>
    public static Node Parse(Grammar grammar, string pattern, Func<Grammar, CharacterSet, Node> write)
    {
        if (pattern.Length > Longest)
        {
            throw new NotSupportedException($"A pattern of more than {Longest:N0} characters is not supported.");
        }

        PatternParser parser = new(grammar, pattern, write);
        PatternMatches matches = parser.ReadAlternatives();
        return !parser._reader.IsAtEnd ? throw parser._reader.Malformed("')' closes no group")
            : matches.Search(grammar.Repeat(write(grammar, CharacterSet.All), 0));
    }

    private PatternMatches ReadAlternatives()
    {
        List<PatternMatches> options = [ReadSequence()];
        while (_reader.TryTake("|"))
        {
            options.Add(ReadSequence());
        }

        return PatternMatches.Either(_grammar, options);
    }

    private PatternMatches ReadSequence()
    {
        List<PatternMatches> terms = [];
        while (!_reader.IsAtEnd && _reader.Next is not ('|' or ')'))
        {
            terms.Add(ReadTerm());
        }

        // From the right, as chains of nodes lean: appending to one would make it anew.
        PatternMatches sequence = PatternMatches.Of(_grammar, _grammar.End);
        for (int i = terms.Count - 1; i >= 0; i--)
        {
            sequence = terms[i].Then(sequence);
        }

        return sequence;
    }

    private PatternMatches ReadTerm()
    {
        if (_reader.TryTake("^"))
        {
            return PatternMatches.Start(_grammar);
        }

        if (_reader.TryTake("$"))
        {
            return PatternMatches.End(_grammar);
        }

        PatternMatches atom = _reader.Next == '(' ? ReadGroup() : PatternMatches.Of(_grammar, ReadAndWrite());
        return ReadTimes() is (int least, int most) ? atom.Repeat(least, most) : atom;
    }

    private PatternMatches ReadGroup()
    {
        if (_reader.At("(?=") || _reader.At("(?!"))
        {
            throw _reader.Unsupported("A look-ahead");
        }

        if (_reader.At("(?<=") || _reader.At("(?<!"))
        {
            throw _reader.Unsupported("A look-behind");
        }

        if (++_depth > Deepest)
        {
            throw _reader.Unsupported($"A group within {Deepest} others");
        }

        if (_reader.TryTake("(?<"))
        {
            ReadName();
        }
        else if (!_reader.TryTake("(?:") && _reader.TryTake("(") && _reader.Next == '?')
        {
            throw _reader.Malformed("no group begins like this");
        }

        PatternMatches matches = ReadAlternatives();
        _depth--;
        return _reader.TryTake(")") ? matches : throw _reader.Malformed("a group is not closed");
    }

    // Nothing refers to the name.
    private void ReadName()
    {
        int start = _reader.Position;
        string name = _reader.TakeUntil('>');
        bool isName = name.Length > 0 && !char.IsAsciiDigit(name[0])
            && name.All(unit => char.IsLetterOrDigit(unit) || char.IsSurrogate(unit) || unit is '_' or '$');
        if (!isName)
        {
            _reader.Position = start;
            throw _reader.Malformed("the name of a group has other characters than letters, digits, '_' and '$'");
        }
    }

    // Sets by property have some hundred ranges.
    private Node ReadAndWrite()
    {
        int start = _reader.Position;
        CharacterSet set = ReadCharacter();
        _grammar.Work.Spend((100 * (_reader.Position - start)) + (20 * set.Ranges.Count));
        return _write(_grammar, set);
    }

    private CharacterSet ReadCharacter()
    {
        switch (_reader.Next)
        {
            case '*' or '+' or '?':
                throw _reader.Malformed("there is nothing to repeat");
            case '{' or '}' or ']':
                throw _reader.Malformed($"'{_reader.Next}' stands for itself only as '\\{_reader.Next}'");
            case '[':
                return PatternCharacters.ReadClass(_reader);
            case '\\':
                return PatternCharacters.ReadEscape(_reader);
            case '.':
                _reader.TakeCharacter();
                return ~CharacterSet.Of("\n\r\u2028\u2029");
            default:
                return CharacterSet.Of(_reader.TakeCharacter());
        }
    }

    private (int Least, int Most)? ReadTimes()
    {
        (int, int)? times =
            _reader.TryTake("*") ? (0, RepeatNode.Unlimited)
            : _reader.TryTake("+") ? (1, RepeatNode.Unlimited)
            : _reader.TryTake("?") ? (0, 1)
            : _reader.At("{") ? ReadBounds()
            : null;
        if (times is not null)
        {
            // The lazy form matches the same texts.
            _reader.TryTake("?");
        }

        return times;
    }

    private (int Least, int Most) ReadBounds()
    {
        int start = _reader.Position;
        _reader.TryTake("{");
        int? least = _reader.TakeNumber();
        bool isRange = _reader.TryTake(",");
        int? most = isRange ? _reader.TakeNumber() : least;
        if (least is null || most < least || !_reader.TryTake("}"))
        {
            _reader.Position = start;
            throw _reader.Malformed("'{' begins no number of times");
        }

        if (least > MostTimes || most > MostTimes)
        {
            _reader.Position = start;
            throw _reader.Unsupported($"A part that is repeated more than {MostTimes:N0} times");
        }

        return (least.Value, most ?? RepeatNode.Unlimited);
    }
}
