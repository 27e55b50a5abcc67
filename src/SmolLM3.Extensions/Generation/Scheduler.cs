namespace SmolLM3.Extensions.Generation;

/// <summary>A sequence's part of a step.</summary>
/// <param name="Sequence">The sequence.</param>
/// <param name="Rows">How many of its pending tokens are computed, at least 1.</param>
internal readonly record struct Share(Sequence Sequence, int Rows);

/// <summary>
/// Decides who waits, who runs, and how many rows of a step each gets. Pure policy: it counts, and touches neither
/// threads nor the engine.
/// </summary>
/// <remarks>
/// <para>Requests start in order of arrival. No more run than a step has rows, and in a step everyone who runs gets one
/// row before anyone gets a second one: no stream ever waits for another's prompt longer than one step. What is left
/// is shared out evenly, and is kept small while someone is being answered.</para>
/// <para>While prompts fill the steps, newcomers wait for a few of them: what is stored by then they may share.</para>
/// </remarks>
/// <param name="maxRunning">Sequences the engine has.</param>
/// <param name="maxRows">Most rows of a step.</param>
/// <param name="maxPromptRows">Most rows beyond one each, while someone is being answered.</param>
internal sealed class Scheduler(int maxRunning, int maxRows, int maxPromptRows)
{
    // Both in order of arrival.
    private readonly List<Sequence> _waiting = [];
    private readonly List<Sequence> _running = [];

    // Steps a newcomer waits for full ones before it starts beside them.
    private const int MostStepsFull = 4;

    private int _stepsFull;

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
            bool full = _running.Count >= Math.Min(maxRunning, maxRows) || (_isTight && _running.Count > 0);
            return full || _waiting.Count == 0 || (RowsWanted >= RowsOfStep && _stepsFull < MostStepsFull)
                ? null
                : _waiting[0];
        }
    }

    private int RowsWanted
    {
        get
        {
            int rows = 0;
            foreach (Sequence sequence in _running)
            {
                rows = Math.Min(maxRows, rows + Math.Min(maxRows, sequence.Pending));
            }

            return rows;
        }
    }

    private int RowsOfStep
    {
        get
        {
            foreach (Sequence sequence in _running)
            {
                if (sequence.IsStreaming)
                {
                    return Math.Min(maxRows, _running.Count + maxPromptRows);
                }
            }

            return maxRows;
        }
    }

    /// <summary>Takes in a request.</summary>
    public void Enqueue(Sequence sequence) => Insert(_waiting, sequence);

    /// <summary>Lets a waiting sequence run.</summary>
    public void Start(Sequence sequence)
    {
        _waiting.Remove(sequence);
        Insert(_running, sequence);
        _stepsFull = 0;
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
    /// <param name="shares">Becomes everyone's part, in order of arrival; empty when nobody runs.</param>
    public void Plan(List<Share> shares)
    {
        shares.Clear();
        _stepsFull = _waiting.Count > 0 ? _stepsFull + 1 : 0;
        int hungry = 0;
        foreach (Sequence sequence in _running)
        {
            shares.Add(new Share(sequence, 1));
            hungry += sequence.Pending > 1 ? 1 : 0;
        }

        ShareOut(shares, RowsOfStep - _running.Count, hungry);
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
                (Sequence sequence, int given) = shares[i];
                int more = Math.Min(Math.Min(part, rows), sequence.Pending - given);
                shares[i] = new Share(sequence, given + more);
                rows -= more;
                hungry += given + more < sequence.Pending ? 1 : 0;
            }
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
