using System.Runtime.InteropServices;

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
/// <para>Who begins like a prompt that is being computed waits until that part is stored, and then shares it. Others
/// may start meanwhile, but not for ever: who was passed over often enough waits no longer.</para>
/// </remarks>
/// <param name="maxRunning">Most sequences that run.</param>
/// <param name="maxRows">Most rows of a step.</param>
/// <param name="pace">How many rows a step may have.</param>
internal sealed class Scheduler(int maxRunning, int maxRows, StepPace pace)
{
    // Both in order of arrival.
    private readonly List<Sequence> _waiting = [];
    private readonly List<Sequence> _running = [];

    // Prompts get these, and half a row for each who runs, whatever a step takes: they would never end.
    private const int LeastPromptRows = 4;

    // A part worth waiting for is computed in fewer turns than this.
    private const int MostPassedOver = 32;

    // Someone was parked for lack of room: nobody starts until someone ends, or the parked one would start and be
    // parked again for ever.
    private bool _isTight;

    /// <summary>Those without a slot, in order of arrival.</summary>
    public IReadOnlyList<Sequence> Waiting => _waiting;

    /// <summary>Those with a slot, in order of arrival.</summary>
    public IReadOnlyList<Sequence> Running => _running;

    /// <summary>Who starts next, or null when nobody waits or may start now.</summary>
    public Sequence? Next
    {
        get
        {
            if (_running.Count >= Math.Min(maxRunning, maxRows) || (_isTight && _running.Count > 0))
            {
                return null;
            }

            foreach (Sequence sequence in _waiting)
            {
                if (sequence.PassedOver >= MostPassedOver || !IsBegunByAnother(sequence))
                {
                    return sequence;
                }
            }

            return null;
        }
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
        _isTight = true;
        return youngest;
    }

    /// <summary>Forgets a sequence that ended.</summary>
    public void Remove(Sequence sequence)
    {
        if (_running.Remove(sequence))
        {
            _isTight = false;
        }
        else
        {
            _waiting.Remove(sequence);
        }
    }

    /// <summary>Plans a step.</summary>
    /// <param name="shares">Becomes everyone's part, guesses included, in order of arrival; empty when nobody runs.</param>
    public void Plan(List<Share> shares)
    {
        shares.Clear();
        int hungry = 0;
        foreach (Sequence sequence in _running)
        {
            shares.Add(new Share(sequence, 1));
            hungry += sequence.Pending > 1 ? 1 : 0;
        }

        int least = Math.Max(LeastPromptRows, _running.Count / 2);
        int more = Math.Max(pace.Rows(IsMixed) - _running.Count, least);
        ShareOut(shares, Math.Min(more, maxRows - _running.Count), hungry);
        PlanDrafts(shares);
    }

    private bool IsBegunByAnother(Sequence sequence)
    {
        // The last token's logits are wanted, so it is computed in any case.
        ReadOnlySpan<int> wanted = CollectionsMarshal.AsSpan(sequence.Tokens)[..^1];
        foreach (Sequence other in _running)
        {
            if (!other.IsStreaming
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
