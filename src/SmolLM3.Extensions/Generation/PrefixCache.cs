using System.Runtime.InteropServices;
using SmolLM3.Inference.Engine;

namespace SmolLM3.Extensions.Generation;

/// <summary>
/// Hands out the engine's sequences ("slots") and keeps what ended requests left in them, so that a prompt that begins
/// like an earlier one is computed from where they part. The least recently used leftover goes first when a slot or
/// room is needed.
/// </summary>
/// <param name="engine">The engine. How many tokens a slot holds is asked of it, not kept here.</param>
/// <param name="maxTokens">Most tokens of leftovers that are kept, each slot's own counted.</param>
internal sealed class PrefixCache(IInferenceEngine engine, int maxTokens)
{
    private readonly Slot[] _slots = new Slot[engine.Limits.MaxSequences];
    private long _clock;

    /// <summary>Finds a slot for a sequence, filled with as much of its beginning as any slot holds. Its last token is
    /// never among that: that one's logits are wanted.</summary>
    /// <param name="tokens">The sequence's tokens; may grow while it has the slot.</param>
    /// <param name="slot">The slot.</param>
    /// <param name="stored">Tokens it already holds.</param>
    /// <returns>False when every slot is in use.</returns>
    public bool TryAcquire(List<int> tokens, out int slot, out int stored)
    {
        int source = FindLongestPrefix(CollectionsMarshal.AsSpan(tokens)[..^1], out stored);
        bool isLeftover = source >= 0 && !_slots[source].IsInUse;
        // A leftover that is wholly a beginning of the new sequence grows into it; others stay as they are if they can.
        bool isOutgrown = isLeftover && stored == engine.GetLength(source);
        slot = isOutgrown ? source : FindEmpty();
        slot = slot < 0 ? Evict(except: source) : slot;
        if (isLeftover && (slot < 0 || (slot != source && !engine.CopyPrefix(source, slot, stored))))
        {
            slot = source;
        }
        else if (slot < 0)
        {
            return false;
        }
        else if (source >= 0 && !isLeftover && !engine.CopyPrefix(source, slot, stored))
        {
            stored = 0;
        }

        engine.Truncate(slot, stored);
        _slots[slot] = new Slot(tokens, IsInUse: true, ++_clock);
        return true;
    }

    /// <summary>Keeps what an ended sequence left in its slot.</summary>
    public void Retain(int slot)
    {
        _slots[slot] = engine.GetLength(slot) == 0 ? default : new Slot(_slots[slot].Tokens, IsInUse: false, ++_clock);
        while (CountKept() > maxTokens)
        {
            TryEvict();
        }
    }

    /// <summary>Gives a sequence that was saved a slot, as a leftover. One that is known already stays as it is.
    /// </summary>
    /// <param name="tokens">Its tokens; not changed afterwards.</param>
    /// <param name="state">What the engine wrote for them.</param>
    /// <returns>False when those who run leave no slot or no room.</returns>
    /// <exception cref="InvalidDataException">The engine cannot read it, or it is of another length.</exception>
    public bool TryRestore(List<int> tokens, Stream state)
    {
        int holder = FindLongestPrefix(CollectionsMarshal.AsSpan(tokens), out int known);
        if (known == tokens.Count)
        {
            _slots[holder] = _slots[holder] with { LastUsed = ++_clock };
            return true;
        }

        int slot = FindEmpty();
        slot = slot < 0 ? Evict(except: -1) : slot;
        while (engine.FreeTokens < tokens.Count && TryEvict())
        {
        }

        if (slot < 0 || !Load(slot, state, tokens.Count))
        {
            return false;
        }

        _slots[slot] = new Slot(tokens, IsInUse: false, ++_clock);
        return true;
    }

    /// <summary>Empties a slot.</summary>
    public void Release(int slot)
    {
        _slots[slot] = default;
        engine.Truncate(slot, 0);
    }

    /// <summary>Empties the slot of the least recently used leftover.</summary>
    /// <returns>False when there is none.</returns>
    public bool TryEvict() => Evict(except: -1) >= 0;

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

    private int FindLongestPrefix(ReadOnlySpan<int> tokens, out int length)
    {
        int longest = -1;
        length = 0;
        for (int slot = 0; slot < _slots.Length; slot++)
        {
            ReadOnlySpan<int> stored = CollectionsMarshal.AsSpan(_slots[slot].Tokens);
            int shared = tokens.CommonPrefixLength(stored[..Math.Min(stored.Length, engine.GetLength(slot))]);
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

    private int FindEmpty() => Array.FindIndex(_slots, slot => slot.Tokens is null);

    private int Evict(int except)
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
        }

        return oldest;
    }

    /// <param name="Tokens">What it holds begins with these; null: it is empty and free.</param>
    /// <param name="IsInUse">Whether a sequence runs in it.</param>
    /// <param name="LastUsed">When it was last handed out or given back.</param>
    private readonly record struct Slot(List<int>? Tokens, bool IsInUse, long LastUsed);
}
