using System.Text;
using SmolLM3.Extensions.Constraints.Grammars;
using SmolLM3.Extensions.Constraints.Masks;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Fuzz;

/// <summary>Writes texts of grammars, token by token, as chance has it.</summary>
internal sealed class GrammarWalk(Tokenizer tokenizer, int seed)
{
    // Beyond these, a text is brought to an end; and then given up.
    private const int Tokens = 250;
    private const int MostTokens = 600;

    private readonly Random _random = new(seed);
    private HashCode _fingerprint;

    /// <summary>Longest time of one token.</summary>
    public TimeSpan Longest { get; private set; }

    /// <summary>Equal for equal walks.</summary>
    public int Fingerprint => _fingerprint.ToHashCode();

    /// <summary>A text, or null where it did not come to an end.</summary>
    /// <exception cref="FindingException">A state leads nowhere.</exception>
    public string? Follow(CompiledGrammar grammar)
    {
        List<byte> text = [];
        Node state = grammar.Start;
        for (int count = 0; count < MostTokens; count++)
        {
            if (state.IsEnd || (state.IsNullable && (count > Tokens || _random.Next(8) == 0)))
            {
                return Decode(text);
            }

            BusyClock clock = new();
            int token;
            try
            {
                token = grammar.TryForce(state, out int settled) ? settled : Choose(grammar, state, count > Tokens);
                state = grammar.Step(state, token);
            }
            catch (GrammarTooComplexException)
            {
                // The request ends with it, and takes no other along.
                _fingerprint.Add("too complex");
                return null;
            }

            TimeSpan time = clock.Elapsed;
            Longest = time > Longest ? time : Longest;
            _fingerprint.Add(token);
            text.AddRange(tokenizer.GetBytes(token));
            if (state.IsDead)
            {
                throw new FindingException($"A token of the mask leads nowhere: {Encoding.UTF8.GetString([.. text])}");
            }
        }

        return null;
    }

    private int Choose(CompiledGrammar grammar, Node state, bool closes)
    {
        TokenMask mask = grammar.GetMask(state);
        _fingerprint.Add(mask.Count);
        int[] tokens = [.. Enumerable.Range(0, tokenizer.VocabularySize).Where(mask.Contains)];
        int[] closing = closes ? [.. tokens.Where(token => "\"]}".Contains((char)tokenizer.GetBytes(token)[0]))] : [];
        return closing.Length > 0 ? closing[_random.Next(closing.Length)]
            : tokens.Length > 0 ? tokens[_random.Next(tokens.Length)]
            : throw new FindingException("No token may come, nor the end.");
    }

    private static string Decode(List<byte> text)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString([.. text]);
        }
        catch (DecoderFallbackException error)
        {
            throw new FindingException($"The text is no UTF-8: {Convert.ToHexString([.. text])}", error);
        }
    }
}
