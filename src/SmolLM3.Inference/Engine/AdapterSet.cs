using System.Globalization;

namespace SmolLM3.Inference.Engine;

/// <summary>The adapters a sequence is computed with, each with its scale, in the order in which they are added. Equal
/// by value, the order included: keys and values are shared between sequences of equal sets only. Immutable.</summary>
public sealed class AdapterSet : IEquatable<AdapterSet>
{
    private readonly AdapterUse[] _uses;
    private readonly int _hash;

    /// <summary>Makes a set. Adapters of scale 0 add nothing and are left out.</summary>
    /// <exception cref="ArgumentException">An adapter comes twice, or a scale is not finite.</exception>
    public AdapterSet(params ReadOnlySpan<AdapterUse> uses)
    {
        List<AdapterUse> kept = [];
        HashCode hash = default;
        for (int i = 0; i < uses.Length; i++)
        {
            Check(uses[..i], uses[i]);
            if (uses[i].Scale != 0)
            {
                kept.Add(uses[i]);
                hash.Add(uses[i]);
            }
        }

        _uses = [.. kept];
        _hash = hash.ToHashCode();
        Uses = _uses.AsReadOnly();
    }

    /// <inheritdoc cref="AdapterSet(ReadOnlySpan{AdapterUse})"/>
    public AdapterSet(IEnumerable<AdapterUse> uses)
        : this(uses.ToArray().AsSpan())
    {
    }

    /// <summary>No adapter: the model as it is.</summary>
    public static AdapterSet None { get; } = new(ReadOnlySpan<AdapterUse>.Empty);

    /// <summary>The adapters, none of scale 0.</summary>
    public IReadOnlyList<AdapterUse> Uses { get; }

    /// <inheritdoc/>
    public bool Equals(AdapterSet? other) =>
        ReferenceEquals(this, other)
        || (other is not null && _hash == other._hash && _uses.AsSpan().SequenceEqual(other._uses));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as AdapterSet);

    /// <inheritdoc/>
    public override int GetHashCode() => _hash;

    /// <summary>"0 x 1, 2 x 0.5", or "none".</summary>
    public override string ToString() => _uses.Length == 0
        ? "none"
        : string.Join(", ", _uses.Select(use => string.Create(
            CultureInfo.InvariantCulture, $"{use.Adapter} x {use.Scale}")));

    /// <summary>Whether an adapter is among them.</summary>
    public bool Contains(int adapter)
    {
        foreach (AdapterUse use in _uses)
        {
            if (use.Adapter == adapter)
            {
                return true;
            }
        }

        return false;
    }

    private static void Check(ReadOnlySpan<AdapterUse> before, AdapterUse use)
    {
        if (!float.IsFinite(use.Scale))
        {
            throw new ArgumentException($"The scale of adapter {use.Adapter} is {use.Scale}; it must be finite.");
        }

        foreach (AdapterUse other in before)
        {
            if (other.Adapter == use.Adapter)
            {
                throw new ArgumentException($"Adapter {use.Adapter} comes twice; add its scales up.");
            }
        }
    }
}
