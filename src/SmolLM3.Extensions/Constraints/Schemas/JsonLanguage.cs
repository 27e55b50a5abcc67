using SmolLM3.Extensions.Constraints.Grammars;
using SmolLM3.Extensions.Constraints.Numbers;

namespace SmolLM3.Extensions.Constraints.Schemas;

/// <summary>
/// JSON in one layout, that of Python's <c>json.dumps</c>: one blank after commas and colons and none elsewhere. The
/// model has seen it most, its output stays bounded, and text between values leaves no choice.
/// </summary>
internal sealed class JsonLanguage
{
    private const string ItemSeparator = ", ";
    private const string KeySeparator = ": ";

    /// <summary>How deep values nest of which nothing is said. Readers of JSON stop at 64.</summary>
    private const int AnyDepth = 20;

    private readonly Grammar _grammar;
    private readonly Node _anyCharacter;
    private readonly Node _plainCharacter;

    public JsonLanguage(Grammar grammar)
    {
        _grammar = grammar;
        _anyCharacter = JsonCharacters.Any(grammar);
        _plainCharacter = JsonCharacters.Of(grammar, CharacterSet.All);
        AnyString = String(grammar.Repeat(_anyCharacter, 0));
        Number = grammar.Atom(DecimalLanguage.Within(grammar, new NumberBounds()));
        Boolean = grammar.Either(grammar.Literal("true"), grammar.Literal("false"));
        Null = grammar.Literal("null");
        Node scalar = grammar.Either([AnyString, Number, Boolean, Null]);
        (Any, AnyObject, AnyArray) = (scalar, Object(grammar.End), Array(grammar.End));
        for (int depth = 0; depth < AnyDepth; depth++)
        {
            AnyObject = Object(List(Entry(AnyString, Any), 0, RepeatNode.Unlimited));
            AnyArray = Array(List(Any, 0, RepeatNode.Unlimited));
            Any = grammar.Either([AnyObject, AnyArray, scalar]);
        }
    }

    /// <summary>Any value.</summary>
    public Node Any { get; }

    public Node AnyObject { get; }

    public Node AnyArray { get; }

    public Node AnyString { get; }

    public Node Number { get; }

    public Node Boolean { get; }

    public Node Null { get; }

    /// <summary>So many characters (code points), in any form.</summary>
    public Node Characters(int least, int most) => _grammar.Repeat(_anyCharacter, least, most);

    /// <summary>So many characters, each in one form only.</summary>
    public Node Plain(int least, int most) => _grammar.Repeat(_plainCharacter, least, most);

    /// <summary>A string with such a content.</summary>
    public Node String(Node content) =>
        _grammar.Atom(_grammar.Concatenate(_grammar.Literal("\""), content, _grammar.Literal("\"")));

    /// <summary>A property.</summary>
    public Node Entry(Node name, Node value) => _grammar.Concatenate(name, _grammar.Literal(KeySeparator), value);

    /// <summary>A property with a fixed name.</summary>
    public Node Entry(string name, Node value) =>
        _grammar.Concatenate(_grammar.Literal(JsonCharacters.Quote(name) + KeySeparator), value);

    /// <summary>Something behind a separator.</summary>
    public Node Next(Node item) => _grammar.Concatenate(_grammar.Literal(ItemSeparator), item);

    /// <summary>Things with separators between them.</summary>
    public Node List(Node item, int least, int most)
    {
        if (most <= 0 || item.IsDead)
        {
            return least <= 0 ? _grammar.End : _grammar.Nothing;
        }

        int more = most == RepeatNode.Unlimited ? most : most - 1;
        Node some = _grammar.Concatenate(item, _grammar.Repeat(Next(item), Math.Max(least - 1, 0), more));
        return least <= 0 ? _grammar.Optional(some) : some;
    }

    public Node Object(Node entries) =>
        _grammar.Concatenate(_grammar.Literal("{"), entries, _grammar.Literal("}"));

    public Node Array(Node items) => _grammar.Concatenate(_grammar.Literal("["), items, _grammar.Literal("]"));
}
