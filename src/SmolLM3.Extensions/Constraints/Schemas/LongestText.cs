using SmolLM3.Extensions.Constraints.Grammars;

namespace SmolLM3.Extensions.Constraints.Schemas;

/// <summary>How long the texts of a language can be.</summary>
internal static class LongestText
{
    /// <summary>A bound in bytes, and so in characters; <see cref="RepeatNode.Unlimited"/> for none.</summary>
    public static long Of(Node node)
    {
        long length = 0;
        for (; node is ConcatenationNode chain; node = chain.Tail)
        {
            length = Math.Min(length + Of(chain.Head), RepeatNode.Unlimited);
        }

        long last = node switch
        {
            EmptyNode => 0,
            ByteNode => 1,
            LiteralNode literal => literal.Length,
            AlternativeNode alternative => alternative.Options.Max(Of),
            RepeatNode { Most: < RepeatNode.Unlimited } repeat => repeat.Most * Of(repeat.Item),
            _ => RepeatNode.Unlimited,
        };
        return Math.Min(length + last, RepeatNode.Unlimited);
    }
}
