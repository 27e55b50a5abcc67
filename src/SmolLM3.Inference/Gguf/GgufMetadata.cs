using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace SmolLM3.Inference.Gguf;

/// <summary>
/// The key-value pairs of a GGUF file. Values are boxed numbers and bools, <see cref="string"/>, arrays of numbers or
/// bools, <see cref="GgufStringArray"/>, and arrays of arrays as <see cref="object"/>[]. Numbers keep the file's own
/// type in the dictionary; the typed getters convert, as writers disagree about the width of integers.
/// TryGet methods answer false for a missing key and for a value of another kind; Get methods throw.
/// Immutable, and valid after the file is disposed.
/// </summary>
public sealed class GgufMetadata : IReadOnlyDictionary<string, object>
{
    private readonly Dictionary<string, object> _values;
    private readonly string _source;

    internal GgufMetadata(Dictionary<string, object> values, string source) => (_values, _source) = (values, source);

    /// <inheritdoc/>
    public IEnumerable<string> Keys => _values.Keys;

    /// <inheritdoc/>
    public IEnumerable<object> Values => _values.Values;

    /// <inheritdoc/>
    public int Count => _values.Count;

    /// <inheritdoc/>
    public object this[string key] => _values[key];

    /// <inheritdoc/>
    public bool ContainsKey(string key) => _values.ContainsKey(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out object value) => _values.TryGetValue(key, out value);

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, object>> GetEnumerator() => _values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>A string.</summary>
    public bool TryGetString(string key, [NotNullWhen(true)] out string? value)
        => (value = _values.GetValueOrDefault(key) as string) is not null;

    /// <summary>An integer of any width, if it fits.</summary>
    public bool TryGetInt64(string key, out long value)
        => GgufNumbers.TryToInt64(_values.GetValueOrDefault(key), out value);

    /// <summary>A number of any kind.</summary>
    public bool TryGetDouble(string key, out double value)
        => GgufNumbers.TryToDouble(_values.GetValueOrDefault(key), out value);

    /// <summary>A bool.</summary>
    public bool TryGetBool(string key, out bool value)
    {
        object? found = _values.GetValueOrDefault(key);
        value = found is true;
        return found is bool;
    }

    /// <summary>An array of strings.</summary>
    public bool TryGetStringArray(string key, [NotNullWhen(true)] out GgufStringArray? value)
        => (value = _values.GetValueOrDefault(key) as GgufStringArray) is not null;

    /// <summary>An array of integers of any width, as a new array.</summary>
    public bool TryGetInt64Array(string key, [NotNullWhen(true)] out long[]? value)
        => (value = GgufNumbers.ToInt64Array(_values.GetValueOrDefault(key))) is not null;

    /// <summary>An array of numbers of any kind, as a new array.</summary>
    public bool TryGetDoubleArray(string key, [NotNullWhen(true)] out double[]? value)
        => (value = GgufNumbers.ToDoubleArray(_values.GetValueOrDefault(key))) is not null;

    /// <inheritdoc cref="TryGetString"/>
    /// <exception cref="GgufFormatException">The key is missing or its value is of another kind.</exception>
    public string GetString(string key)
        => TryGetString(key, out string? value) ? value : throw Missing(key, "a string");

    /// <inheritdoc cref="TryGetInt64"/>
    /// <exception cref="GgufFormatException">The key is missing or its value is of another kind.</exception>
    public long GetInt64(string key) => TryGetInt64(key, out long value) ? value : throw Missing(key, "an integer");

    /// <summary>An integer of any width that fits 32 bits.</summary>
    /// <exception cref="GgufFormatException">The key is missing, its value is of another kind or too large.</exception>
    public int GetInt32(string key)
        => TryGetInt64(key, out long value) && value == (int)value
            ? (int)value
            : throw Missing(key, "a 32-bit integer");

    /// <inheritdoc cref="TryGetDouble"/>
    /// <exception cref="GgufFormatException">The key is missing or its value is of another kind.</exception>
    public double GetDouble(string key) => TryGetDouble(key, out double value) ? value : throw Missing(key, "a number");

    /// <inheritdoc cref="TryGetBool"/>
    /// <exception cref="GgufFormatException">The key is missing or its value is of another kind.</exception>
    public bool GetBool(string key) => TryGetBool(key, out bool value) ? value : throw Missing(key, "a bool");

    /// <inheritdoc cref="TryGetStringArray"/>
    /// <exception cref="GgufFormatException">The key is missing or its value is of another kind.</exception>
    public GgufStringArray GetStringArray(string key)
        => TryGetStringArray(key, out GgufStringArray? value) ? value : throw Missing(key, "an array of strings");

    /// <inheritdoc cref="TryGetInt64Array"/>
    /// <exception cref="GgufFormatException">The key is missing or its value is of another kind.</exception>
    public long[] GetInt64Array(string key)
        => TryGetInt64Array(key, out long[]? value) ? value : throw Missing(key, "an array of integers");

    /// <inheritdoc cref="TryGetDoubleArray"/>
    /// <exception cref="GgufFormatException">The key is missing or its value is of another kind.</exception>
    public double[] GetDoubleArray(string key)
        => TryGetDoubleArray(key, out double[]? value) ? value : throw Missing(key, "an array of numbers");

    private GgufFormatException Missing(string key, string wanted) => new(
        _values.TryGetValue(key, out object? found)
            ? $"{_source}: The metadata key '{key}' should be {wanted}, but is {GgufNumbers.Describe(found)}."
            : $"{_source}: The metadata key '{key}' ({wanted}) is missing. Use a file made by a current converter.");
}
