using System.Runtime.InteropServices;
using SmolLM3.Inference.Engine;

namespace SmolLM3.Extensions.Generation;

/// <summary>A sequence's part of a step.</summary>
/// <param name="Sequence">The sequence.</param>
/// <param name="Rows">How many of its pending tokens are computed, at least 1.</param>
/// <param name="Drafts">How many guesses are computed behind them.</param>
internal readonly record struct Share(Sequence Sequence, int Rows, int Drafts = 0);

/// <summary>
/// Decides who waits, who runs, and how many rows of a step each gets. Pure policy: it counts, and touches neither
/// threads nor the engine.
/// </summary>
/// <remarks>
/// <para>Requests start in order of arrival. No more run than a step has rows, and in a step everyone who runs gets one
/// row before anyone gets a second one: no stream ever waits for another's prompt longer than one step. What is left
/// is shared out evenly, so that a short prompt is not held up by a long one.</para>
/// <para>Who begins like a prompt that is being computed waits until that part is stored, and then shares it; who finds
/// no room waits until there is some. Others may start meanwhile, but not for ever: who was passed over often enough
/// waits for no part, and holds up those behind him until he has room.</para>
/// <para>Where the engine does not mix adapters, a step is for those of one set: the set of whoever waits longest for a
/// step. So sets take turns, and nobody waits for more steps than there are sets.</para>
/// </remarks>
/// <param name="maxRunning">Most sequences that run.</param>
/// <param name="maxRows">Most rows of a step.</param>
/// <param name="pace">How many rows a step may have.</param>
/// <param name="mixesAdapters">Whether a step may have rows of different adapters.</param>
internal sealed class Scheduler(int maxRunning, int maxRows, StepPace pace, bool mixesAdapters = true)
{
    // Both in order of arrival.
    private readonly List<Sequence> _waiting = [];
    private readonly List<Sequence> _running = [];

    // Prompts get these, and half a row for each who runs, whatever a step takes: they would never end.
    private const int LeastPromptRows = 4;

    // A part worth waiting for is computed in fewer turns than this. As far as that is looked ahead in the queue, too.
    private const int MostPassedOver = 32;

    private long _step;

    /// <summary>Those without a slot, in order of arrival.</summary>
    public IReadOnlyList<Sequence> Waiting => _waiting;

    /// <summary>Those with a slot, in order of arrival.</summary>
    public IReadOnlyList<Sequence> Running => _running;

    /// <summary>Who starts next, or null when nobody waits or may start now.</summary>
    /// <param name="hasRoom">Whether one who waits would find room. Who would run alone is not asked about.</param>
    public Sequence? FindNext(Func<Sequence, bool> hasRoom)
    {
        if (_running.Count >= Math.Min(maxRunning, maxRows))
        {
            return null;
        }

        for (int i = 0; i < Math.Min(_waiting.Count, MostPassedOver); i++)
        {
            Sequence sequence = _waiting[i];
            bool isOverdue = sequence.PassedOver >= MostPassedOver;
            if ((isOverdue || !IsBegunByAnother(sequence)) && (_running.Count == 0 || hasRoom(sequence)))
            {
                return sequence;
            }

            if (isOverdue)
            {
                return null;
            }
        }

        return null;
    }

