using System.Text;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Extensions.Remote.Servers;

/// <summary>Tokens of text that a server sends without their ids: not always those the model chose, but the same
/// bytes.</summary>
/// <param name="tokenizer">The client's.</param>
internal sealed class TokenTexts(Tokenizer tokenizer)
{
    /// <summary>Tokens of what a text has in front of the tokens that came with it.</summary>
    /// <param name="text">All that is new; empty where the tokens have no text, as control tokens.</param>
    /// <param name="ids">The tokens that came.</param>
    /// <exception cref="FormatException">A token is none of the vocabulary.</exception>
    public IReadOnlyList<int> Missing(string text, IReadOnlyList<int> ids)
    {
        byte[] all = Encoding.UTF8.GetBytes(text);
        int known = 0;
        foreach (int id in ids)
        {
            known += (uint)id < (uint)tokenizer.VocabularySize
                ? tokenizer.GetBytes(id).Length
                : throw new FormatException($"Token {id} is outside the vocabulary of {tokenizer.VocabularySize}.");
        }

        if (all.Length <= known)
        {
            return [];
        }

        List<int> missing = [];
        tokenizer.Encode(all.AsSpan(0, all.Length - known), SpecialTokens.None, missing);
        return missing;
    }

    /// <summary>Tokens of a text: tags are taken for the tokens they look like, for nothing else tells them; control
    /// tokens are not, which a server does not show.</summary>
    public IReadOnlyList<int> Of(string text)
    {
        List<int> tokens = [];
        foreach (int id in tokenizer.Encode(text, SpecialTokens.All))
        {
            if (tokenizer.GetKind(id) == TokenKind.Control)
            {
                tokenizer.Encode(tokenizer.GetBytes(id), SpecialTokens.None, tokens);
            }
            else
            {
                tokens.Add(id);
            }
        }

        return tokens;
    }
}
