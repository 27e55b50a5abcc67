using Microsoft.ML.Tokenizers;
using SmolLM3.Extensions.Tokenizers;

namespace SmolLM3.Extensions;

/// <summary>Hands SmolLM3's tokenizer to libraries that take one of Microsoft.ML.Tokenizers.</summary>
public static class SmolLM3TokenizerExtensions
{
    /// <summary>The same tokenizer as a <see cref="Tokenizer"/>.</summary>
    /// <remarks>
    /// <para>Thread-safe, usable as long as what it is made from, and as lazy: nothing is read before the first
    /// call.</para>
    /// <para>Special tokens are never matched in a text, nothing is normalized, and whether pre-tokenization is asked for
    /// makes no difference: the model knows no other way. Where a character is split into several tokens, each has the
    /// range of the whole character; a limit of tokens never cuts a character, and must be at least 1.</para>
    /// </remarks>
    /// <param name="tokenizer">From <c>chatClient.GetService&lt;ISmolLM3Tokenizer&gt;()</c>.</param>
    public static Tokenizer AsMLTokenizer(this ISmolLM3Tokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        return new MLTokenizer(tokenizer);
    }
}