    /// <summary>Whether someone is being answered: the next step is not for prompts alone.</summary>
    public bool IsMixed
    {
        get
        {
            foreach (Sequence sequence in _running)
            {
                if (sequence.IsStreaming)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>Takes in a request.</summary>
    public void Enqueue(Sequence sequence) => Insert(_waiting, sequence);

    /// <summary>Lets a waiting sequence run.</summary>
    public void Start(Sequence sequence)
    {
        int place = _waiting.IndexOf(sequence);
        for (int i = 0; i < place; i++)
        {
            _waiting[i].PassedOver++;
        }

        _waiting.RemoveAt(place);
        sequence.LastStep = _step;
        Insert(_running, sequence);
    }

    /// <summary>Takes the youngest sequence's turn away, so that others have room; it waits in its old place. A single
    /// one is never parked: it would gain nothing.</summary>
    /// <returns>The sequence, whose slot is to be emptied, or null.</returns>
    public Sequence? ParkYoungest()
    {
        if (_running.Count < 2)
        {
            return null;
        }

        Sequence youngest = _running[^1];
        _running.RemoveAt(_running.Count - 1);
        Insert(_waiting, youngest);
        return youngest;
    }

    /// <summary>Forgets a sequence that ended.</summary>
    public void Remove(Sequence sequence)
    {
        if (!_running.Remove(sequence))
        {
            _waiting.Remove(sequence);
        }
    }

    /// <summary>Plans a step.</summary>
    /// <param name="shares">Becomes everyone's part, guesses included, in order of arrival; empty when nobody runs. Of
    /// those of one set of adapters only, where they are not mixed.</param>
    public void Plan(List<Share> shares)
    {
        shares.Clear();
        _step++;
        AdapterSet? only = mixesAdapters ? null : FindLongestWaiting()?.Adapters;
        int hungry = 0;
        foreach (Sequence sequence in _running)
        {
            if (only is null || sequence.Adapters.Equals(only))
            {
                sequence.LastStep = _step;
                shares.Add(new Share(sequence, 1));
                hungry += sequence.Pending > 1 ? 1 : 0;
            }
        }

        int least = Math.Max(LeastPromptRows, shares.Count / 2);
        int more = Math.Max(pace.Rows(IsMixed) - shares.Count, least);
        ShareOut(shares, Math.Min(more, maxRows - shares.Count), hungry);
        PlanDrafts(shares);
    }

    private Sequence? FindLongestWaiting()
    {
        Sequence? longest = null;
        foreach (Sequence sequence in _running)
        {
            longest = longest is null || sequence.LastStep < longest.LastStep ? sequence : longest;
        }

        return longest;
    }

    private bool IsBegunByAnother(Sequence sequence)
    {
        // The last token's logits are wanted, so it is computed in any case.
        ReadOnlySpan<int> wanted = CollectionsMarshal.AsSpan(sequence.Tokens)[..^1];
        foreach (Sequence other in _running)
        {
            if (!other.IsStreaming
                && other.Adapters.Equals(sequence.Adapters)
                && wanted.CommonPrefixLength(CollectionsMarshal.AsSpan(other.Tokens)) > other.Stored)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Gives everyone who wants more an equal part, until nothing is left or wanted.</summary>
    private static void ShareOut(List<Share> shares, int rows, int hungry)
    {
        while (rows > 0 && hungry > 0)
        {
            int part = Math.Max(1, rows / hungry);
            hungry = 0;
            for (int i = 0; i < shares.Count; i++)
            {
                (Sequence sequence, int given, _) = shares[i];
                int more = Math.Min(Math.Min(part, rows), sequence.Pending - given);
                shares[i] = new Share(sequence, given + more);
                rows -= more;
                hungry += given + more < sequence.Pending ? 1 : 0;
            }
        }
    }

    /// <summary>Fills a small step up with guesses: weights are read for a few rows, and some more cost little.</summary>
    private void PlanDrafts(List<Share> shares)
    {
        int room = Math.Min(PromptDraft.MostTokens + 1, maxRows);
        foreach (Share share in shares)
        {
            room -= share.Rows;
        }

        for (int i = 0; i < shares.Count && room > 0; i++)
        {
            Share share = shares[i];
            int part = (room + shares.Count - i - 1) / (shares.Count - i);
            int drafts = share.Rows == share.Sequence.Pending ? share.Sequence.Guess(part) : 0;
            shares[i] = share with { Drafts = drafts };
            room -= drafts;
        }
    }

    /// <summary>Throws when its books are wrong.</summary>
    public void CheckIntegrity()
    {
        Check(_running.Count <= Math.Min(maxRunning, maxRows), "more run than may");
        Check(_waiting.TrueForAll(sequence => sequence is { Slot: -1, Stored: 0 }), "one who waits has a slot");
        Check(_running.TrueForAll(sequence => sequence is { Slot: >= 0, Pending: > 0 }), "one who runs has no work");
        foreach (List<Sequence> list in (List<Sequence>[])[_waiting, _running])
        {
            for (int i = 1; i < list.Count; i++)
            {
                Check(list[i - 1].Number < list[i].Number, "the order of arrival is broken");
            }
        }
    }

    private static void Insert(List<Sequence> list, Sequence sequence)
    {
        int place = list.Count;
        while (place > 0 && list[place - 1].Number > sequence.Number)
        {
            place--;
        }

        list.Insert(place, sequence);
    }

    private static void Check(bool holds, string what)
    {
        if (!holds)
        {
            throw new InvalidOperationException($"Scheduler: {what}.");
        }
    }
}
