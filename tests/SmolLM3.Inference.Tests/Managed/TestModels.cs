using System.Collections.Concurrent;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Synthetic;

namespace SmolLM3.Inference.Tests.Managed;

/// <summary>Small random models, each made once and kept open for the whole test run.</summary>
internal static class TestModels
{
    private static readonly ConcurrentDictionary<string, Lazy<GgufFile>> Files = new();

    /// <summary>Width 256, five layers (one without positions), four query heads to a KV head.</summary>
    public static GgufFile Small { get; } =
        Get("small", new SyntheticModelOptions { TensorType = GgufTensorType.Q8_0 });

    /// <summary>A model; sizes the options leave as they come are made small.</summary>
    public static GgufFile Get(string name, SyntheticModelOptions options) =>
        Files.GetOrAdd(name, _ => new Lazy<GgufFile>(() => GgufFile.Load(Write(Shrink(options))))).Value;

    /// <summary>A model in which some metadata or tensors are changed: null leaves one out.</summary>
    public static GgufFile Change(
        GgufFile file,
        Func<string, object, object?>? metadata = null,
        Func<GgufTensor, IReadOnlyList<long>?>? shape = null,
        Action<GgufWriter>? more = null)
    {
        GgufWriter writer = new();
        foreach ((string key, object value) in file.Metadata)
        {
            if ((metadata is null ? value : metadata(key, value)) is { } kept)
            {
                writer.Set(key, kept);
            }
        }

        foreach (GgufTensor tensor in file.Tensors)
        {
            if ((shape is null ? tensor.Dimensions : shape(tensor)) is { } kept)
            {
                long rows = kept.Skip(1).Aggregate(1L, (a, b) => a * b);
                long bytes = GgufTensorTypes.RowBytes(tensor.Type, kept[0]) * rows;
                writer.AddTensor(tensor.Name, tensor.Type, kept, stream => Copy(tensor, bytes, stream));
            }
        }

        more?.Invoke(writer);
        MemoryStream stream = new();
        writer.Write(stream);
        stream.Position = 0;
        return GgufFile.Load(stream);
    }

    private static unsafe void Copy(GgufTensor tensor, long bytes, Stream stream)
    {
        for (long at = 0; at < bytes; at++)
        {
            stream.WriteByte(tensor.Data[at % tensor.ByteLength]);
        }
    }

    private static SyntheticModelOptions Shrink(SyntheticModelOptions options)
    {
        SyntheticModelOptions usual = new();
        options.HiddenSize = Or(options.HiddenSize, usual.HiddenSize, 256);
        options.LayerCount = Or(options.LayerCount, usual.LayerCount, 5);
        options.HeadCount = Or(options.HeadCount, usual.HeadCount, 8);
        options.KeyValueHeadCount = Or(options.KeyValueHeadCount, usual.KeyValueHeadCount, 2);
        options.FeedForwardSize = Or(options.FeedForwardSize, usual.FeedForwardSize, 256);
        options.VocabularySize = Or(options.VocabularySize, usual.VocabularySize, 512);
        return options;

        static int Or(int size, int usual, int small) => size == usual ? small : size;
    }

    private static MemoryStream Write(SyntheticModelOptions options)
    {
        MemoryStream stream = new();
        SyntheticModel.Write(stream, options);
        stream.Position = 0;
        return stream;
    }
}
