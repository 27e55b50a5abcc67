using System.Runtime.InteropServices;
using SmolLM3.Inference.Engine;

namespace SmolLM3.Extensions.Generation;

/// <summary>
/// Hands out the engine's sequences ("slots") and keeps what ended requests left in them, so that a prompt that begins
/// like an earlier one is computed from where they part. The least recently used leftover goes first when a slot or
/// room is needed. Who is computed with other adapters begins otherwise, whatever the tokens.
/// </summary>
/// <param name="engine">The engine. How many tokens a slot holds and by which adapters is asked of it, not kept
/// here.</param>
/// <param name="maxTokens">Most tokens of leftovers that are kept, each slot's own counted.</param>
/// <param name="evicted">Told of every leftover that goes; throws nothing.</param>
internal sealed class PrefixCache(IInferenceEngine engine, int maxTokens, Action? evicted = null)
{
    private readonly Slot[] _slots = new Slot[engine.Limits.MaxSequences];
    private readonly int[] _partings = new int[engine.Limits.MaxSequences];
    private long _clock;
    private long _partingsClock = -1;

    /// <summary>Finds a slot for a sequence, filled with as much of its beginning as any slot holds. Its last token is
    /// never among that: that one's logits are wanted.</summary>
    /// <param name="tokens">The sequence's tokens; may grow while it has the slot.</param>
    /// <param name="adapters">The adapters it is computed with.</param>
    /// <param name="slot">The slot.</param>
    /// <param name="stored">Tokens it already holds.</param>
    /// <returns>False when every slot is in use.</returns>
    public bool TryAcquire(List<int> tokens, AdapterSet adapters, out int slot, out int stored)
    {
        int source = FindLongestPrefix(CollectionsMarshal.AsSpan(tokens)[..^1], adapters, out stored);
        bool isLeftover = source >= 0 && !_slots[source].IsInUse;
        // A leftover that is wholly a beginning of the new sequence grows into it; others stay as they are if they can.
        bool isOutgrown = isLeftover && stored == engine.GetLength(source);
        slot = isOutgrown ? source : TakeEmpty(adapters, except: source);
        if (isLeftover && (slot < 0 || (slot != source && !TryCopy(source, slot, stored))))
        {
            slot = source;
        }
        else if (slot < 0)
        {
            return false;
        }
        else if (source >= 0 && !isLeftover && !TryCopy(source, slot, stored))
        {
            stored = 0;
        }

        engine.Truncate(slot, stored);
        _slots[slot] = new Slot(tokens, IsInUse: true, ++_clock);
        return true;
    }

    /// <summary>How many tokens a sequence would have to store, were it to start now.</summary>
    /// <param name="tokens">The sequence's tokens.</param>
    /// <param name="adapters">The adapters it is computed with.</param>
    /// <param name="room">Tokens there is room for beside what it would find stored, once leftovers have gone. No more
    /// than there will be: what a leftover may share with another slot is not counted.</param>
    public int CountMissing(List<int> tokens, AdapterSet adapters, out long room)
    {
        int source = FindLongestPrefix(CollectionsMarshal.AsSpan(tokens)[..^1], adapters, out int stored);
        FindPartings();
        room = engine.FreeTokens;
        for (int slot = 0; slot < _slots.Length; slot++)
        {
            if (_slots[slot] is { Tokens: not null, IsInUse: false })
            {
                int kept = slot == source ? Math.Max(stored, _partings[slot]) : _partings[slot];
                room += Math.Max(0, engine.GetLength(slot) - kept);
            }
        }

        return tokens.Count - stored;
    }

    /// <summary>Keeps what an ended sequence left in its slot.</summary>
    public void Retain(int slot)
    {
        _slots[slot] = engine.GetLength(slot) == 0 ? default : new Slot(_slots[slot].Tokens, IsInUse: false, ++_clock);
        Trim();
    }

    /// <summary>Gives a sequence that was saved a slot, as a leftover. One that is known already stays as it is.
    /// </summary>
    /// <param name="tokens">Its tokens; not changed afterwards.</param>
    /// <param name="adapters">The adapters it was computed with.</param>
    /// <param name="state">What the engine wrote for them.</param>
    /// <returns>False when those who run, or the limit of what is kept, leave no slot or no room.</returns>
    /// <exception cref="InvalidDataException">The engine cannot read it, or it is of another length.</exception>
    public bool TryRestore(List<int> tokens, AdapterSet adapters, Stream state)
    {
        int holder = FindLongestPrefix(CollectionsMarshal.AsSpan(tokens), adapters, out int known);
        if (known == tokens.Count)
        {
            _slots[holder] = _slots[holder] with { LastUsed = ++_clock };
            return true;
        }

        if (tokens.Count > maxTokens || tokens.Count > engine.FreeTokens + CountKept())
        {
            return false;
        }

        int slot = TakeEmpty(adapters, except: -1);
        while (engine.FreeTokens < tokens.Count && TryEvict())
        {
        }

        if (slot < 0 || !Load(slot, state, tokens.Count))
        {
            return false;
        }

        _slots[slot] = new Slot(tokens, IsInUse: false, ++_clock);
        Trim();
        return true;
    }

