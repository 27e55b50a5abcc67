using System.Buffers;
using System.Text;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Extensions.Chat;

/// <summary>
/// Turns the runs of a prompt into ids. Text from outside goes through the tokenizer with no added token matched, so
/// whatever it spells it cannot become control.
/// </summary>
internal sealed class PromptEncoder(Tokenizer tokenizer)
{
    private readonly List<int> _ids = [];
    private readonly StringBuilder _text = new();

    /// <summary>Encodes a whole prompt.</summary>
    /// <param name="runs">The prompt.</param>
    /// <param name="marks">Indices of runs, ascending, each of a special token.</param>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="marked">Where in the ids the marked runs start.</param>
    /// <exception cref="UnsupportedModelException">The vocabulary has no tokens for turns.</exception>
    public static List<int> Encode(
        IReadOnlyList<PromptRun> runs, IReadOnlyList<int> marks, Tokenizer tokenizer, out int[] marked)
    {
        PromptEncoder encoder = new(tokenizer);
        marked = new int[marks.Count];
        int next = 0;
        for (int i = 0; i < runs.Count; i++)
        {
            if (next < marks.Count && marks[next] == i)
            {
                encoder.EndText();
                marked[next++] = encoder._ids.Count;
            }

            encoder.Add(runs[i]);
        }

        encoder.EndText();
        return encoder._ids;
    }

    private void Add(PromptRun run)
    {
        if (run.Replay is { } replay)
        {
            EndText();
            AddReplay(replay, run.DropsThoughts);
        }
        else if (run.IsSpecial && tokenizer.TryGetAddedToken(run.Text, out int id))
        {
            EndText();
            _ids.Add(id);
        }
        else if (run is { IsSpecial: true, Text: SpecialTokenText.TurnStart or SpecialTokenText.TurnEnd })
        {
            throw new UnsupportedModelException(
                $"The model's vocabulary has no special token {run.Text}, so it was not made for chat in SmolLM3's "
                + "format. Use an instruct model such as SmolLM3-3B, not a base model.");
        }
        else
        {
            // A tag the vocabulary does not know is a word like any other, and merges with its neighbours.
            _text.Append(run.Text);
        }
    }

    private void EndText()
    {
        if (_text.Length == 0)
        {
            return;
        }

        string text = _text.ToString();
        _text.Clear();
        byte[] utf8 = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(text.Length));
        int length = Encoding.UTF8.GetBytes(text, utf8);
        tokenizer.Encode(utf8.AsSpan(0, length), SpecialTokens.None, _ids);
        ArrayPool<byte>.Shared.Return(utf8);
    }

    private void AddReplay(IReadOnlyList<int> tokens, bool dropThoughts)
    {
        if (!dropThoughts)
        {
            _ids.AddRange(tokens);
            return;
        }

        OutputTags tags = new(tokenizer, readsCode: true);
        bool inThought = false;
        bool afterThought = false;
        bool inCode = false;
        foreach (int token in tokens)
        {
            OutputTag tag = tags.Find(token);
            if (!inCode && tag is OutputTag.ThoughtStart or OutputTag.ThoughtEnd)
            {
                inThought = tag == OutputTag.ThoughtStart;
                afterThought = !inThought;
            }
            else if (!inThought && !(afterThought && IsLineBreaks(token)))
            {
                // What code says of such tags is its text, as in what the parser gave out.
                inCode = tag == OutputTag.CodeStart || (inCode && tag != OutputTag.CodeEnd);
                afterThought = false;
                _ids.Add(token);
            }
        }
    }

    private bool IsLineBreaks(int token) => tokenizer.GetBytes(token).IndexOfAnyExcept((byte)'\n', (byte)'\r') < 0;
}
