using System.Text;

namespace SmolLM3.Extensions.Chat;

/// <summary>
/// Collects the runs of a prompt. Only special tokens and replayed ids end a run: texts that touch become one, because
/// byte-pair merges cross the joint.
/// </summary>
internal sealed class ChatPromptBuilder
{
    private readonly List<PromptRun> _runs = [];
    private readonly List<int> _exchanges = [];
    private readonly StringBuilder _text = new();

    /// <summary>Where exchanges begin, as indices of the runs.</summary>
    public IReadOnlyList<int> Exchanges => _exchanges;

    /// <summary>Begins an exchange: a user message with everything up to the next one. A turn must follow.</summary>
    public ChatPromptBuilder BeginExchange()
    {
        EndRun();
        _exchanges.Add(_runs.Count);
        return this;
    }

    /// <summary>Adds text in which nothing is control, whatever it spells.</summary>
    public ChatPromptBuilder Text(string text)
    {
        _text.Append(text);
        return this;
    }

    /// <summary>Adds one special token.</summary>
    public ChatPromptBuilder Special(string token)
    {
        EndRun();
        _runs.Add(PromptRun.OfSpecial(token));
        return this;
    }

    /// <summary>Adds a turn the model generated.</summary>
    public ChatPromptBuilder Replay(IReadOnlyList<int> tokens, string text, bool dropThoughts)
    {
        EndRun();
        _runs.Add(PromptRun.OfReplay(tokens, text, dropThoughts));
        return this;
    }

    /// <summary>Opens a turn: <c>&lt;|im_start|&gt;role\n</c>.</summary>
    public ChatPromptBuilder BeginTurn(string role) => Special(SpecialTokenText.TurnStart).Text(role).Text("\n");

    /// <summary>Closes a turn: <c>&lt;|im_end|&gt;\n</c>.</summary>
    public ChatPromptBuilder EndTurn() => Special(SpecialTokenText.TurnEnd).Text("\n");

    /// <summary>Writes the empty thought that no_think mode puts before every assistant turn.</summary>
    public ChatPromptBuilder EmptyThought() =>
        Special(SpecialTokenText.ThoughtStart).Text("\n\n").Special(SpecialTokenText.ThoughtEnd).Text("\n");

    /// <summary>Returns the runs; the builder is spent.</summary>
    public IReadOnlyList<PromptRun> Build()
    {
        EndRun();
        return _runs;
    }

    private void EndRun()
    {
        if (_text.Length > 0)
        {
            _runs.Add(PromptRun.OfText(_text.ToString()));
            _text.Clear();
        }
    }
}