    /// <summary>Empties a slot.</summary>
    public void Release(int slot)
    {
        _slots[slot] = default;
        _clock++;
        engine.Truncate(slot, 0);
    }

    /// <summary>Empties the slot of the least recently used leftover.</summary>
    /// <returns>False when there is none.</returns>
    public bool TryEvict() => EvictOldest(except: -1) >= 0;

    /// <summary>Empties the slots of all leftovers that were computed with an adapter.</summary>
    public void Evict(int adapter)
    {
        for (int slot = 0; slot < _slots.Length; slot++)
        {
            if (_slots[slot] is { Tokens: not null, IsInUse: false } && engine.GetAdapters(slot).Contains(adapter))
            {
                Release(slot);
                evicted?.Invoke();
            }
        }
    }

    /// <summary>Empties all slots, in use or not.</summary>
    public void Clear()
    {
        Array.Clear(_slots);
        for (int slot = 0; slot < _slots.Length; slot++)
        {
            engine.Truncate(slot, 0);
        }
    }

    /// <summary>Throws when its books and the engine's disagree.</summary>
    public void CheckIntegrity()
    {
        for (int slot = 0; slot < _slots.Length; slot++)
        {
            int most = _slots[slot].Tokens?.Count ?? 0;
            if (engine.GetLength(slot) > most)
            {
                throw new InvalidOperationException(
                    $"PrefixCache: slot {slot} holds {engine.GetLength(slot)} tokens, of which {most} are known.");
            }
        }
    }

    // Leftovers make way for a copy: what it saves is wanted now.
    private bool TryCopy(int from, int to, int length)
    {
        while (!engine.CopyPrefix(from, to, length))
        {
            if (EvictOldest(except: from) < 0)
            {
                return false;
            }
        }

        return true;
    }

    // Where each leftover parts from every other slot: up to there they may share, and its going frees nothing.
    private void FindPartings()
    {
        if (_partingsClock == _clock)
        {
            return;
        }

        _partingsClock = _clock;
        for (int slot = 0; slot < _slots.Length; slot++)
        {
            _partings[slot] = 0;
            for (int other = 0; other < _slots.Length && _slots[slot] is { Tokens: not null, IsInUse: false }; other++)
            {
                if (other != slot && _slots[other].Tokens is not null)
                {
                    _partings[slot] = Math.Max(_partings[slot], Stored(slot).CommonPrefixLength(Stored(other)));
                }
            }
        }
    }

    private ReadOnlySpan<int> Stored(int slot)
    {
        ReadOnlySpan<int> tokens = CollectionsMarshal.AsSpan(_slots[slot].Tokens);
        return tokens[..Math.Min(tokens.Length, engine.GetLength(slot))];
    }

    private void Trim()
    {
        while (CountKept() > maxTokens)
        {
            TryEvict();
        }
    }

    private bool Load(int slot, Stream state, int tokens)
    {
        try
        {
            bool fits = engine.LoadSequence(slot, state);
            return !fits || engine.GetLength(slot) == tokens
                ? fits
                : throw new InvalidDataException(
                    $"It holds {engine.GetLength(slot)} tokens, where there should be {tokens}.");
        }
        catch
        {
            engine.Truncate(slot, 0);
            throw;
        }
    }

    private int FindLongestPrefix(ReadOnlySpan<int> tokens, AdapterSet adapters, out int length)
    {
        int longest = -1;
        length = 0;
        for (int slot = 0; slot < _slots.Length; slot++)
        {
            if (!engine.GetAdapters(slot).Equals(adapters))
            {
                continue;
            }

            int shared = tokens.CommonPrefixLength(Stored(slot));
            // Of equals a leftover: it may be used up.
            if (shared > length || (longest >= 0 && shared == length && _slots[longest].IsInUse))
            {
                (longest, length) = (slot, shared);
            }
        }

        return longest;
    }

    private long CountKept()
    {
        long tokens = 0;
        for (int slot = 0; slot < _slots.Length; slot++)
        {
            tokens += _slots[slot] is { Tokens: not null, IsInUse: false } ? engine.GetLength(slot) : 0;
        }

        return tokens;
    }

    private int TakeEmpty(AdapterSet adapters, int except)
    {
        int slot = Array.FindIndex(_slots, slot => slot.Tokens is null);
        slot = slot < 0 ? EvictOldest(except) : slot;
        if (slot >= 0)
        {
            engine.SetAdapters(slot, adapters);
        }

        return slot;
    }

    private int EvictOldest(int except)
    {
        int oldest = -1;
        for (int slot = 0; slot < _slots.Length; slot++)
        {
            bool isLeftover = _slots[slot] is { Tokens: not null, IsInUse: false };
            if (isLeftover && slot != except && (oldest < 0 || _slots[slot].LastUsed < _slots[oldest].LastUsed))
            {
                oldest = slot;
            }
        }

        if (oldest >= 0)
        {
            Release(oldest);
            evicted?.Invoke();
        }

        return oldest;
    }

    /// <param name="Tokens">What it holds begins with these; null: it is empty and free.</param>
    /// <param name="IsInUse">Whether a sequence runs in it.</param>
    /// <param name="LastUsed">When it was last handed out or given back.</param>
    private readonly record struct Slot(List<int>? Tokens, bool IsInUse, long LastUsed);
}
