using System.Numerics;

namespace SmolLM3.Inference.Gguf;

/// <summary>Reads the head of a file: magic, version, metadata, the list of tensors. Data is not touched.</summary>
internal static class GgufParser
{
    private const uint Magic = 0x46554747;             // "GGUF"
    private const int ShortestPair = 8 + 4 + 1;        // empty key, kind, one byte
    private const int ShortestTensor = 8 + 4 + 8 + 4 + 8;
    private const int LongestName = ushort.MaxValue;   // the specification's limit for keys
    private const int MostDimensions = 4;

    // Four fields of a tensor's entry, kept until it is known where the data starts.
    private readonly record struct Entry(string Name, GgufTensorType Type, long[] Dimensions, ulong Offset);

    public static unsafe (uint Version, GgufMetadata Metadata, List<GgufTensor> Tensors) Parse(
        GgufMemory memory, string source)
    {
        var reader = new GgufReader(memory.Pointer, memory.Length, source);
        uint version = ReadVersion(ref reader);
        int tensorCount = reader.ReadCount(1, "the tensor count");
        int pairCount = reader.ReadCount(ShortestPair, "the metadata");
        if (tensorCount > reader.Remaining / ShortestTensor)
        {
            throw reader.Error(
                $"The tensor count is {tensorCount}, more than the {reader.Remaining} bytes left can hold");
        }

        GgufMetadata metadata = ReadMetadata(ref reader, pairCount);
        if (metadata.TryGetInt64("split.count", out long parts) && parts > 1)
        {
            throw new UnsupportedModelException(
                $"{source}: This is one of the {parts} parts of a split model. " +
                "Join them with 'llama-gguf-split --merge', or use a model in one file.");
        }

        long alignment = ReadAlignment(ref reader, metadata);
        List<Entry> entries = ReadEntries(ref reader, tensorCount);
        long start = (reader.Position + alignment - 1) & -alignment;
        List<GgufTensor> tensors = entries.ConvertAll(entry => Locate(entry, memory, start, alignment, source));
        return (version, metadata, tensors);
    }

    private static uint ReadVersion(ref GgufReader reader)
    {
        uint magic = reader.Read<uint>("the first four bytes");
        if (magic != Magic)
        {
            throw new GgufFormatException(
                $"{reader.Source}: This is not a GGUF file: it starts with the bytes {magic & 0xff:x2} " +
                $"{(magic >> 8) & 0xff:x2} {(magic >> 16) & 0xff:x2} {magic >> 24:x2}, not with 'GGUF'. " +
                "If it was downloaded, look inside: it may be an error page or a Git LFS pointer.");
        }

        uint version = reader.Read<uint>("the version");
        return version switch
        {
            2 or 3 => version,
            1 => throw new GgufFormatException(
                $"{reader.Source}: GGUF version 1 is not read (2 and 3 are). Convert the model again; files made " +
                "since October 2023 have version 3."),
            _ when version != 0 && (version & 0xffff) == 0 => throw new GgufFormatException(
                $"{reader.Source}: This GGUF file is big-endian. Use a little-endian file."),
            _ => throw new GgufFormatException(
                $"{reader.Source}: GGUF version {version} is not known (2 and 3 are read). " +
                "The file is damaged, or made for a newer version of this library."),
        };
    }

    private static GgufMetadata ReadMetadata(ref GgufReader reader, int count)
    {
        var values = new Dictionary<string, object>(StringComparer.Ordinal);
        for (int i = 0; i < count; i++)
        {
            string key = reader.ReadString("a metadata key", LongestName);
            object value = GgufValueReader.Read(ref reader, $"the metadata value '{key}'");
            if (!values.TryAdd(key, value))
            {
                throw reader.Error($"The metadata key '{key}' comes twice");
            }
        }

        return new GgufMetadata(values, reader.Source);
    }

    private static long ReadAlignment(ref GgufReader reader, GgufMetadata metadata)
    {
        if (!metadata.ContainsKey(GgufWriter.AlignmentKey))
        {
            return GgufWriter.DefaultAlignment;
        }

        long alignment = metadata.GetInt64(GgufWriter.AlignmentKey);
        return alignment is >= 8 and <= 1 << 30 && BitOperations.IsPow2(alignment)
            ? alignment
            : throw reader.Error($"{GgufWriter.AlignmentKey} is {alignment}; it must be a power of two from 8");
    }

    private static List<Entry> ReadEntries(ref GgufReader reader, int count)
    {
        var entries = new List<Entry>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < count; i++)
        {
            Entry entry = ReadEntry(ref reader);
            if (!names.Add(entry.Name))
            {
                throw reader.Error($"The tensor '{entry.Name}' comes twice");
            }

            entries.Add(entry);
        }

        return entries;
    }

    private static Entry ReadEntry(ref GgufReader reader)
    {
        string name = reader.ReadString("a tensor name", LongestName);
        string what = $"the entry of tensor '{name}'";
        uint rank = reader.Read<uint>(what);
        if (rank is 0 or > MostDimensions)
        {
            throw reader.Error($"The tensor '{name}' has {rank} dimensions; 1 to {MostDimensions} are allowed");
        }

        var dimensions = new long[rank];
        long elements = 1;
        foreach (ref long dimension in dimensions.AsSpan())
        {
            dimension = reader.Read<long>(what);

            // No file of 2^60 elements exists; below that, no later product of elements and bytes overflows.
            if (dimension <= 0 || dimension > (1L << 60) / elements)
            {
                throw reader.Error($"The tensor '{name}' has the impossible size {dimension}");
            }

            elements *= dimension;
        }

        var type = reader.Read<GgufTensorType>(what);
        if (!GgufTensorTypes.IsSupported(type))
        {
            throw new UnsupportedModelException(
                $"{reader.Source}: The tensor '{name}' is {GgmlTypeNames.Describe((uint)type)}, which is not " +
                $"supported. Use a Q4_K_M file (or any of {string.Join(", ", GgufTensorTypes.All)}).");
        }

        return dimensions[0] % GgufTensorTypes.BlockLength(type) == 0
            ? new Entry(name, type, dimensions, reader.Read<ulong>(what))
            : throw reader.Error(
                $"The tensor '{name}' of {type} has rows of {dimensions[0]} elements, " +
                $"not a multiple of {GgufTensorTypes.BlockLength(type)}");
    }

    private static GgufTensor Locate(Entry entry, GgufMemory memory, long start, long alignment, string source)
    {
        long left = Math.Max(memory.Length - start, 0);
        if (entry.Offset % (ulong)alignment != 0)
        {
            throw new GgufFormatException(
                $"{source}: The data of tensor '{entry.Name}' starts at offset {entry.Offset}, which is not a " +
                $"multiple of the file's alignment {alignment}. The file is damaged; fetch it again.");
        }

        // An offset past the end is made harmless by the clamp: no tensor is empty, so it fails the size check.
        long offset = (long)Math.Min(entry.Offset, (ulong)left);
        var tensor = new GgufTensor(memory, start + offset, entry.Name, entry.Type, entry.Dimensions);
        return tensor.ByteLength <= left - offset
            ? tensor
            : throw new GgufFormatException(
                $"{source}: The file ends inside tensor '{entry.Name}' (needs {tensor.ByteLength} bytes, has " +
                $"{left - offset}): the download is incomplete; fetch it again.");
    }
}
