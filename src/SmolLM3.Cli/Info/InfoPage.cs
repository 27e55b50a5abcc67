using Spectre.Console;

namespace SmolLM3.Cli.Info;

/// <summary>Facts of a model, for people.</summary>
internal static class InfoPage
{
    public static void Write(ModelFacts facts)
    {
        TokenizerFacts tokenizer = facts.Tokenizer;
        Grid grid = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn();
        Add("file", facts.File);
        Add("name", facts.Name ?? "not given");
        Add("architecture", facts.Architecture);
        Add("parameters", $"{facts.Parameters:N0}");
        Add("weights", $"{facts.WeightBytes:N0} bytes ({ByteText.Of(facts.WeightBytes)})");
        Add("layers", $"{facts.Layers}, {facts.LayersWithoutRotary} of them without rotary positions");
        Add("sizes", $"hidden {facts.HiddenSize:N0}, feed-forward {facts.FeedForwardSize:N0}");
        Add("heads", $"{facts.Heads} of {facts.HeadDimension}, {facts.KvHeads} for keys and values");
        Add("output head", facts.TiedEmbeddings ? "the embedding" : "its own");
        Add("trained context", $"{facts.TrainedContext:N0} tokens{Stretching(facts)}");
        Add("tokenizer", $"{tokenizer.Kind}, split by {tokenizer.Splitting}, {tokenizer.Merges:N0} merges");
        Add("vocabulary", $"{tokenizer.Vocabulary:N0} tokens, of them {tokenizer.ControlTokens:N0} control and "
            + $"{tokenizer.UserDefinedTokens:N0} user-defined");
        Add("begin, end, padding", $"{Of(tokenizer.Bos)}, {Of(tokenizer.Eos)}, {Of(tokenizer.Padding)}");
        Add("generation ends at", string.Join(", ", tokenizer.EndTokens.Select(Of)));
        Add("keys and values", $"{facts.KvBytesPer1000Tokens:N0} bytes per 1,000 tokens "
            + $"({ByteText.Of(facts.KvBytesPer1000Tokens)})");
        AnsiConsole.Write(grid);

        Table types = new Table().AddColumns("type", "tensors", "parameters", "bytes");
        foreach (TensorTypeFacts type in facts.TensorTypes)
        {
            types.AddRow(type.Type, $"{type.Tensors:N0}", $"{type.Parameters:N0}", ByteText.Of(type.Bytes));
        }

        AnsiConsole.Write(types);

        Table contexts = new Table().AddColumns("context", "keys and values", "with the weights", "");
        foreach (ContextFacts context in facts.Contexts)
        {
            contexts.AddRow(
                $"{context.Tokens:N0}", ByteText.Of(context.KvBytes), ByteText.Of(context.TotalBytes),
                context.YarnFactorNeeded is { } factor
                    ? $"beyond the trained length: needs YaRN, factor {factor:0.##}"
                    : "");
        }

        AnsiConsole.Write(contexts);

        void Add(string fact, string value) => grid.AddRow(new Text(fact), new Text(Visible.Of(value)));
    }

    private static string Stretching(ModelFacts facts) =>
        facts.YarnFactor is { } factor ? $", by YaRN of factor {factor:0.##}" : "";

    private static string Of(TokenizerFacts.TokenFacts? token) => token is null ? "none" : $"{token.Id} {token.Text}";
}
