using System.Text;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Managed;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Extensions.LLamaSharp;

/// <summary>Finds what llama.cpp does not refuse in a damaged or crafted file, but ends the process for, or reads beyond
/// its memory.</summary>
internal static class LlamaFileCheck
{
    private const string AlphaKey = "adapter.lora.alpha";
    private const string ScoresKey = "tokenizer.ggml.scores";

    /// <summary>Checks a model.</summary>
    /// <exception cref="GgufFormatException">It would not be survived.</exception>
    /// <exception cref="UnsupportedModelException">llama.cpp has no such variant.</exception>
    public static void Model(GgufFile file, ModelConfig config)
    {
        if (config.RopeDimensions != config.HeadDimension)
        {
            throw new UnsupportedModelException(
                $"{Source(file)}: llama.cpp rotates whole heads of {config.HeadDimension} numbers, not "
                + $"{config.RopeDimensions} of them. Use the pure C# engine for this file.");
        }

        RequireAlignment(file);
        TokenizerData tokenizer = TokenizerData.Read(file.Metadata);
        RequireDistinct(file, tokenizer.Tokens);
        RequireType(file, TokenizerData.KindsKey, value => value is int[] or uint[], "32-bit integers");
        RequireType(file, ScoresKey, value => value is float[], "32-bit floats");
    }

    /// <summary>Checks an adapter.</summary>
    /// <exception cref="GgufFormatException">It would not be survived.</exception>
    public static void Adapter(GgufFile file)
    {
        RequireAlignment(file);
        RequireType(file, AlphaKey, value => value is float, "a 32-bit float");
    }

    private static void RequireAlignment(GgufFile file) =>
        RequireType(file, GgufWriter.AlignmentKey, value => value is uint, "an unsigned 32-bit integer");

    private static void RequireDistinct(GgufFile file, GgufStringArray tokens)
    {
        // As Latin-1: bytes that are no UTF-8 stay different.
        HashSet<string> seen = new(tokens.Count);
        for (int id = 0; id < tokens.Count; id++)
        {
            if (!seen.Add(Encoding.Latin1.GetString(tokens[id])))
            {
                throw new GgufFormatException(
                    $"{Source(file)}: Token {id}, '{tokens.GetString(id)}', is there twice, which llama.cpp cannot run. "
                    + "Convert the file again, or use the pure C# engine.");
            }
        }
    }

    private static void RequireType(GgufFile file, string key, Predicate<object> holds, string what)
    {
        if (file.Metadata.TryGetValue(key, out object? value) && !holds(value))
        {
            throw new GgufFormatException(
                $"{Source(file)}: '{key}' must be {what} for llama.cpp, but is {value.GetType().Name}. Convert the file "
                + "again.");
        }
    }

    private static string Source(GgufFile file) => file.Path ?? "The stream";
}
