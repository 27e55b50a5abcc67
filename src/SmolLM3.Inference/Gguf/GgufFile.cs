using System.Diagnostics.CodeAnalysis;

namespace SmolLM3.Inference.Gguf;

/// <summary>
/// A GGUF model file, version 2 or 3, little-endian. Opening reads only the head; tensor data stays where it is until
/// it is used. All members may be used from any thread. Whoever opened it disposes it, after the engines on it.
/// </summary>
public sealed class GgufFile : IDisposable
{
    private readonly GgufMemory _memory;
    private readonly Dictionary<string, GgufTensor> _byName;

    private GgufFile(GgufMemory memory, string? path)
    {
        (_memory, Path) = (memory, path);
        (Version, Metadata, List<GgufTensor> tensors) = GgufParser.Parse(memory, Source);
        Tensors = tensors.AsReadOnly();
        Length = memory.Length;
        _byName = tensors.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
    }

    /// <summary>Where it was opened from; null when it was loaded from a stream.</summary>
    public string? Path { get; }

    /// <summary>Version of the format, 2 or 3.</summary>
    public uint Version { get; }

    /// <summary>Bytes of the whole file.</summary>
    public long Length { get; }

    /// <summary>The key-value pairs.</summary>
    public GgufMetadata Metadata { get; }

    /// <summary>The tensors in the order of the file.</summary>
    public IReadOnlyList<GgufTensor> Tensors { get; }

    private string Source => Path ?? "The stream";

    /// <summary>
    /// Maps a file into memory. It must not be shortened or overwritten while it is open; replace a model by writing
    /// a new file and moving it into place.
    /// </summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="GgufFormatException">It is not a GGUF file, incomplete or damaged.</exception>
    /// <exception cref="UnsupportedModelException">A tensor type is not read, or the model is split.</exception>
    public static GgufFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var stream = new FileStream(
            path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
        MappedMemory memory;
        try
        {
            memory = stream.Length > 0
                ? new MappedMemory(stream)
                : throw new GgufFormatException($"{path}: The file is empty. The download failed; fetch it again.");
        }
        catch
        {
            stream.Dispose();
            throw;
        }

        return Create(memory, path);
    }

    /// <summary>Copies a stream from its position to its end into memory; it is not needed afterwards.</summary>
    /// <exception cref="GgufFormatException">It is not a GGUF file, incomplete or damaged.</exception>
    /// <exception cref="UnsupportedModelException">A tensor type is not read, or the model is split.</exception>
    public static GgufFile Load(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return Create(new CopiedMemory(stream), path: null);
    }

    /// <summary>Finds a tensor by name.</summary>
    public bool TryGetTensor(string name, [NotNullWhen(true)] out GgufTensor? tensor)
        => _byName.TryGetValue(name, out tensor);

    /// <summary>Finds a tensor by name.</summary>
    /// <exception cref="GgufFormatException">There is no such tensor.</exception>
    public GgufTensor GetTensor(string name)
        => TryGetTensor(name, out GgufTensor? tensor)
            ? tensor
            : throw new GgufFormatException(
                $"{Source}: The tensor '{name}' is missing. The file holds another model, or only part of one.");

    /// <summary>
    /// 32 hexadecimal digits that tell this file from others: another model, another quantization, a fine-tune. The
    /// same for every copy of the file. Reads the head and about a kilobyte of each tensor, not the whole file: it is
    /// no checksum.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The file was disposed.</exception>
    public string ComputeFingerprint() => GgufFingerprint.Compute(_memory, Tensors);

    /// <summary>Writes all of the file's bytes.</summary>
    internal unsafe void CopyTo(Stream destination)
    {
        const int piece = 1 << 20;
        for (long at = 0; at < Length; at += piece)
        {
            destination.Write(new ReadOnlySpan<byte>(_memory.Pointer + at, (int)Math.Min(piece, Length - at)));
        }
    }

    /// <summary>Unmaps the file. Its tensors cannot be read any more; its metadata can.</summary>
    public void Dispose() => _memory.Dispose();

    private static GgufFile Create(GgufMemory memory, string? path)
    {
        try
        {
            return new GgufFile(memory, path);
        }
        catch
        {
            memory.Dispose();
            throw;
        }
    }
}
