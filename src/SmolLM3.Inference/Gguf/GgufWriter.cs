using System.Numerics;
using System.Text;

namespace SmolLM3.Inference.Gguf;

/// <summary>
/// Writes a GGUF file: collect metadata and tensors, then write once. Tensor data comes from callbacks while writing,
/// so a file of many gigabytes needs no more memory than its largest piece. Not thread-safe.
/// </summary>
public sealed class GgufWriter
{
    /// <summary>Alignment of tensor data when a file does not say otherwise, bytes.</summary>
    public const int DefaultAlignment = 32;

    internal const string AlignmentKey = "general.alignment";

    private readonly record struct Tensor(
        string Name, GgufTensorType Type, long[] Dimensions, long Bytes, Action<Stream> Write);

    private readonly Dictionary<string, object> _metadata = new(StringComparer.Ordinal);
    private readonly List<Tensor> _tensors = [];
    private readonly uint _version;
    private readonly int _alignment;

    /// <summary>Starts a file.</summary>
    /// <param name="version">Version of the format, 2 or 3.</param>
    /// <param name="alignment">Alignment of tensor data in bytes: a power of two from 8.</param>
    public GgufWriter(uint version = 3, int alignment = DefaultAlignment)
    {
        if (version is not (2 or 3))
        {
            throw new ArgumentOutOfRangeException(nameof(version), version, "Versions 2 and 3 are written.");
        }

        if (alignment < 8 || !BitOperations.IsPow2(alignment))
        {
            throw new ArgumentOutOfRangeException(nameof(alignment), alignment, "A power of two from 8.");
        }

        (_version, _alignment) = (version, alignment);
        if (alignment != DefaultAlignment)
        {
            Set(AlignmentKey, (uint)alignment);
        }
    }

    /// <summary>Sets a metadata value, replacing an earlier one.</summary>
    /// <param name="key">The key, for example "general.name".</param>
    /// <param name="value">
    /// A number (byte to ulong, float, double), bool, <see cref="string"/>, an array of those,
    /// <see cref="GgufStringArray"/>, or an object array of arrays.
    /// </param>
    /// <exception cref="ArgumentException">
    /// The value is of another type, or another alignment than the writer's own.
    /// </exception>
    public GgufWriter Set(string key, object value)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        ArgumentNullException.ThrowIfNull(value);
        GgufValueWriter.Validate(value);
        if (key == AlignmentKey && (!GgufNumbers.TryToInt64(value, out long alignment) || alignment != _alignment))
        {
            throw new ArgumentException($"Tensors are aligned to {_alignment}; see the constructor.", nameof(value));
        }

        _metadata[key] = value;
        return this;
    }

    /// <summary>Adds a tensor; data is written in the order tensors were added.</summary>
    /// <param name="name">A name not used before.</param>
    /// <param name="type">Format of the elements.</param>
    /// <param name="dimensions">One to four sizes; the first is the row width, a multiple of the type's block.</param>
    /// <param name="write">Called once a <see cref="Write(Stream)"/>; must write exactly the tensor's bytes.</param>
    /// <exception cref="ArgumentException">The name is taken or the sizes do not fit the type.</exception>
    public GgufWriter AddTensor(
        string name, GgufTensorType type, IReadOnlyList<long> dimensions, Action<Stream> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(dimensions);
        ArgumentNullException.ThrowIfNull(write);
        if (dimensions.Count is 0 or > 4 || dimensions.Any(size => size < 1))
        {
            throw new ArgumentException($"'{name}' needs one to four sizes of at least 1.", nameof(dimensions));
        }

        if (_tensors.Exists(tensor => tensor.Name == name))
        {
            throw new ArgumentException($"There is a tensor '{name}' already.", nameof(name));
        }

        long bytes = GgufTensorTypes.RowBytes(type, dimensions[0]);
        foreach (long size in dimensions.Skip(1))
        {
            bytes = checked(bytes * size);
        }

        _tensors.Add(new Tensor(name, type, [.. dimensions], bytes, write));
        return this;
    }

    /// <summary>Adds a tensor whose data is in memory.</summary>
    /// <exception cref="ArgumentException">The name is taken or the sizes do not fit the type or the data.</exception>
    public GgufWriter AddTensor(string name, GgufTensorType type, IReadOnlyList<long> dimensions, byte[] data)
    {
        ArgumentNullException.ThrowIfNull(data);
        AddTensor(name, type, dimensions, stream => stream.Write(data));
        if (_tensors[^1].Bytes == data.Length)
        {
            return this;
        }

        string message = $"'{name}' takes {_tensors[^1].Bytes} bytes, not {data.Length}.";
        _tensors.RemoveAt(_tensors.Count - 1);
        throw new ArgumentException(message, nameof(data));
    }

    /// <summary>Writes the file beside its place and then moves it there: nobody ever sees half a file.</summary>
    /// <exception cref="InvalidOperationException">A callback did not write the bytes of its tensor.</exception>
    public void Write(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string part = path + ".part";
        try
        {
            using (var stream = new FileStream(part, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20))
            {
                Write(stream);
            }

            File.Move(part, path, overwrite: true);
        }
        catch
        {
            File.Delete(part);
            throw;
        }
    }

    /// <summary>Writes the file to a stream, from its position on.</summary>
    /// <exception cref="InvalidOperationException">A callback did not write the bytes of its tensor.</exception>
    public void Write(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var output = new CountingStream(stream);
        WriteHead(output);
        foreach (Tensor tensor in _tensors)
        {
            Pad(output);
            long start = output.Position;
            tensor.Write(output);
            if (output.Position - start != tensor.Bytes)
            {
                throw new InvalidOperationException(
                    $"'{tensor.Name}' takes {tensor.Bytes} bytes; its callback wrote {output.Position - start}.");
            }
        }

        Pad(output);
        output.Flush();
    }

    private void WriteHead(CountingStream output)
    {
        using var writer = new BinaryWriter(output, Encoding.UTF8, leaveOpen: true);
        writer.Write("GGUF"u8);
        writer.Write(_version);
        writer.Write((ulong)_tensors.Count);
        writer.Write((ulong)_metadata.Count);
        foreach ((string key, object value) in _metadata)
        {
            GgufValueWriter.WriteString(writer, key);
            GgufValueWriter.Write(writer, value);
        }

        long offset = 0;
        foreach (Tensor tensor in _tensors)
        {
            GgufValueWriter.WriteString(writer, tensor.Name);
            writer.Write(tensor.Dimensions.Length);
            foreach (long size in tensor.Dimensions)
            {
                writer.Write(size);
            }

            writer.Write((uint)tensor.Type);
            writer.Write(offset);
            offset += (tensor.Bytes + _alignment - 1) & -_alignment;
        }
    }

    private void Pad(CountingStream output)
    {
        long padding = -output.Position & (_alignment - 1);
        output.Write(new byte[padding]);
    }
}
