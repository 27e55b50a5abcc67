using SmolLM3.Extensions.Constraints.Grammars;

namespace SmolLM3.Extensions.Constraints.Schemas;

/// <summary>The inside of an object, built from its end: what may follow once the properties up to a place are decided,
/// by whether there is one yet and, where their number matters, by how many.</summary>
internal sealed class PropertyChain
{
    private readonly Grammar _grammar;
    private readonly JsonLanguage _json;
    private readonly Node _others;
    private readonly int _least;
    private readonly int _most;

    public PropertyChain(
        Grammar grammar,
        JsonLanguage json,
        List<(string Name, Node Value, bool IsRequired)> named,
        Node others,
        int least,
        int most)
    {
        (_grammar, _json, _others, _least, _most) = (grammar, json, others, least, most);

        // So many properties that no bound is met beyond: further ones need not be told apart.
        bool isCounted = least > 0 || most < RepeatNode.Unlimited;
        int counts = isCounted ? Math.Min(named.Count, Math.Max(least, most == RepeatNode.Unlimited ? 0 : most + 1)) + 1 : 2;
        Node[] after = [.. Enumerable.Range(0, counts).Select(count => Rest(isCounted, count))];
        for (int place = named.Count - 1; place >= 0; place--)
        {
            (string name, Node value, bool isRequired) = named[place];
            Node entry = json.Entry(name, value), next = json.Next(entry);
            Node[] before = new Node[counts];
            for (int count = 0; count < counts; count++)
            {
                int then = Math.Min(isCounted ? count + 1 : 1, counts - 1);
                Node with = grammar.Concatenate(count == 0 ? entry : next, after[then]);
                before[count] = isRequired ? with : grammar.Either(after[count], with);
            }

            after = before;
        }

        Node = after[0];
    }

    /// <summary>What stands between the braces.</summary>
    public Node Node { get; }

    private Node Rest(bool isCounted, int count)
    {
        if (!isCounted)
        {
            return count == 0
                ? _json.List(_others, 0, RepeatNode.Unlimited)
                : _grammar.Repeat(_json.Next(_others), 0);
        }

        int least = Math.Max(_least - count, 0);
        int most = _most == RepeatNode.Unlimited ? _most : _most - count;
        return most < 0 ? _grammar.Nothing
            : count == 0 ? _json.List(_others, least, most)
            : _grammar.Repeat(_json.Next(_others), least, most);
    }
}
